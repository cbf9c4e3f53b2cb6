"""Checking who made an archive (``helm verify``)."""

from __future__ import annotations

from pilothouse.actions.signing import given_path
from pilothouse.clock import Clock
from pilothouse.sources.provenance import Verification, verify_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment


def verify(environment: Environment, path: str, keyring: str, *, clock: Clock | None = None) -> Verification:
    """Return who signed the archive of a chart, from the provenance file beside it.

    Args:
        environment: Says which Helm generation is followed.
        path: The archive.
        keyring: File of the keys that are trusted.
        clock: Tells the time, for keys and signatures that expire.

    Raises:
        PilothouseError: It is not signed, not as it is, or not with any of the keys.
    """
    return verify_file(
        given_path(environment, path),
        given_path(environment, keyring),
        now=(clock or Clock()).now(),
        helm=environment.compatibility,
    )
