"""References to artefacts: ``host/path/name:tag`` and ``host/path/name@digest`` (``registry.newReference``)."""

from __future__ import annotations

import re

from pilothouse.golang.quoting import quote
from pilothouse.records import Record
from pilothouse.sources.oci.errors import ReferenceInvalid

PREFIX = "oci://"

#: Each component has one way to match, so that no text makes the expression slow.
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._~-]+)(?::[0-9]*)?")
_DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]+")
_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


class Reference(Record):
    """Where an artefact is.

    Attributes:
        registry: Host, with its port if it has one.
        repository: Path of the artefact's repository.
        tag: Its tag, in which ``_`` stands for the ``+`` of a version.
        digest: Digest of its manifest; with one, the tag says nothing.
    """

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        base = f"{self.registry}/{self.repository}"
        if self.digest:
            return f"{base}@{self.digest}"
        return f"{base}:{self.tag}" if self.tag else base

    @property
    def target(self) -> str:
        """What a manifest is asked for by: digest or tag."""
        return self.digest or self.tag

    @property
    def name(self) -> str:
        """The last part of the repository, which is the chart's name."""
        return self.repository.rpartition("/")[2]

    @property
    def host(self) -> str:
        """The host that serves the registry (``registry.Reference.Host``)."""
        return "registry-1.docker.io" if self.registry == "docker.io" else self.registry


def is_oci(text: str) -> bool:
    """Return whether a chart's reference names a registry (``registry.IsOCI``)."""
    return text.startswith(PREFIX)


def parse(text: str) -> Reference:
    """Return the reference that ``text`` writes, with or without ``oci://``; a ``+`` in the tag becomes ``_``.

    Raises:
        ReferenceInvalid: No registry can have it.
    """
    raw, at, digest = text.removeprefix(PREFIX).rpartition("@")
    if not at:
        raw, digest = digest, ""
    registry, slash, path = raw.partition("/")
    if not slash:
        raise ReferenceInvalid("missing registry or repository")
    repository, colon, tag = path.partition(":")
    tag = tag.replace("+", "_")
    check_registry(registry)
    if not _REPOSITORY.fullmatch(repository):
        raise ReferenceInvalid(f"invalid repository {quote(repository)}")
    if colon and tag and not _TAG.fullmatch(tag):
        raise ReferenceInvalid(f"invalid tag {quote(tag)}")
    if at:
        check_digest(digest)
    return Reference(registry=registry, repository=repository, tag=tag, digest=digest)


def check_registry(registry: str) -> None:
    """Check that ``registry`` is a host, perhaps with a port.

    Raises:
        ReferenceInvalid: It is not.
    """
    if not _HOST.fullmatch(registry):
        raise ReferenceInvalid(f"invalid registry {quote(registry)}")


def check_digest(digest: str) -> None:
    """Check that ``digest`` is one of the algorithms that registries use (``digest.Digest.Validate``).

    Raises:
        ReferenceInvalid: It is not.
    """
    algorithm, _, checksum = digest.partition(":")
    problem = ""
    if not _DIGEST.fullmatch(digest):
        problem = "invalid checksum digest format"
    elif algorithm not in _LENGTHS:
        problem = "unsupported digest algorithm"
    elif len(checksum) != _LENGTHS[algorithm]:
        problem = "invalid checksum digest length"
    elif not re.fullmatch("[a-f0-9]+", checksum):
        problem = "invalid checksum digest format"
    if problem:
        raise ReferenceInvalid(f"invalid digest {quote(digest)}: {problem}")
