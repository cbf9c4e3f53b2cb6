"""Many cases in one chart, rendered by the real Helm in one process and by ours in this one."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pilothouse.charts.load import load_files
from pilothouse.charts.model import ChartFile
from pilothouse.clock import FixedClock
from pilothouse.golang.kinds import YamlValue
from pilothouse.render.engine import render
from pilothouse.render.pipeline import prepare_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings
from pilothouse.values.layers import ValueOptions, merge_user_values

#: Cases of a batch; more are tried, by chance, where the variable says so.
_WANTED = int(os.environ.get("PILOTHOUSE_PROPERTY_CASES", "0"))
_USUAL = 300
Case = TypeVar("Case")

_CHART = "apiVersion: v2\nname: batch\nversion: 0.1.0\n"
_PATH = "batch/templates/cases.yaml"
_VALUES = "a: 1.5\nn: 3\ns: text\nz: 0\nt: true\nq: null\nm: {a: {b: c}, x: [1, 2], n: null}\nl: [1, a, {b: c}]\n"
#: Ends a template with an error that shows type and content of ``$x``.
RESULT = '{{ include (printf "RESULT-%s" (printf "%T|%v|%s" $x $x (toJson $x) | b64enc)) . }}'
_SHOW = '{{ $x := include "batch/templates/case.txt" . }}' + RESULT
_RESULT = re.compile(r"RESULT-([A-Za-z0-9+/=]*)")
#: Where something lies in Go's heap, which begins at 0xc000000000, in the bases that ``printf`` knows.
_ADDRESS = re.compile(
    r"0x[0-9a-f]{6,}|(?<![0-9a-f])c0[0-9a-f]{8}\b|(?<![0-9])(?:11000000[01]{32}|82[4-8][0-9]{9}|140[0-7]{11})\b",
    re.IGNORECASE,
)
#: Ours leaves control characters out of what ``lint`` prints.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LOOP = "{{{{ range $number, $case := .Values.cases | b64dec | fromJsonArray }}}}c{{{{ $number }}}}: {}\n{{{{ end }}}}"


def batch_of(strategy: st.SearchStrategy[Case]) -> list[Case]:
    """Return many cases of a strategy, so that one process of the real Helm can answer all of them."""
    cases: list[Case] = []

    @settings(
        max_examples=_WANTED or _USUAL,
        deadline=None,
        database=None,
        derandomize=not _WANTED,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def collect(case: Case) -> None:
        cases.append(case)

    collect()
    return cases


def answers(helm: str, folder: Path, template: str, cases: YamlValue) -> tuple[list[str], list[str]]:
    """Return what the real Helm and what ours make of a template for each case.

    Args:
        helm: The real program.
        folder: A folder for the chart.
        template: A pipeline without braces, or more of a template, that prints one line for ``$case``.
        cases: The cases, as JSON can show them.
    """
    text = json.dumps(cases)
    values = f"cases: {base64.b64encode(text.encode()).decode()}\n"
    files = {"Chart.yaml": _CHART, "values.yaml": values, "templates/cases.yaml": _LOOP.format(template)}
    return _decoded(_real(helm, folder, files, ())), _decoded(_ours(files, ()))


def assigned(helm: str, folder: Path, arguments: list[str]) -> tuple[str, str]:
    """Return the values that ``--set`` arguments make, as JSON, from the real Helm and from ours."""
    files = {"Chart.yaml": _CHART, "values.yaml": "", "templates/cases.yaml": "v: {{ .Values | toJson | b64enc }}\n"}
    flags = tuple(word for argument in arguments for word in ("--set", argument))
    real, ours = _decoded(_real(helm, folder, files, flags)), _decoded(_ours(files, tuple(arguments)))
    return real[0], ours[0]


def linted(
    helm: str,
    folder: Path,
    templates: list[str],
    *,
    generation: int,
    shown: bool = False,
    files: dict[str, str] | None = None,
) -> tuple[list[str], list[str]]:
    """Return what the real Helm and ours find in charts of one template each, in one process: errors do not end it.

    A template whose result is wanted ends with an error that names it; see ``RESULT``.

    Args:
        helm: The real program.
        folder: A folder for the charts.
        templates: Their texts.
        generation: Which Helm it is.
        shown: Whether what they print is wanted.
        files: More files of each chart, or others.
    """
    shared = {"Chart.yaml": _CHART + "icon: https://example.org/icon\n", "values.yaml": _VALUES, **(files or {})}
    if shown:
        shared["templates/show.txt"] = _SHOW
    names = [f"{number:05d}" for number in range(len(templates))]
    for name, template in zip(names, templates, strict=True):
        for path, text in {**shared, "templates/case.txt": template}.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_bytes(text.encode("utf-8", "surrogateescape"))
    variables = {"HOME": str(folder / "home"), "TZ": "UTC", "PATH": os.defpath}
    if generation == 3:
        variables["HELM_COMPAT"] = "3"
    ran = subprocess.run(
        [helm, "lint", *names], cwd=folder, env=variables, capture_output=True, timeout=120, check=False
    )
    assert ran.returncode in (0, 1), ran.stderr
    ours = subprocess.run(
        [sys.executable, "-m", "pilothouse", "lint", *names],
        cwd=folder,
        env={**variables, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert ours.returncode == ran.returncode, ours.stderr
    return _found(ran.stdout, names), _found(ours.stdout, names)


def _found(output: bytes, names: list[str]) -> list[str]:
    """Return what was found in each chart, results decoded and addresses masked."""
    text = _CONTROL.sub("", output.decode("utf-8", "surrogateescape"))
    parts = re.split(r"(?m)^==> Linting (\d{5})$", text)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return [_ADDRESS.sub("ADDRESS", _RESULT.sub(_plain, found.get(name, "nothing")).strip()) for name in names]


def _plain(found: re.Match[str]) -> str:
    return base64.b64decode(found[1]).decode("utf-8", "surrogateescape")


def _decoded(text: str) -> list[str]:
    lines = [line.partition(": ") for line in text.splitlines() if ": " in line and not line.startswith("#")]
    return [base64.b64decode(answer).decode("utf-8", "surrogateescape") for _, _, answer in lines]


def _real(helm: str, folder: Path, files: dict[str, str], flags: tuple[str, ...]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ran = subprocess.run(
        [helm, "template", "batch", str(folder), *flags], capture_output=True, text=True, timeout=180, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def _ours(files: dict[str, str], assignments: tuple[str, ...]) -> str:
    chart = load_files([ChartFile(name=name, data=text.encode()) for name, text in files.items()])
    values = merge_user_values(ValueOptions(assignments=assignments), read_file=lambda path: Path(path).read_bytes())
    chosen = RenderSettings(release=ReleaseFacts(name="batch"), clock=FixedClock(0), entropy=bytes)
    prepared = prepare_chart(chart, values, chosen)
    return render(prepared.chart, prepared.values, chosen)[_PATH]
