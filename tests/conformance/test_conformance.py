"""The shared conformance cases and the corpus of charts: a sample in process, all with ``PILOTHOUSE_CONFORMANCE=all``.

What the real Helm answers was recorded; where it is installed, a sample is put to it as well, so that the records are
checked in the same run.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

answer = importlib.import_module("conformance.adapter").answer
FOLDER = Path(__file__).resolve().parent
ALL = os.environ.get("PILOTHOUSE_CONFORMANCE") == "all"
#: One case in so many is tried by default.
_EVERY = 10
_CHARTS = 60
_TIMEOUT = 3_000 if ALL else 200
GROUPS = (
    *("dates", "gotemplate-exec", "helm-functions", "numbers", "printf", "semver", "semver-resolve", "sprig"),
    *("values-coalesce", "values-set", "yaml-emit", "yaml-parse"),
)

Case = dict[str, Any]


@pytest.fixture(scope="module")
def runner(shared: Path) -> ModuleType:
    """The shared runner, which reads cases and judges answers."""
    spec = importlib.util.spec_from_file_location("conformance_run", shared / "conformance" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cases(runner: ModuleType, shared: Path) -> list[Case]:
    """The cases to try."""
    found: list[Case] = runner.load_cases([str(shared / "conformance")])
    return [case for case in found if ALL or zlib.crc32(case["id"].encode()) % _EVERY == 0]


@pytest.fixture
def adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapters find one another by name, as when the shared runners start them."""
    monkeypatch.syspath_prepend(str(FOLDER))


@pytest.mark.usefixtures("adapters")
@pytest.mark.parametrize("group", GROUPS)
def test_cases_agree(runner: ModuleType, cases: list[Case], group: str) -> None:
    """Outputs and error texts are those of Helm 4.3.1, and of 3.16.4 where that is asked, in every case."""
    wrong: list[str] = []
    for case in cases:
        if case["group"] == group:
            given = {name: part for name, part in case.items() if name != "expect"}
            verdict, detail = runner.judge(case, answer(json.loads(json.dumps(given))))
            if verdict != "pass":
                wrong.append(f"{case['id']}: {verdict} {detail}")
    assert wrong == []


def _figures(shared: Path, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Return what the shared comparison of charts finds."""
    report = tmp_path / "report.json"
    limit = () if ALL else ("--limit", str(_CHARTS))
    compare = shared / "corpus" / "compare.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(FOLDER), str(FOLDER.parents[1] / "src")))}
    ran = subprocess.run(
        [sys.executable, str(compare), *arguments, *limit, "--diffs", "2", "--json", str(report)],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert report.is_file(), ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def _not_right(report: dict[str, Any]) -> list[str]:
    return [f"{case['id']}: {case['status']}" for case in report["cases"] if case["status"] not in _RIGHT]


_RIGHT = frozenset({"identical", "error-identical", "masked-identical", "structure-same", "error-same-lines"})


@pytest.mark.parametrize(("generation", "function"), [("4", "run"), ("3", "run3")])
def test_charts_agree(shared: Path, tmp_path: Path, generation: str, function: str) -> None:
    """Public charts render to the bytes that real Helm renders them to, or fail with its words."""
    report = _figures(shared, tmp_path, "--inprocess", f"corpus_adapter:{function}", "--only", generation)
    assert _not_right(report) == []


@pytest.mark.oracle
@pytest.mark.parametrize("generation", ["4", "3"])
def test_the_real_helm_answers_as_recorded(
    runner: ModuleType, cases: list[Case], request: pytest.FixtureRequest, generation: str
) -> None:
    """The records are what the real programs answer here and now."""
    program = request.getfixturevalue(f"helm{generation}")
    version = {"4": "4.3.1", "3": "3.16.4"}[generation]
    fitting = [case for case in cases if case["kind"] == "helm" and case["helm"] == version]
    chosen = fitting if ALL else fitting[:: max(len(fitting) // 20, 1)]
    wrong = [
        case["id"]
        for case, result in runner.helm_answers(program, chosen, 2)
        if runner.judge(case, result)[0] != "pass"
    ]
    assert wrong == []


def test_the_installed_command_answers_as_recorded(runner: ModuleType, cases: list[Case]) -> None:
    """The command that is installed beside this Python answers like the engine within it."""
    program = Path(sys.executable).with_name("helm")
    if not program.is_file():
        pytest.skip("the command is not installed beside this Python")
    fitting = [case for case in cases if case["kind"] == "helm" and case["helm"] == "4.3.1"]
    chosen = fitting if ALL else fitting[:: max(len(fitting) // 20, 1)]
    wrong = [
        case["id"]
        for case, result in runner.helm_answers(str(program), chosen, 2)
        if runner.judge(case, result)[0] != "pass"
    ]
    assert wrong == []
