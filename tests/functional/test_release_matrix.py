"""The interchange matrix: two helms take turns with one release, and the result is that of one real helm alone.

For each ordered pair of ours, Helm 3.16.4 and Helm 4.3.1: the first installs, the second upgrades, the first rolls
back, the second tests, the first lists and shows, the second uninstalls. What is printed, the records and the live
objects must be those of the same steps by one real helm alone; where a pair mixes generations, of the pair of real
helms in which the real one of its generation stands for ours.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
_lifecycle = importlib.import_module("functional.test_release_lifecycle")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

pytestmark = pytest.mark.oracle

_LAST = {"name": "last", "events": "post-install,post-rollback", "weight": "0", "policies": "hook-succeeded"}
CHART = {
    **_lifecycle.HOOKED,
    "templates/last.yaml": _lifecycle.HOOK % _LAST,
    "templates/NOTES.txt": _lifecycle.NOTES,
    "templates/tests/test.yaml": _lifecycle.TEST,
    "templates/service.yaml": _lifecycle.SERVICE,
    "crds/wheel.yaml": _lifecycle.CRD.replace("NAMESPACE", "matrix"),
    "templates/wheel.yaml": _lifecycle.WHEEL.replace("{{ .Release.Namespace }}", "matrix"),
}
#: Who does it, and what.
STEPS = [
    (0, "install web {chart} -n {ns} --create-namespace --labels team=a --set more.a=b -o json"),
    (1, "upgrade web {chart} -n {ns} --set size=28,greeting=new -o json"),
    (0, "rollback web 1 -n {ns}"),
    (1, "test web -n {ns}"),
    (0, "list -n {ns} -o json"),
    (0, "status web -n {ns} -o json"),
    (0, "history web -n {ns} -o json"),
    (0, "get values web -n {ns} -o json"),
    (0, "get metadata web -n {ns} -o json"),
    (0, "get all web -n {ns}"),
]
LAST = (1, "uninstall web -n {ns}")
KINDS = f"{_shared.KINDS},wheels.matrix.example.com"

#: Ours stands for the generation that it follows.
PAIRS = [
    ("ours 4", "4"),
    ("4", "ours 4"),
    ("ours 3", "3"),
    ("3", "ours 3"),
    ("ours 4", "3"),
    ("3", "ours 4"),
    ("ours 3", "4"),
    ("4", "ours 3"),
]


class Cast:
    """Two helms that share one namespace."""

    def __init__(self, names: tuple[str, str], ours: Any, real: dict[str, str], word: str, driver: str) -> None:
        first = side(OURS, ours.kubeconfig, ours.home / word, ours.kubectl_program, word=word, create=False)
        first.variables["HELM_DRIVER"] = driver
        write_chart(first.home, CHART)
        self.sides = [self._one(first, name, real) for name in names]
        self.first = first

    @staticmethod
    def _one(first: Any, name: str, real: dict[str, str]) -> Any:
        kind, _, generation = name.rpartition(" ")
        if kind == "ours":
            return replace(first, variables={**first.variables, "HELM_COMPAT": generation})
        return replace(first, program=(real[generation],))

    def take(self, step: tuple[int, str]) -> Any:
        """Take a step and return what came of it."""
        return self.sides[step[0]](step[1], chart=str(self.first.home / "demo"))

    def play(self) -> list[Any]:
        """Take all steps and return everything that can be seen of them."""
        try:
            seen = [(step, self.take(step)) for step in STEPS]
            return [*seen, self.state(), (LAST, self.take(LAST)), self.state()]
        finally:
            self.clear()

    def state(self) -> tuple[Any, Any, Any]:
        """Return the stored records, the live objects, and the namespace with the definition of the chart's kind."""
        shared = self.first.shared("namespace/{ns}", "crd/wheels.matrix.example.com")
        assert len(shared) == 2
        return self.first.records(), self.first.objects(KINDS), shared

    def clear(self) -> None:
        """Remove what stays: the definitions of kinds, and the namespace."""
        self.first.kubectl("delete crd wheels.matrix.example.com", check=False)
        self.first.kubectl("delete namespace {ns} --wait=false", check=False)


def _marks(pair: tuple[str, str], driver: str) -> Any:
    """The fast ones are one pair of each generation, with a driver and an order each; the others are slow."""
    fast = (pair, driver) in ((("ours 4", "4"), "secret"), (("3", "ours 3"), "configmap"))
    return pytest.param(pair, driver, marks=() if fast else pytest.mark.slow, id=f"{pair[0]} and {pair[1]}, {driver}")


@pytest.mark.parametrize(
    ("pair", "driver"), [_marks(pair, driver) for pair in PAIRS for driver in ("secret", "configmap")]
)
def test_taking_turns(
    pair: tuple[str, str], driver: str, any_kubeconfig: Path, helm3: str, helm4: str, kubectl: str, tmp_path: Path
) -> None:
    """A release that two helms take turns with cannot be told from one of real Helm alone."""
    base = side(OURS, any_kubeconfig, tmp_path, kubectl, word="base", create=False)
    real = {"3": helm3, "4": helm4}
    mixed = Cast(pair, base, real, "turn", driver).play()
    alone = Cast((pair[0][-1], pair[1][-1]), base, real, "sole", driver).play()
    for one, other in zip(mixed, alone, strict=True):
        assert one == other
    assert mixed[-1][0] == []
