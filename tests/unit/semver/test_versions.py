"""Versions are read, ordered and printed as Masterminds/semver does."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version


@pytest.mark.parametrize(
    ("text", "printed"),
    [("1", "1.0.0"), ("v1.2", "1.2.0"), ("01.02.3", "1.2.3"), ("1.2.3-a.1+b-c", "1.2.3-a.1+b-c")],
)
def test_lenient_versions_are_completed(text: str, printed: str) -> None:
    """A leading v, missing parts and leading zeros are accepted, and the original text is kept."""
    version = Version.parse(text)
    assert str(version) == printed
    assert version.original == text


@pytest.mark.parametrize(
    ("text", "helm4", "helm3"),
    [
        ("", "invalid semantic version", "Invalid Semantic Version"),
        ("1.2.3.4", "invalid semantic version", "Invalid Semantic Version"),
        ("1.2.3\n", "invalid semantic version", "Invalid Semantic Version"),
        ("1.2.3-01", "version segment starts with 0", "Version segment starts with 0"),
        (
            "99999999999999999999",
            'error parsing version segment: strconv.ParseUint: parsing "99999999999999999999": value out of range',
            'Error parsing version segment: strconv.ParseUint: parsing "99999999999999999999": value out of range',
        ),
    ],
)
def test_errors_have_the_text_of_either_helm(text: str, helm4: str, helm3: str) -> None:
    """A bad version fails with the words of the Helm asked for."""
    for helm, message in ((4, helm4), (3, helm3)):
        with pytest.raises(InvalidVersion) as failure:
            Version.parse(text, helm=helm)
        assert str(failure.value) == message
        assert failure.value.text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "version string empty"),
        ("1.2", "invalid semantic version"),
        ("v1.2.3", "invalid characters in version"),
        ("1.02.3", "version segment starts with 0"),
        ("1.2.3-", "invalid prerelease string"),
        ("1.2.3+a_b", "invalid metadata string"),
        ("1..3", 'strconv.ParseUint: parsing "": invalid syntax'),
    ],
)
def test_strict_versions_follow_the_specification(text: str, message: str) -> None:
    """What the specification does not allow is refused with the reason."""
    with pytest.raises(InvalidVersion, match=message.replace("(", "\\(")):
        Version.parse_strict(text)


def test_precedence_follows_the_specification() -> None:
    """Pre-releases come before their release, numbers before words, and metadata does not count."""
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"]
    versions = [Version.parse(text) for text in texts]
    assert all(low < high for low, high in pairwise(versions))
    assert Version.parse("1.0.0+a") == Version.parse("1.0.0+b")


def test_increments_drop_what_no_longer_holds() -> None:
    """Incrementing resets lower parts and keeps the v of the original."""
    version = Version.parse("v1.2.3-rc.1+build")
    assert [made.original for made in (version.next_patch(), version.next_minor(), version.next_major())] == [
        "v1.2.3",
        "v1.3.0",
        "v2.0.0",
    ]
    with pytest.raises(InvalidVersion, match="major version increment would overflow uint64"):
        Version.parse("18446744073709551615.0.0").next_major()
