"""The stored form of Helm 2's releases, against what real Tiller stored."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.errors import Invalid
from pilothouse.hapi.convert import release_from
from pilothouse.hapi.messages import ReleaseMessage
from pilothouse.storage.tiller_records import decode, encode, record_key, record_labels, summary_of


def _stored(shared: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((shared / "reference/helm2/golden").glob("session*/storage.jsonl")):
        for line in path.read_text().splitlines():
            yield from json.loads(line).get("changed", [])


def _text(item: dict[str, Any]) -> str:
    text: str = item["data"]["release"]
    return base64.b64decode(text).decode() if item["kind"] == "Secret" else text


def test_recorded_releases_are_written_as_they_were(shared: Path) -> None:
    """Every ConfigMap and Secret of real Tiller is read, and written with the same message, name and labels."""
    count = 0
    for item in _stored(shared):
        release = decode(_text(item))
        assert gzip.decompress(base64.b64decode(encode(release))) == gzip.decompress(base64.b64decode(_text(item)))
        labels = item["metadata"]["labels"]
        stamp = "CREATED_AT" if "CREATED_AT" in labels else "MODIFIED_AT"
        assert record_labels(release, stamp, int(labels[stamp])) == labels
        assert record_key(release.name, release.revision) == item["metadata"]["name"]
        summary = summary_of(item["metadata"])
        assert summary is not None
        assert (summary.name, summary.revision, summary.status) == (
            release.name,
            release.revision,
            release.info.status,
        )
        count += 1
    assert count > 100


def test_the_packed_form_begins_as_gos() -> None:
    """The header says best compression, no time and no operating system."""
    packed = base64.b64decode(encode(release_from(ReleaseMessage(name="x"))))
    assert packed[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def test_old_records_are_not_compressed() -> None:
    """Bytes without gzip's first three are the message itself."""
    assert decode(base64.b64encode(b"\x0a\x04demo")).name == "demo"


@pytest.mark.parametrize(
    "text", ["!", base64.b64encode(b"\x1f\x8b\x08rest").decode(), base64.b64encode(b"\xff" * 9).decode()]
)
def test_what_is_no_record_is_refused(text: str) -> None:
    """Bad base64, bad gzip and bad messages are errors of ours."""
    with pytest.raises(Invalid, match=r"illegal|gzip|cannot parse"):
        decode(text)
