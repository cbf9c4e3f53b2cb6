"""Laws of release records that hold whatever is stored."""

from __future__ import annotations

import base64
import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.golang.kinds import YamlValue
from pilothouse.releases.errors import RecordInvalid
from pilothouse.storage import records

KEYS = st.sampled_from(
    [
        *("name", "info", "chart", "config", "manifest", "hooks", "version", "namespace", "status", "first_deployed"),
        *(
            "metadata",
            "lock",
            "templates",
            "values",
            "schema",
            "files",
            "data",
            "modtime",
            "events",
            "last_run",
            "phase",
        ),
        *("weight", "dependencies", "import-values", "maintainers", "annotations", "generated", "digest", "x"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS | st.sampled_from(["YQ==", "2026-01-01T00:00:00Z", "deployed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_any_json_is_a_release_or_a_clear_error(value: YamlValue) -> None:
    """No stored text makes the reader fail in any other way, and what it accepts it writes and reads again alike."""
    packed = base64.b64encode(gzip.compress(json.dumps(value).encode("utf-8", "surrogatepass"))).decode()
    try:
        release = records.decode_packed(packed)
    except RecordInvalid:
        return
    for compatibility in (3, 4):
        again = records.decode(records.encode(release, compatibility=compatibility))
        assert again == release
        assert records.encode(again, compatibility=compatibility) == records.encode(
            release, compatibility=compatibility
        )


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Nor do bytes that are no JSON, no gzip or no base64."""
    for packed in (data, base64.b64encode(data), base64.b64encode(b"\x1f\x8b\x08" + data)):
        try:
            records.decode_packed(packed)
        except RecordInvalid:
            continue


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.recursive(
            st.none()
            | st.booleans()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"])),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=10,
        ),
        max_size=5,
    )
)
def test_values_come_back(values: dict[str, YamlValue]) -> None:
    """The user's values come back as they were given, to the last bit of a number."""
    text = json.dumps({"name": "x", "config": values})
    release = records.decode(text)
    assert records.decode(records.encode(release)).config == release.config
    assert release.config == values
