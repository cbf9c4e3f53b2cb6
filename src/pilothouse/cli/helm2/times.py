"""Times in Tiller's messages as Helm 2 prints them: in the local zone, without naming it (``timeconv.String``)."""

from __future__ import annotations

import time

from pilothouse.cli.output.times import ansic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.messages import Message


def shown(stamp: Message) -> str:
    """Return a ``google.protobuf.Timestamp`` as text."""
    return ansic(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.localtime(stamp.seconds)))


def shown_or(owner: Message, field: str, instead: str) -> str:
    """Return a field of the type Timestamp as text, ``instead`` when it is not set."""
    return shown(getattr(owner, field)) if owner.HasField(field) else instead
