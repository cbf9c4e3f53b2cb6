"""Releases of Helm 2 as Helm 3 keeps them, and back, with what real Tiller stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.errors import Invalid
from pilothouse.hapi.convert import TillerRelease, release_from, release_message
from pilothouse.hapi.generations import to_helm2, to_helm3
from pilothouse.hapi.messages import ReleaseMessage
from pilothouse.releases.release import Hook, HookExecution, Release, ReleaseInfo
from pilothouse.storage import records
from pilothouse.storage.tiller_records import decode


def _recorded(shared: Path) -> Iterator[TillerRelease]:
    for path in sorted((shared / "reference/helm2/golden").glob("session*/storage.jsonl")):
        for line in path.read_text().splitlines():
            for item in json.loads(line).get("changed", []):
                text = item["data"]["release"]
                yield decode(base64.b64decode(text).decode() if item["kind"] == "Secret" else text)


def test_recorded_releases_go_over_and_come_back(shared: Path) -> None:
    """Everything that both generations know is the same after the way there, through a record, and back."""
    count = 0
    for release in _recorded(shared):
        there = records.decode(records.encode(to_helm3(release)))
        assert (there.name, there.namespace, there.revision, there.manifest, there.info) == (
            release.name,
            release.namespace,
            release.revision,
            release.manifest,
            release.info,
        )
        back = to_helm2(there)
        assert back.info == release.info
        assert to_helm3(release).config == to_helm3(back).config
        ours, theirs = release_message(back), release_message(release)
        assert [(hook.events, hook.weight, hook.manifest, hook.delete_timeout) for hook in ours.hooks] == [
            (hook.events, hook.weight, hook.manifest, hook.delete_timeout) for hook in theirs.hooks
        ]
        assert ours.chart.metadata.name == theirs.chart.metadata.name
        assert list(ours.chart.templates) == list(theirs.chart.templates)
        assert {one.name: one.status for one in ours.info.status.last_test_suite_run.results} == {
            one.name: one.status for one in theirs.info.status.last_test_suite_run.results
        }
        count += 1
    assert count > 100


def test_what_helm_2_does_not_know_stays() -> None:
    """A release of Helm 3 that Helm 2's side changed keeps its schema, labels and unknown fields."""
    hook = Hook(name="h", kind="Job", path="p", manifest="m", events=("test",), output_log_policies=("hook-failed",))
    origin = Release(
        name="web",
        namespace="n",
        revision=3,
        info=ReleaseInfo(status="deployed", rollback_revision=1, extra={"new": 1.0}),
        chart=Chart(metadata=Metadata(name="c", version="1", type="application"), schema=b"{}"),
        config={"a": 1.0},
        hooks=(hook,),
        labels={"team": "a"},
        apply_method="ssa",
        extra={"later": True},
    )
    seen = to_helm2(origin)
    assert seen.hooks[0].events == ("test-success",)
    assert to_helm3(seen) == origin
    changed = to_helm3(seen.replace(revision=4).with_info(status="superseded"))
    assert changed == origin.replace(revision=4, apply_method="").with_info(status="superseded")


def test_requirements_and_values_are_read() -> None:
    """The chart of Helm 2 becomes one of Helm 3: version of the API, dependencies, default values."""
    wire = ReleaseMessage(name="x", version=1)
    wire.chart.metadata.name = "parent"
    wire.chart.values.raw = "a: {b: 1}\n"
    wire.chart.files.add(
        type_url="requirements.yaml", value=b"dependencies:\n- {name: sub, version: 1.0.0, repository: http://r}\n"
    )
    wire.config.raw = "a: {b: 2}\n"
    chart = to_helm3(release_from(wire)).chart
    assert chart is not None
    assert (chart.metadata.api_version, dict(chart.values)) == ("v1", {"a": {"b": 1.0}})
    assert [one.name for one in chart.metadata.dependencies] == ["sub"]
    assert chart.files == (ChartFile(name="requirements.yaml", data=wire.chart.files[0].value),)


def test_test_runs_are_shown() -> None:
    """The last run of a test hook is one on either side."""
    run = HookExecution(started="2020-01-01T00:00:00Z", completed="2020-01-01T00:00:05Z", phase="Failed")
    hook = Hook(name="t", kind="Pod", path="p", manifest="m", events=("test",), last_run=run)
    seen = to_helm2(Release(name="web", namespace="n", hooks=(hook,)))
    (result,) = seen.wire.info.status.last_test_suite_run.results
    assert (result.name, result.status) == ("t", 2)


def test_values_that_are_none_are_said() -> None:
    """The error names the revision."""
    wire = ReleaseMessage(name="x", version=7)
    wire.config.raw = "- a\n"
    with pytest.raises(Invalid, match=r"release x\.v7: error unmarshaling JSON"):
        to_helm3(release_from(wire))
