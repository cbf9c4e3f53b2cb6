"""Releases change hands: real Helm 4 and Helm 3 go on with ours, and we with theirs, on the same cluster."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
_lifecycle = importlib.import_module("functional.test_release_lifecycle")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS
BASIC, HOOKED, SMALL = _lifecycle.BASIC, _lifecycle.HOOKED, _lifecycle.SMALL

pytestmark = pytest.mark.oracle

#: What reads a release without changing it.
READS = [
    "list",
    "list -o json",
    "list -o yaml",
    "list -q",
    "list -l team=a",
    "status web",
    "status web -o json",
    "status web -o yaml",
    "status web --revision 1",
    "history web",
    "history web -o json",
    "history web -o yaml",
    "get all web",
    "get values web",
    "get values web --all -o json",
    "get values web --revision 1 -o yaml",
    "get manifest web",
    "get hooks web",
    "get notes web",
    "get metadata web",
    "get metadata web -o json",
]
#: What reads a release in Helm 3's words; it prints resources only when asked.
READS_3 = [line for line in READS if not line.startswith("status web -o")] + [
    "list --all",
    "status web --show-resources --show-desc",
]


@pytest.fixture(params=["4", "3"])
def pair(request: pytest.FixtureRequest, any_kubeconfig: Path, kubectl: str, tmp_path: Path) -> tuple[Any, Any]:
    """Our helm and the real one of a generation, in one namespace; ours follows that generation."""
    program = request.getfixturevalue(f"helm{request.param}")
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="both")
    if request.param == "3":
        ours.variables["HELM_COMPAT"] = "3"
    real = replace(ours, program=(program,), home=tmp_path / "b", variables={})
    real.home.mkdir()
    for one in (ours, real):
        write_chart(one.home, {**BASIC, "templates/first.yaml": HOOKED["templates/first.yaml"]})
    return ours, real


def done(one: Any, *steps: str) -> None:
    """Take steps that must all succeed."""
    for step in steps:
        ran = one(step, chart=str(one.home / "demo"))
        assert (step, ran.exit_code, ran.stderr) == (step, 0, "")


def same(ours: Any, real: Any, steps: list[str]) -> None:
    """Check that both print the same for a release that both can see, to the last byte but for the age of objects."""
    for step in steps:
        first, second = (one.raw(*step.split()) for one in (ours, real))
        assert (step, first.exit_code, readable(first)) == (step, second.exit_code, readable(second))


def readable(ran: Any) -> tuple[str, str]:
    """Return what was printed, the tables of live objects in one order."""
    return _shared.readable(ran.stdout), _shared.without_hints(ran.stderr)


def reads_of(ours: Any) -> list[str]:
    """Return the reading commands of a generation."""
    return READS_3 if ours.variables.get("HELM_COMPAT") == "3" else READS


def test_theirs_goes_on_with_ours(pair: tuple[Any, Any]) -> None:
    """Real Helm shows, upgrades, rolls back, tests and uninstalls what we installed."""
    ours, real = pair
    done(ours, "install web {chart} --labels team=a --set more.a=b --wait")
    same(ours, real, reads_of(ours))
    done(real, "upgrade web {chart} --set greeting=theirs --wait", "rollback web 1 --wait", "test web")
    same(ours, real, reads_of(ours))
    done(ours, "upgrade web {chart} --set greeting=ours --reuse-values", "rollback web")
    same(ours, real, reads_of(ours))
    done(real, "uninstall web --wait")
    assert real.objects().keys() <= {"Job/web-first", "Pod/web-test"}
    assert ours.records() == []


def test_ours_goes_on_with_theirs(pair: tuple[Any, Any]) -> None:
    """We show, upgrade, roll back, test and uninstall what real Helm installed."""
    ours, real = pair
    done(real, "install web {chart} --labels team=a --set more.a=b --wait")
    same(ours, real, reads_of(ours))
    done(ours, "upgrade web {chart} --set greeting=ours --wait", "rollback web 1 --wait", "test web")
    same(ours, real, reads_of(ours))
    done(real, "upgrade web {chart} --set greeting=theirs --reuse-values", "rollback web")
    same(ours, real, reads_of(ours))
    done(ours, "uninstall web --keep-history")
    same(ours, real, ["history web", "list --uninstalled", "status web"])
    done(ours, "uninstall web")
    assert ours.records() == []


def test_config_maps_change_hands(any_kubeconfig: Path, helm4: str, kubectl: str, tmp_path: Path) -> None:
    """With the ConfigMap driver as well."""
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="maps")
    ours.variables["HELM_DRIVER"] = "configmap"
    real = replace(ours, program=(helm4,), home=tmp_path / "b")
    real.home.mkdir()
    for one in (ours, real):
        write_chart(one.home, SMALL)
    done(ours, "install web {chart} --labels team=a")
    done(real, "upgrade web {chart} --set greeting=theirs")
    done(ours, "upgrade web {chart} --set greeting=ours", "rollback web 2")
    same(ours, real, ["list", "history web", "get values web", "get metadata web", "list -l team=a"])
    assert {record["kind"] for record in ours.records()} == {"ConfigMap"}
    done(real, "uninstall web")
    assert ours.records() == []


def test_every_step_is_that_of_helm_3(any_kubeconfig: Path, helm3: str, kubectl: str, tmp_path: Path) -> None:
    """Following Helm 3, ours prints, records and applies what 3.16 does."""
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="our3")
    ours.variables["HELM_COMPAT"] = "3"
    real = side([helm3], any_kubeconfig, tmp_path / "b", kubectl, word="rea3")
    for one in (ours, real):
        write_chart(one.home, BASIC)
    for step in HELM_3_STEPS:
        first, second = (one(step, chart=str(one.home / "demo")) for one in (ours, real))
        assert (step, first) == (step, second)
    assert ours.records() == real.records()
    assert ours.objects() == real.objects()


HELM_3_STEPS = [
    "install web {chart} --wait",
    "list",
    "list --all -o json",
    "status web",
    "status web --show-desc",
    "history web",
    "get metadata web",
    "install web {chart}",
    "upgrade web {chart} --set more.a=b --set optional.a=b",
    "upgrade web {chart} --set replicas=2 --wait",
    "upgrade web {chart} --force --set image=nginx:2",
    "upgrade web {chart} --atomic --timeout 3s --set podAnnotations.node-player/outcome=never-ready",
    "history web",
    "test web",
    "rollback web 2 --wait",
    "history web -o json",
    "uninstall web --keep-history",
    "list --all",
    "upgrade web {chart} --install",
    "install other {chart} --atomic --timeout 3s --set podAnnotations.node-player/outcome=never-ready",
    "list",
    "uninstall web --wait",
    "uninstall web",
    "status web",
]
