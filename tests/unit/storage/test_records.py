"""Records are read and written as Helm does, and keep what is unknown."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from pilothouse.charts.metadata import Dependency, Lock, Maintainer, Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.releases.errors import RecordInvalid
from pilothouse.releases.release import Hook, HookExecution, Release, ReleaseInfo
from pilothouse.storage import packing, records

RELEASE = Release(
    name="web",
    namespace="ns",
    revision=2,
    info=ReleaseInfo(first_deployed="2026-01-01T00:00:00Z", status="deployed", description="<done> & ü"),
    chart=Chart(
        metadata=Metadata(
            name="web", version="1.0.0", maintainers=(Maintainer(name="M"),), annotations={"z": "1", "a": "2"}
        ),
        lock=Lock(generated="2026-01-01T00:00:00Z", digest="d", dependencies=(Dependency(name="x", version="1"),)),
        templates=(ChartFile(name="templates/a", data=b"a"),),
        values={"z": 1.0, "a": 1e21},
    ),
    config={"b": 0.5, "a": 3.0},
    manifest="---\n",
    hooks=(
        Hook(name="h", kind="Job", path="p", manifest="m", events=("pre-install",), weight=-5),
        Hook(name="i", kind="Pod", path="p", manifest="m", events=("test",), last_run=HookExecution(phase="Failed")),
    ),
    labels={"team": "a"},
)
CHART = (
    '"chart":{"metadata":{"name":"web","version":"1.0.0","maintainers":[{"name":"M"}],"annotations":{"a":"2","z":"1"}},'
    '"lock":{"generated":"2026-01-01T00:00:00Z","digest":"d","dependencies":[{"name":"x","version":"1","repository":""}]},'
    '"templates":[{"name":"templates/a","data":"YQ=="}],"values":{"a":1e+21,"z":1},"schema":null,%s"files":null}'
)


def test_form_of_helm_4() -> None:
    """Helm 4 leaves zero times out and writes times of change."""
    assert records.encode(RELEASE.replace(apply_method="ssa")) == (
        '{"name":"web","info":{"first_deployed":"2026-01-01T00:00:00Z",'
        '"description":"\\u003cdone\\u003e \\u0026 ü","status":"deployed"},'
        + CHART
        % '"schemamodtime":"0001-01-01T00:00:00Z",'
        + ',"config":{"a":3,"b":0.5},"manifest":"---\\n","hooks":['
        '{"name":"h","kind":"Job","path":"p","manifest":"m","events":["pre-install"],"last_run":{"phase":""},"weight":-5},'
        '{"name":"i","kind":"Pod","path":"p","manifest":"m","events":["test"],"last_run":{"phase":"Failed"}}],'
        '"version":2,"namespace":"ns","apply_method":"ssa"}'
    )


def test_form_of_helm_3() -> None:
    """Helm 3 writes zero times as empty texts and knows no times of change."""
    assert records.encode(RELEASE, compatibility=3) == (
        '{"name":"web","info":{"first_deployed":"2026-01-01T00:00:00Z","last_deployed":"","deleted":"",'
        '"description":"\\u003cdone\\u003e \\u0026 ü","status":"deployed"},'
        + CHART
        % ""
        + ',"config":{"a":3,"b":0.5},"manifest":"---\\n","hooks":['
        '{"name":"h","kind":"Job","path":"p","manifest":"m","events":["pre-install"],'
        '"last_run":{"started_at":"","completed_at":"","phase":""},"weight":-5},'
        '{"name":"i","kind":"Pod","path":"p","manifest":"m","events":["test"],'
        '"last_run":{"started_at":"","completed_at":"","phase":"Failed"}}],'
        '"version":2,"namespace":"ns"}'
    )


@pytest.mark.parametrize("compatibility", [3, 4])
def test_round_trip(compatibility: int) -> None:
    """A record read and written again is the same text, and the same release."""
    text = records.encode(RELEASE, compatibility=compatibility)
    found = records.decode(text, {"team": "a"})
    assert records.encode(found, compatibility=compatibility) == text
    assert found.chart is not None
    assert RELEASE.chart is not None
    assert found.chart.replace(raw=()) == RELEASE.chart
    assert found.replace(chart=None) == RELEASE.replace(chart=None)


def test_unknown_fields_survive() -> None:
    """What a later Helm adds, anywhere, is still there after we changed the release."""
    record = json.loads(records.encode(RELEASE))
    record["future"] = {"b": [1], "a": None}
    record["info"]["future"] = "i"
    record["hooks"][0]["future"] = True
    record["hooks"][0]["last_run"]["future"] = "r"
    record["chart"]["future"] = {"x": 1}
    record["chart"]["templates"][0]["mode"] = 420
    changed = records.decode(json.dumps(record)).with_info(status="superseded")
    written = json.loads(records.encode(changed))
    record["info"]["status"] = "superseded"
    assert written == record


def test_changed_chart_is_written_from_its_fields() -> None:
    """A chart out of a record that was changed is not written as it was."""
    stored = records.decode(records.encode(RELEASE))
    assert stored.chart is not None
    changed = stored.replace(chart=stored.chart.replace(values={"new": True}))
    assert json.loads(records.encode(changed))["chart"]["values"] == {"new": True}


def test_numbers() -> None:
    """Numbers in values are float64, as for Helm, and are written as Go writes them."""
    text = '{"name":"x","config":{"big":9007199254740992,"e":1e+30,"half":0.5,"one":1,"small":0.000001,"tiny":1e-7}}'
    found = records.decode(text)
    assert all(type(value) is float for value in found.config.values())
    assert json.loads(records.encode(found))["config"] == json.loads(text)["config"]
    assert (
        '"config":{"big":9007199254740992,"e":1e+30,"half":0.5,"one":1,"small":0.000001,"tiny":1e-7}'
        in records.encode(found)
    )


def test_zero_times() -> None:
    """The zero time of either generation is the empty text."""
    for zero in ('""', '"0001-01-01T00:00:00Z"', "null"):
        assert records.decode(f'{{"info":{{"deleted":{zero}}}}}').info.deleted == ""


def test_packed_form() -> None:
    """A record is stored as base64 of gzip as Go writes its head; very old ones are plain."""
    packed = records.encode_packed(RELEASE)
    assert base64.b64decode(packed)[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    assert gzip.decompress(base64.b64decode(packed)).decode() == records.encode(RELEASE)
    assert records.decode_packed(packed).name == "web"
    assert records.decode_packed(base64.b64encode(b'{"name":"old"}')).name == "old"


@pytest.mark.parametrize(
    "packed",
    [
        "not base64!",
        base64.b64encode(b"").decode(),
        base64.b64encode(b"\x1f\x8b\x08garbage").decode(),
        base64.b64encode(gzip.compress(b'{"name":"x"}', mtime=0)[:-9]).decode(),
        base64.b64encode(gzip.compress(b"{", mtime=0)).decode(),
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b'{"name":1}').decode(),
        base64.b64encode(b'{"version":1.5}').decode(),
        base64.b64encode(b'{"info":[]}').decode(),
        base64.b64encode(b'{"hooks":{}}').decode(),
        base64.b64encode(b'{"hooks":[{"events":[1]}]}').decode(),
        base64.b64encode(b'{"chart":{"templates":[{"data":"!"}]}}').decode(),
        base64.b64encode(b'{"chart":{"metadata":{"name":[]}}}').decode(),
        base64.b64encode(b"[" * 5000).decode(),
    ],
)
def test_broken_records(packed: str) -> None:
    """Whatever is stored, it is a release or a clear error."""
    with pytest.raises(RecordInvalid):
        records.decode_packed(packed)


def test_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that unpacks to far too much is refused before it fills the memory."""
    monkeypatch.setattr(packing, "_SIZE_LIMIT", 1000)
    with pytest.raises(RecordInvalid, match="longer than"):
        packing.unpack(base64.b64encode(gzip.compress(b" " * 5000, mtime=0)))


def test_each_generation_writes_charts_of_the_other_in_its_own_form() -> None:
    """Helm 3 knows no times of change and no method of applying; Helm 4 always writes the time of the schema."""
    older = records.decode_packed(records.encode_packed(RELEASE, compatibility=3))
    assert records.encode(older) == records.encode(older.replace(chart=RELEASE.chart))
    newer = RELEASE.replace(apply_method="ssa").with_info(rollback_revision=1)
    known = records.decode_packed(records.encode_packed(newer), compatibility=3)
    assert (known.apply_method, known.info.rollback_revision) == ("", 0)
    assert records.encode(known, compatibility=3) == records.encode(RELEASE, compatibility=3)
