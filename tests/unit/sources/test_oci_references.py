"""References to artefacts are taken as Helm takes them, and nothing else."""

from __future__ import annotations

import time

import pytest

from pilothouse.sources.oci.charts import file_name, matching_tag
from pilothouse.sources.oci.errors import ReferenceInvalid, VersionMissing
from pilothouse.sources.oci.references import parse

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("oci://h/a/b", ("h", "a/b", "", "")),
        ("h:5000/b:1.0.0", ("h:5000", "b", "1.0.0", "")),
        ("oci://h/a/b:1.0.0+x.1", ("h", "a/b", "1.0.0_x.1", "")),
        (f"oci://h/a@{DIGEST}", ("h", "a", "", DIGEST)),
        (f"oci://h/a:1.0.0@{DIGEST}", ("h", "a", "1.0.0", DIGEST)),
        ("[::1]:5000/a", ("[::1]:5000", "a", "", "")),
    ],
)
def test_parts(text: str, parts: tuple[str, str, str, str]) -> None:
    """Host, path, tag and digest are told apart; a plus in a tag becomes an underscore."""
    found = parse(text)
    assert (found.registry, found.repository, found.tag, found.digest) == parts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("oci://h", "missing registry or repository"),
        ("oci:///a", 'invalid registry ""'),
        ("oci://u:p@h/a", 'invalid digest "h/a": invalid checksum digest format'),
        ("oci://h/A/b", 'invalid repository "A/b"'),
        ("oci://h/../b", 'invalid repository "../b"'),
        ("oci://h/a:b c", 'invalid tag "b c"'),
        ("oci://h/a@sha256:12", 'invalid digest "sha256:12": invalid checksum digest length'),
        ("oci://h/a@md5:" + "a" * 32, f'invalid digest "md5:{"a" * 32}": unsupported digest algorithm'),
        (f"oci://h/a@{DIGEST[:-1]}G", f'invalid digest "{DIGEST[:-1]}G": invalid checksum digest format'),
    ],
)
def test_refusals(text: str, problem: str) -> None:
    """What no registry can have is refused with the words of Helm 4."""
    with pytest.raises(ReferenceInvalid) as caught:
        parse(text)
    if not text.startswith("oci://u:"):
        assert caught.value.message == f"invalid reference: {problem}"


def test_long_names_are_quick() -> None:
    """A hostile name of dashes and letters takes no longer than its length."""
    start = time.process_time()
    with pytest.raises(ReferenceInvalid):
        parse("oci://h/" + "a-" * 50_000 + "!")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", "2.0.0"), ("1.0.0", "1.0.0"), ("^1", "1.1.0+b.1"), (">1.0.0-0 <2", "1.1.0+b.1"), ("1.1.0+b.1", "1.1.0+b.1")],
)
def test_matching_tag(wanted: str, found: str) -> None:
    """The newest version that fits is chosen, or exactly the one asked for."""
    assert matching_tag(["2.0.0", "1.1.0+b.1", "1.0.0", "0.1.0-rc.1"], wanted) == found


def test_no_matching_tag() -> None:
    """Without a version that fits, the error names what was asked for."""
    with pytest.raises(VersionMissing, match=r"^could not locate a version matching provided version string >3$"):
        matching_tag(["1.0.0"], ">3")


def test_file_names() -> None:
    """Archives are saved under name and version, or under the digest."""
    assert file_name(parse("oci://h/a/b:1.0.0+x")) == "b-1.0.0+x.tgz"
    assert file_name(parse(f"oci://h/a/b@{DIGEST}")) == f"b@{DIGEST.replace(':', '-')}.tgz"
