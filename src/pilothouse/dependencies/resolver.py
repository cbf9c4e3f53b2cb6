"""From declared dependencies to exact versions (``internal/resolver``); asks a provider and does nothing itself."""

from __future__ import annotations

from pilothouse.charts.metadata import Dependency, encode_dependency
from pilothouse.dependencies.errors import NoVersionFits, RequirementInvalid
from pilothouse.golang.quoting import quote
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint, InvalidVersion
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from pilothouse.golang.kinds import YamlValue
else:
    Protocol = object

LOCAL = "file://"
REGISTRY = "oci://"


class Provider(Protocol):
    """Knows which versions there are."""

    def check_included(self, name: str) -> None:
        """Check that the folder ``charts/NAME`` is there.

        Raises:
            PilothouseError: It is not.
        """

    def check_folder(self, repository: str) -> None:
        """Check that a folder which is named as a repository is there.

        Raises:
            PilothouseError: It is not there.
        """

    def local_version(self, repository: str) -> str:
        """Return the version of the chart in a folder.

        Raises:
            PilothouseError: There is no chart.
        """

    def versions(self, dependency: Dependency, index: str) -> Sequence[str]:
        """Return the versions of a chart that an index knows and that can be fetched, newest first.

        Raises:
            PilothouseError: The index is not there or does not have the chart.
        """

    def tags(self, dependency: Dependency) -> Sequence[str]:
        """Return the versions of a chart in a registry, newest first."""


def resolve(
    requirements: Sequence[Dependency], indexes: Mapping[str, str], provider: Provider, *, helm: int = 4
) -> tuple[Dependency, ...]:
    """Return the exact versions that fit what is declared.

    Args:
        requirements: What is declared, repositories as URLs.
        indexes: The name of the index for each chart.
        provider: Knows which versions there are.
        helm: Whose rules to follow, Helm 2's among them.

    Raises:
        PilothouseError: A constraint is none, or nothing fits.
    """
    locked: list[Dependency] = []
    missing: list[str] = []
    names: list[str] = []
    for requirement in requirements:
        version = _version(requirement, indexes, provider, helm)
        if version is None:
            place = f"repository {quote(requirement.repository)}, version {quote(requirement.version)}"
            missing.append(f"{quote(requirement.name)} ({place})")
            names.append(requirement.name)
            continue
        locked.append(Dependency(name=requirement.name, repository=requirement.repository, version=version))
    if missing:
        text = (
            f"can't get a valid version for {len(missing)} subchart(s): {', '.join(missing)}. Make sure a matching "
            "chart version exists in the repo, or change the version constraint in Chart.yaml"
        )
        raise NoVersionFits(text, tuple(names))
    return tuple(locked)


def _version(requirement: Dependency, indexes: Mapping[str, str], provider: Provider, helm: int) -> str | None:
    """Return the version to take for one dependency, ``None`` when there is none."""
    repository = requirement.repository
    if helm == 2 and (not repository or repository.startswith(LOCAL)):
        # What lies in folders is compared with what is declared when it is packed.
        if repository:
            provider.check_folder(repository)
        else:
            provider.check_included(requirement.name)
        return requirement.version
    helm = max(helm, 3)
    try:
        constraint = Constraints.parse(requirement.version, helm=helm)
    except InvalidConstraint as error:
        start = f"dependency {quote(requirement.name)} has an invalid version/constraint format: "
        raise RequirementInvalid(start + error.message) from error
    if not repository:
        provider.check_included(requirement.name)
        return requirement.version
    if repository.startswith(LOCAL):
        found = provider.local_version(repository)
        return found if constraint.check(Version.parse(found, helm=helm)) else None
    index = indexes.get(requirement.name, "")
    if not index:
        return requirement.version
    if repository.startswith(REGISTRY):
        return _tagged(requirement, constraint, provider, helm)
    return _first(provider.versions(requirement, index), constraint, helm)


def _tagged(requirement: Dependency, constraint: Constraints, provider: Provider, helm: int) -> str:
    """Return the version of a chart in a registry; one that is written out in full is not looked up."""
    try:
        Version.parse(requirement.version, helm=helm)
    except InvalidVersion:
        return _first(provider.tags(requirement), constraint, helm) or requirement.version
    return requirement.version


def _first(versions: Sequence[str], constraint: Constraints, helm: int) -> str | None:
    for text in versions:
        try:
            version = Version.parse(text, helm=helm)
        except InvalidVersion:
            continue
        if constraint.check(version):
            return text
    return None


class _Object(dict[str, "YamlValue"]):
    """A JSON object whose fields keep their order, as those of a Go struct do."""

    __slots__ = ()
    go_type = "struct"
    go_kind = "struct"


def lock_digest(requirements: Sequence[Dependency], locked: Sequence[Dependency]) -> str:
    """Return the hash that ties a lock to what is declared (``HashReq``)."""
    return _digest([_objects(requirements), _objects(locked)])


def old_lock_digest(requirements: Sequence[Dependency]) -> str:
    """Return the hash that Helm 2 wrote (``HashV2Req``)."""
    return _digest({"dependencies": _objects(requirements)})


def _objects(dependencies: Sequence[Dependency]) -> list[YamlValue]:
    return [_Object(encode_dependency(one)) for one in dependencies]


def _digest(value: YamlValue) -> str:
    from hashlib import sha256

    from pilothouse.formats.json_text import encode

    return "sha256:" + sha256(encode(value).encode("utf-8", "surrogateescape")).hexdigest()
