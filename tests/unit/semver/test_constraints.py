"""Constraints accept and refuse what Masterminds/semver does, with its reasons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint, SemverError
from pilothouse.semver.versions import Version


def _check(constraint: str, version: str, helm: int) -> str:
    try:
        parsed = Constraints.parse(constraint, helm=helm)
        return str(parsed.check(Version.parse(version, helm=helm))).lower()
    except SemverError as error:
        return f"ERR {error}"


def test_measured_results_of_both_helms(shared: Path) -> None:
    """Every constraint and version that was tried on the real Helms gives their result."""
    rows = json.loads((shared / "reference" / "helm4" / "vectors" / "semver.json").read_text())
    for row in rows:
        for helm, expected in ((3, row["v3"]), (4, row.get("v4", row["v3"]))):
            assert _check(row["constraint"], row["version"], helm) == expected, row


@pytest.mark.parametrize(
    ("constraint", "version", "helm3", "helm4"),
    [
        (">=1.0.0-0, <2.0.0", "1.5.0-rc.1", False, True),
        ("!=1.2.3", "1.2.4-rc1", True, False),
        ("1.2 - 1.4.5", "1.4.5", True, True),
        ("^0.0.3 || ~2", "2.9.9", True, True),
        (">1.2.x", "1.2.9", False, False),
        ("\t>=1.2,\n<2", "1.9.0", True, True),
    ],
)
def test_groups_and_prereleases(constraint: str, version: str, *, helm3: bool, helm4: bool) -> None:
    """One pre-release admits pre-releases to its group for Helm 4, to its comparison for Helm 3."""
    assert Constraints.parse(constraint, helm=3).check(Version.parse(version)) is helm3
    assert Constraints.parse(constraint, helm=4).check(Version.parse(version)) is helm4


@pytest.mark.parametrize("constraint", ["", "abc", "1,", ">1.0.0<2.0.0", "~~1", "1.0 || ", "1.2.3;<2"])
def test_malformed_constraints_are_quoted(constraint: str) -> None:
    """A malformed constraint fails with the group that is wrong, in quotes since Helm 4."""
    with pytest.raises(InvalidConstraint, match=r'^improper constraint: "'):
        Constraints.parse(constraint)
    with pytest.raises(InvalidConstraint, match=r'^improper constraint: (?!")'):
        Constraints.parse(constraint, helm=3)


@pytest.mark.parametrize(
    ("constraint", "version", "reasons"),
    [
        (">=2.0", "1.2", ['"1.2.0" is less than "2.0"']),
        ("<1 || ^0.2", "1.5.0-a", [
            '"1.5.0-a" is a prerelease version and the constraint is only looking for release versions',
        ]),
        ("=1.2.3", "1.2.4", ['"1.2.4" is not equal to "1.2.3"']),
        ("~1.2 >3", "2.0.0", [
            '"2.0.0" does not have same major version as "1.2"', '"2.0.0" is less than or equal to "3"',
        ]),
    ],
)  # fmt: skip
def test_validate_tells_why(constraint: str, version: str, reasons: list[str]) -> None:
    """A refused version comes with the reason of each comparison."""
    assert Constraints.parse(constraint).validate(Version.parse(version)) == (False, reasons)


def test_a_refusal_by_helm_3_has_no_quotes() -> None:
    """The older library names versions as they are."""
    reasons = Constraints.parse(">=2.0", helm=3).validate(Version.parse("1.2"))[1]
    assert reasons == ["1.2.0 is less than 2.0"]


@pytest.mark.parametrize(
    "constraint",
    [
        "1 " * 30_000 + ";",
        " " * 60_000 + "-",
        "1.2.3" + "  ,  1.2.3" * 20_000 + " !",
        "1" * 60_000 + " - ",
        "1 - " * 20_000,
    ],
)
def test_hostile_constraints_are_refused_quickly(constraint: str) -> None:
    """Reading a constraint takes time linear in its length."""
    with pytest.raises(InvalidConstraint):
        Constraints.parse(constraint)
