"""``show``, ``package``, ``create`` and ``lint``: what they return and refuse."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from pilothouse.actions.create import CreateOptions, create
from pilothouse.actions.lint import LintOptions, lint
from pilothouse.actions.package import PackageOptions, package
from pilothouse.actions.show import show
from pilothouse.charts.scaffold import create as scaffold
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError

CHART = "apiVersion: v2\nname: t\nversion: 1.0.0\nkeywords: [b, a]\n"


def _chart(folder: Path, files: dict[str, str] | None = None) -> Path:
    for name, text in {"Chart.yaml": CHART, **(files or {})}.items():
        path = folder / "t" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "t"


def _environment(folder: Path, **variables: str) -> Environment:
    return Environment(working_directory=str(folder), variables={"HOME": str(folder), **variables})


PARTS = {
    "values.yaml": "# comment\na: 1\n",
    "ReadMe.md": "hello",
    "crds/a.yaml": "kind: A\n",
    "crds/b.yml": "---\nkind: B",
    "crds/c.txt": "no",
}


@pytest.mark.oracle
@pytest.mark.parametrize("part", ["all", "chart", "values", "readme", "crds"])
@pytest.mark.parametrize("files", [PARTS, {}])
def test_show_is_helms(tmp_path: Path, part: str, files: dict[str, str], helm4: str) -> None:
    """Every part is printed as the real program prints it, for a chart with everything and one with nothing."""
    path = _chart(tmp_path, files)
    done = subprocess.run([helm4, "show", part, str(path)], capture_output=True, text=True, check=True)
    assert show(str(path), part) == done.stdout


def test_package_changes_versions_and_says_where(tmp_path: Path) -> None:
    """Versions given replace the chart's; the archive is named after them."""
    _chart(tmp_path)
    options = PackageOptions(path="t", destination="out", version="2.0.0", app_version="x")
    assert package(_environment(tmp_path, SOURCE_DATE_EPOCH="5"), options) == "out/t-2.0.0.tgz"
    with tarfile.open(tmp_path / "out" / "t-2.0.0.tgz") as archive:
        assert {member.mtime for member in archive} == {5}
    assert show(str(tmp_path / "out" / "t-2.0.0.tgz"), "chart") == (
        "apiVersion: v2\nappVersion: x\nkeywords:\n- b\n- a\nname: t\nversion: 2.0.0\n\n"
    )
    assert package(_environment(tmp_path), PackageOptions(path="t")) == f"{tmp_path}/t-1.0.0.tgz"


@pytest.mark.parametrize(
    ("files", "options", "variables", "message"),
    [
        ({}, {"path": "nope"}, {}, "stat nope: no such file or directory"),
        ({}, {"version": "x"}, {}, "invalid semantic version"),
        ({}, {"destination": "/proc"}, {}, "failed to save: open /proc/t-1.0.0.tgz: no such file or directory"),
        ({"values.schema.json": "{"}, {}, {}, "failed to save: invalid JSON in values.schema.json"),
        (
            {"Chart.yaml": CHART + "dependencies: [{name: a, version: '1'}]\n"},
            {},
            {},
            "found in Chart.yaml, but missing in charts/ directory: a",
        ),
        (
            {},
            {},
            {"SOURCE_DATE_EPOCH": "x"},
            'invalid SOURCE_DATE_EPOCH: strconv.ParseInt: parsing "x": invalid syntax',
        ),
        ({}, {}, {"SOURCE_DATE_EPOCH": "-5"}, "invalid SOURCE_DATE_EPOCH: must not be negative"),
        (
            {},
            {},
            {"SOURCE_DATE_EPOCH": "+-5"},
            'invalid SOURCE_DATE_EPOCH: strconv.ParseInt: parsing "+-5": invalid syntax',
        ),
        (
            {},
            {},
            {"SOURCE_DATE_EPOCH": "99999999999999999999"},
            'invalid SOURCE_DATE_EPOCH: strconv.ParseInt: parsing "99999999999999999999": value out of range',
        ),
    ],
)
def test_what_cannot_be_packed(
    tmp_path: Path, files: dict[str, str], options: dict[str, str], variables: dict[str, str], message: str
) -> None:
    """Each reason has Helm's text, and no archive is left behind."""
    _chart(tmp_path, files)
    with pytest.raises(PilothouseError) as caught:
        package(_environment(tmp_path, **variables), PackageOptions(**{"path": "t", **options}))  # type: ignore[arg-type]
    assert caught.value.message == message
    assert not list(tmp_path.glob("*.tgz"))


@pytest.mark.oracle
def test_source_date_is_helms(tmp_path: Path, helm4: str) -> None:
    """With ``SOURCE_DATE_EPOCH`` the tar is the real program's, the lock's date included."""
    _chart(tmp_path, {"Chart.lock": "digest: x\ngenerated: '2020-01-01T00:00:00Z'\n", "values.yaml": "a: 1\n"})
    variables = {"SOURCE_DATE_EPOCH": "500", "HOME": str(tmp_path)}
    subprocess.run(
        [helm4, "package", "t", "-d", "theirs"], cwd=tmp_path, env=variables, check=True, capture_output=True
    )
    package(_environment(tmp_path, SOURCE_DATE_EPOCH="500"), PackageOptions(path="t", destination="ours"))
    with (
        tarfile.open(tmp_path / "theirs" / "t-1.0.0.tgz") as theirs,
        tarfile.open(tmp_path / "ours" / "t-1.0.0.tgz") as ours,
    ):
        assert [(item.name, item.size, item.mtime) for item in ours] == [
            (item.name, item.size, item.mtime) for item in theirs
        ]


def test_create_takes_paths_and_checks_the_experiment(tmp_path: Path) -> None:
    """The last element is the name; the experimental chart API needs its gate."""
    (tmp_path / "sub").mkdir()
    assert create(_environment(tmp_path), CreateOptions(name="sub/demo")) == f"{tmp_path}/sub/demo"
    with pytest.raises(PilothouseError, match=r"^unsupported chart API version: v7 \(supported: v2, v3\)$"):
        create(_environment(tmp_path), CreateOptions(name="x", chart_api_version="v7"))
    with pytest.raises(PilothouseError, match=r"Please set HELM_EXPERIMENTAL_CHART_V3=1 in your environment"):
        create(_environment(tmp_path), CreateOptions(name="x", chart_api_version="v3"))
    gated = _environment(tmp_path, HELM_EXPERIMENTAL_CHART_V3="1")
    path = create(gated, CreateOptions(name="three", chart_api_version="v3"))
    assert (Path(path) / "Chart.yaml").read_text().startswith("apiVersion: v3\nname: three\n")


@pytest.mark.oracle
@pytest.mark.parametrize("flags", [(), ("--quiet",), ("--strict",), ("--with-subcharts",), ("--quiet", "--strict")])
def test_lint_is_helms(tmp_path: Path, helm4: str, flags: tuple[str, ...]) -> None:
    """Text, summary and failure agree with the real program for good, odd, broken and missing charts."""
    scaffold("good", str(tmp_path))
    _chart(tmp_path, {"templates/a.yaml": "a: {{ .Values.x.y }}", "charts/t2/Chart.yaml": CHART, "charts/x.tgz": ""})
    paths = ("good", "t", "nope")
    command = [helm4, "lint", *(str(tmp_path / path) for path in paths), *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    switches = {flag.strip("-").replace("-", "_"): True for flag in flags}
    result = lint(LintOptions(paths=tuple(str(tmp_path / path) for path in paths), **switches))  # type: ignore[arg-type]
    error = f"Error: {result.summary}\n" if result.failed else ""
    assert (result.text, error) == (done.stdout, done.stderr[done.stderr.find("Error: ") :])
