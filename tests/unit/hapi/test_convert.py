"""Between Helm 2's messages and our records."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.charts.metadata import Maintainer, Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.hapi.convert import (
    TillerHook,
    chart_from,
    chart_message,
    hook_message,
    release_from,
    release_message,
    status_name,
)
from pilothouse.hapi.messages import ReleaseMessage, serialize
from pilothouse.releases.release import FAILED, PENDING_ROLLBACK, UNINSTALLED, HookExecution

CHART = Chart(
    metadata=Metadata(
        name="demo",
        version="1.2.3",
        api_version="v1",
        keywords=("a", "b"),
        maintainers=(Maintainer(name="Jo", email="jo@example.com"),),
        annotations={"z": "1", "a": "2"},
        tiller_version=">=2.12",
    ),
    templates=(ChartFile(name="templates/x.yaml", data=b"x: {{ .Values.x }}\n"),),
    files=(ChartFile(name="README.md", data=b"\xff\x00binary"),),
    subcharts=(Chart(metadata=Metadata(name="sub", version="0.1.0")),),
    raw=(ChartFile(name="values.yaml", data=b"# kept\nx: 1\n"),),
)


def _stored() -> Any:
    message = ReleaseMessage(name="demo", namespace="web", version=3, manifest="\n---\n# Source: x\na: 1")
    message.info.status.code = 1
    message.info.status.notes = "hello"
    message.info.first_deployed.seconds = 1_600_000_000
    message.info.first_deployed.nanos = 123_456_789
    message.info.status.last_test_suite_run.results.add(name="t", status=1)
    message.config.raw = "a: 1 # a comment\n"
    message.chart.CopyFrom(chart_message(CHART))
    message.hooks.add(name="h", kind="Job", path="p", manifest="m", events=[1, 9], weight=-5, delete_timeout=20)
    message.hooks[0].delete_policies.extend([0, 2])
    return message


def test_a_release_comes_back_as_it_was() -> None:
    """What is read and written again is the same, byte for byte, comments in values and test results included."""
    message = _stored()
    assert serialize(release_message(release_from(message))) == serialize(message)


def test_the_record_says_what_the_message_says() -> None:
    """Status, times, events and policies have our names."""
    release = release_from(_stored())
    assert (release.name, release.revision, release.info.status, release.info.notes) == ("demo", 3, "deployed", "hello")
    (hook,) = release.hooks
    assert hook.events == ("pre-install", "test-success")
    assert hook.delete_policies == ("hook-succeeded", "before-hook-creation")
    assert (hook.weight, release.config_text, release.chart_name) == (-5, "a: 1 # a comment\n", "demo")


def test_changes_of_the_record_reach_the_message() -> None:
    """A new status, a deletion and a hook's last run are written; the rest stays."""
    release = release_from(_stored()).with_info(status=UNINSTALLED, deleted="2020-09-13T12:26:40.5Z")
    ran = release.hooks[0].replace(last_run=HookExecution(completed="2020-09-13T12:26:41Z"))
    message = release_message(release.replace(hooks=(ran,)))
    assert (message.info.status.code, message.info.deleted.seconds, message.info.deleted.nanos) == (
        2,
        1_600_000_000,
        500_000_000,
    )
    assert message.hooks[0].last_run.seconds == 1_600_000_001
    assert message.hooks[0].delete_timeout == 20
    assert message.info.status.last_test_suite_run.results[0].name == "t"
    assert message.config.raw == "a: 1 # a comment\n"


def test_charts_travel_both_ways() -> None:
    """A chart sent and received has the same metadata, files, values text and subcharts."""
    found = chart_from(chart_message(CHART))
    assert (found.metadata, found.templates, found.files, found.raw) == (
        CHART.metadata,
        CHART.templates,
        CHART.files,
        CHART.raw,
    )
    assert [sub.name for sub in found.subcharts] == ["sub"]


def test_statuses_have_helm_2s_names() -> None:
    """Helm 2 calls an uninstalled release DELETED."""
    assert [status_name(status) for status in (UNINSTALLED, FAILED, PENDING_ROLLBACK)] == [
        "DELETED",
        "FAILED",
        "PENDING_ROLLBACK",
    ]


def test_a_new_hook_is_written_whole() -> None:
    """Numbers of events and policies are Helm 2's."""
    hook = TillerHook(
        name="h",
        kind="Job",
        path="p",
        manifest="m",
        events=("crd-install", "test-failure"),
        delete_policies=("hook-failed",),
        delete_timeout=60,
    )
    message = hook_message(hook)
    assert (list(message.events), list(message.delete_policies), message.delete_timeout) == ([11, 10], [1], 60)
