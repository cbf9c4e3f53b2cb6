"""Dependencies are resolved to versions, and locks are tied to what is declared."""

from __future__ import annotations

import pytest

from pilothouse.charts.metadata import Dependency
from pilothouse.dependencies.resolver import lock_digest, old_lock_digest, resolve
from pilothouse.errors import Invalid, NotFound


class Known:
    """A provider out of tables."""

    def check_included(self, name: str) -> None:
        """Know one chart."""
        if name != "inside":
            raise NotFound(f"directory charts/{name} not found")

    def local_version(self, repository: str) -> str:
        """Know one folder."""
        assert repository == "file://x"
        return "1.5.0"

    def check_folder(self, repository: str) -> None:
        """Know one folder."""
        if repository != "file://x":
            raise NotFound(f"directory {repository} not found")

    def versions(self, dependency: Dependency, index: str) -> list[str]:
        """Know one index."""
        assert index == "index"
        del dependency
        return ["2.0.0-rc.1", "bad", "1.2.0", "1.1.0"]

    def tags(self, dependency: Dependency) -> list[str]:
        """Know one registry."""
        del dependency
        return ["3.1.0", "3.0.0"]


def locked(version: str, repository: str = "http://h", *, name: str = "a", helm: int = 4) -> str:
    """Return the version that one dependency is locked to."""
    requirement = Dependency(name=name, version=version, repository=repository, condition="x.y", alias="b")
    (found,) = resolve([requirement], {"a": "index"}, Known(), helm=helm)
    assert found == Dependency(name=name, repository=repository, version=found.version)
    return found.version


def test_versions_are_picked() -> None:
    """The newest that satisfies; what is written in full in a registry is not looked up."""
    assert locked("^1") == "1.2.0"
    assert locked(">1.0.0-0") == "2.0.0-rc.1"
    assert locked("*", "file://x") == "1.5.0"
    assert locked("3.0", "oci://r") == "3.0"
    assert locked("^3", "oci://r") == "3.1.0"
    assert locked("^9", "oci://r") == "^9"
    assert locked(">=7", "", name="inside") == ">=7"
    assert locked("^1", name="unknown") == "^1"


def test_helm_3_has_its_own_rule_for_prereleases() -> None:
    """There each comparison must name a pre-release."""
    assert locked(">1.0.0-0, <3") == "2.0.0-rc.1"
    assert locked(">1.0.0-0, <3", helm=3) == "1.2.0"


def test_helm_2_takes_what_folders_hold_as_it_is_declared() -> None:
    """Only when such a chart is packed its version is compared; a folder must be there, though."""
    assert locked("9", "file://x", helm=2) == "9"
    assert locked("not a range", "", name="inside", helm=2) == "not a range"
    with pytest.raises(NotFound, match="directory file://y not found"):
        locked("1", "file://y", helm=2)
    assert locked("^1", helm=2) == "1.2.0"


def test_what_cannot_be_resolved_is_told() -> None:
    """All that is missing is named at once."""
    with pytest.raises(Invalid, match='dependency "a" has an invalid version/constraint format: improper constraint'):
        locked("x y")
    with pytest.raises(NotFound, match="directory charts/other not found"):
        locked("1", "", name="other")
    requirements = [Dependency(name="a", version=v, repository=r) for v, r in (("9", "http://h"), (">2", "file://x"))]
    with pytest.raises(NotFound) as caught:
        resolve(requirements, {"a": "index"}, Known())
    assert caught.value.message.startswith(
        'can\'t get a valid version for 2 subchart(s): "a" (repository "http://h", version "9"), "a" (repository "file:'
    )


def test_digests_are_helm_s() -> None:
    """The example was made by the real program."""
    requirements = [
        Dependency(name="sub", version=">=0.1.0", repository="file://../sub"),
        Dependency(name="sub", version="0.1.0", repository="file://../sub", condition="s2.enabled", alias="s2"),
    ]
    exact = [Dependency(name="sub", version="0.1.0", repository="file://../sub")] * 2
    assert lock_digest(requirements, exact) == (
        "sha256:c8253108b09662408e2e669b3b3b43925922074080153f8c46816bed2002202a"
    )
    assert old_lock_digest(requirements) != lock_digest(requirements, exact)
