"""The stored form of a Helm 2 release: base64 of gzip of the protobuf message, and its labels."""

from __future__ import annotations

import base64

from pilothouse.hapi.convert import STATUSES, TillerRelease, release_from, release_message, status_name
from pilothouse.hapi.messages import ReleaseMessage, StatusMessage, parse, serialize
from pilothouse.releases.store import RecordSummary
from pilothouse.storage.packing import compress, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release

OWNER = "TILLER"
#: The annotation of records that are being made.
MARK = "pilothouse.dev/tiller"


def record_key(name: str, revision: int) -> str:
    """Return the key of a revision, which is the name of its object."""
    return f"{name}.v{revision}"


def encode(release: Release) -> str:
    """Return the text in which a release is stored (``driver.encodeRelease``)."""
    return base64.b64encode(compress(serialize(release_message(release)))).decode("ascii")


def decode(text: str | bytes) -> TillerRelease:
    """Return a stored release; very old records are not compressed (``driver.decodeRelease``).

    Raises:
        Invalid: It is no record, or far too long.
    """
    return release_from(parse(ReleaseMessage, unpack(text)))


def record_labels(release: Release, stamp: str, seconds: int) -> dict[str, str]:
    """Return the labels of a record.

    Args:
        release: The release.
        stamp: ``CREATED_AT`` or ``MODIFIED_AT``.
        seconds: The time in seconds since 1970.
    """
    return {
        stamp: str(seconds),
        "NAME": release.name,
        "OWNER": OWNER,
        "STATUS": status_name(release.info.status),
        "VERSION": str(release.revision),
    }


_STATUSES_BY_NAME = {
    value.name: STATUSES[value.number] for value in StatusMessage.DESCRIPTOR.enum_types_by_name["Code"].values
}


def summary_of(metadata: Mapping[str, YamlValue]) -> RecordSummary | None:
    """Return what the metadata of a stored object says of its release, none when it is no record of Tiller's."""
    labels = metadata.get("labels") or {}
    version = str(labels.get("VERSION") or "")
    if not labels.get("NAME") or not version.isdecimal():
        return None
    return RecordSummary(
        name=str(labels["NAME"]),
        namespace=str(metadata.get("namespace") or ""),
        revision=int(version),
        status=_STATUSES_BY_NAME.get(str(labels.get("STATUS")), STATUSES[0]),
        labels=dict(labels),
    )
