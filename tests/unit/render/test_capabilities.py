"""Versions of Kubernetes are read as each Helm reads them."""

from __future__ import annotations

import pytest

from pilothouse.render.capabilities import default_capabilities, parse_kube_version
from pilothouse.render.errors import VersionInvalid
from pilothouse.values.subcharts import is_compatible


@pytest.mark.parametrize(
    ("text", "helm", "version", "normalized", "minor"),
    [
        ("1.30", 4, "v1.30", "v1.30", "30"),
        ("v1.30.5-gke.1", 4, "v1.30.5-gke.1", "v1.30.5", "30"),
        ("1.30.05", 4, "v1.30.05", "v1.30.5", "30"),
        (f"1.{'0' * 5000}7", 4, f"v1.{'0' * 5000}7", "v1.7", "7"),
        ("1.30", 3, "v1.30.0", "v1.30.0", "30"),
        ("1", 3, "v1.0.0", "v1.0.0", "0"),
        ("v1.30.5-gke.1", 3, "v1.30.5-gke.1", "v1.30.5-gke.1", "30"),
    ],
)
def test_versions(text: str, helm: int, version: str, normalized: str, minor: str) -> None:
    """What ``.Capabilities.KubeVersion`` shows for a version given."""
    parsed = parse_kube_version(text, helm=helm)
    assert (parsed.version, parsed.normalized, parsed.minor) == (version, normalized, minor)


@pytest.mark.parametrize(
    ("text", "helm", "message"),
    [
        ("abc", 4, 'could not parse "abc" as version'),
        ("1", 4, 'illegal version string "1"'),
        ("01.2", 4, 'illegal zero-prefixed version component "01" in "01.2"'),
        (
            f"1.{'9' * 5000}",
            4,
            (
                f'illegal non-numeric version component "{"9" * 5000}" in "1.{"9" * 5000}": '
                f'strconv.ParseUint: parsing "{"9" * 5000}": value out of range'
            ),
        ),
        ("abc", 3, "Invalid Semantic Version"),
    ],
)
def test_what_is_no_version(text: str, helm: int, message: str) -> None:
    """The reasons are those of the library each Helm uses."""
    with pytest.raises(VersionInvalid) as caught:
        parse_kube_version(text, helm=helm)
    assert caught.value.message == message


def test_defaults() -> None:
    """Without a cluster each Helm assumes its own Kubernetes."""
    three, four = default_capabilities(3), default_capabilities()
    assert (three.kube_version.version, len(three.api_versions)) == ("v1.31.0", 55)
    assert (four.kube_version.version, len(four.api_versions)) == ("v1.37.0", 57)
    assert "autoscaling/v2beta1" in three.api_versions
    assert "autoscaling/v2beta1" not in four.api_versions


@pytest.mark.parametrize(("wanted", "fits"), [(">=1.30.0", True), (">=99", False), ("nonsense", False)])
def test_ranges(wanted: str, fits: bool) -> None:  # noqa: FBT001 - rows of a table
    """A range that cannot be read fits nothing."""
    assert is_compatible(wanted, "v1.30.5") is fits
