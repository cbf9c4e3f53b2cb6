"""What can go wrong with a registry.

::

    ReferenceInvalid (Invalid)        a reference that no registry can have
    ManifestInvalid (Invalid)         an artefact that is no chart, or not as its digest says
    VersionMissing (NotFound)         no tag fits the version asked for
    ArtefactMissing (NotFound)        nothing with that tag or digest
    RegistryRefused (Denied)          credentials are missing or wrong
    RegistryFailed (Unreachable)      any other answer that is not the one wanted
    CredentialsInvalid (Invalid)      a file or helper of credentials that cannot be used
"""

from __future__ import annotations

from pilothouse.errors import Denied, Invalid, NotFound, Unreachable


class ReferenceInvalid(Invalid):
    """A reference that no registry can have (``errdef.ErrInvalidReference``)."""

    reference = "reference-invalid"

    def __init__(self, detail: str) -> None:
        super().__init__(f"invalid reference: {detail}" if detail else "invalid reference")


class ManifestInvalid(Invalid):
    """An artefact that is no chart, or whose content is not what its digest says."""

    reference = "manifest-invalid"


class VersionMissing(NotFound):
    """No tag fits the version asked for."""

    reference = "version-missing"


class ArtefactMissing(NotFound):
    """The registry has nothing with that tag or digest."""

    reference = "artefact-missing"


class RegistryRefused(Denied):
    """Credentials are missing or wrong.

    Attributes:
        answer: What a server of tokens said, empty where none did.
    """

    reference = "registry-refused"

    def __init__(self, message: str, *, hints: tuple[str, ...] = (), answer: str = "") -> None:
        super().__init__(message, hints=hints)
        self.answer = answer


class RegistryFailed(Unreachable):
    """The registry answered, but not with what was asked for.

    Attributes:
        status: HTTP status.
    """

    reference = "registry-failed"

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class CredentialsInvalid(Invalid):
    """A file or helper of credentials cannot be used."""

    reference = "credentials-invalid"
