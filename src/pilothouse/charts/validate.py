"""What Chart.yaml must say, and in which words Helm refuses the rest (``chart.Metadata.Validate``)."""

from __future__ import annotations

from pilothouse.charts.archive import quoted
from pilothouse.charts.errors import MetadataInvalid
from pilothouse.charts.metadata import NULL_DEPENDENCY, NULL_MAINTAINER
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.metadata import Dependency, Maintainer, Metadata

_ALIAS_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_TYPES = ("", "application", "library")


def sanitize(text: str) -> str:
    """Return ``text`` with blanks for all white space and without what cannot be printed (``sanitizeString``)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if char.isspace() else char for char in text if char.isspace() or char.isprintable())


def validated(metadata: Metadata, *, helm: int = 4) -> Metadata:
    """Return ``metadata`` with its texts made harmless.

    Raises:
        MetadataInvalid: Something required is missing or not allowed.
    """
    clean = sanitized(metadata)
    if not clean.api_version:
        raise _invalid("chart.metadata.apiVersion is required")
    _check_name(clean.name, helm)
    if not clean.version:
        raise _invalid("chart.metadata.version is required")
    if not is_version(clean.version):
        raise _invalid(f"chart.metadata.version {quoted(clean.version)} is invalid")
    if clean.type not in _TYPES:
        raise _invalid("chart.metadata.type must be application or library")
    return clean.replace(
        maintainers=tuple(map(_maintainer, clean.maintainers)), dependencies=_dependencies(clean.dependencies)
    )


def sanitized(metadata: Metadata) -> Metadata:
    """Return ``metadata`` with its own texts made harmless, those of maintainers and dependencies left alone."""
    return metadata.replace(
        **{
            name: sanitize(getattr(metadata, name))
            for name in ("name", "description", "home", "icon", "condition", "tags", "app_version", "kube_version")
        },
        sources=tuple(map(sanitize, metadata.sources)),
        keywords=tuple(map(sanitize, metadata.keywords)),
    )


def is_version(text: str) -> bool:
    """Tell whether ``text`` is a version in the lenient sense (``semver.NewVersion``)."""
    try:
        Version.parse(text)
    except InvalidVersion:
        return False
    return True


def _invalid(text: str) -> MetadataInvalid:
    return MetadataInvalid(f"validation: {text}")


def _check_name(name: str, helm: int) -> None:
    if not name:
        raise _invalid("chart.metadata.name is required")
    if helm >= 4 and name in {".", ".."}:
        raise _invalid(f"chart.metadata.name {quoted(name)} is not allowed")
    if base_name(name) != name:
        raise _invalid(f"chart.metadata.name {quoted(name)} is invalid")


def base_name(path: str) -> str:
    """Return the last element of ``path`` (Go's ``filepath.Base``)."""
    if not path:
        return "."
    stripped = path.rstrip("/")
    return stripped.rpartition("/")[2] if stripped else "/"


def _maintainer(maintainer: Maintainer) -> Maintainer:
    if maintainer is NULL_MAINTAINER:
        raise _invalid("maintainers must not contain empty or null nodes")
    return maintainer.replace(
        name=sanitize(maintainer.name), email=sanitize(maintainer.email), url=sanitize(maintainer.url)
    )


def _dependencies(dependencies: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
    """Check each entry; an alias becomes part of paths, so it is restricted most (CVE-2020-15184)."""
    seen: set[str] = set()
    clean = []
    for cleaned in map(sanitized_dependency, dependencies):
        if not _ALIAS_CHARACTERS.issuperset(cleaned.alias):
            raise _invalid(f"dependency {quoted(cleaned.name)} has disallowed characters in the alias")
        key = cleaned.alias or cleaned.name
        if key in seen:
            raise _invalid(f"more than one dependency with name or alias {quoted(key)}")
        seen.add(key)
        clean.append(cleaned)
    return tuple(clean)


def sanitized_dependency(dependency: Dependency) -> Dependency:
    """Return a declared dependency with its texts made harmless.

    Raises:
        MetadataInvalid: It is an empty entry.
    """
    if dependency is NULL_DEPENDENCY:
        raise _invalid("dependencies must not contain empty or null nodes")
    return dependency.replace(
        name=sanitize(dependency.name),
        version=sanitize(dependency.version),
        repository=sanitize(dependency.repository),
        condition=sanitize(dependency.condition),
        tags=tuple(map(sanitize, dependency.tags)),
    )
