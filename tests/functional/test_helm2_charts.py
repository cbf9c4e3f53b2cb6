"""Charts that are wrong, in Helm 2's dialect.

The texts were seen of Helm 2.14.3, or stand in the source of 2.17 where the two differ (``chartutil``, ``downloader``).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CHART = "apiVersion: v1\nname: shop\nversion: 0.1.0\n"
BROKEN = "a: [\n"
YAML_FAULT = "error converting YAML to JSON: yaml: line 1: did not find expected node content"
NOT_V1 = "apiVersion 'v2' is not valid. The value must be \"v1\""
NAMELESS = "invalid chart (Chart.yaml): name must not be empty"
SUB = {"charts/sub/Chart.yaml": "name: sub\nversion: 0.1.0\n"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as ``helm init --client-only`` makes it, without repositories."""
    folder = tmp_path_factory.mktemp("home")
    assert helm(folder, folder, "init", "--client-only", "--skip-refresh")[0] == 0
    (folder / "repository/repositories.yaml").write_text("apiVersion: v1\nrepositories: []\n")
    return folder


def helm(home: Path, folder: Path, *words: str) -> tuple[int, str]:
    """Run a command in Helm 2's dialect and return its exit code and all that it printed."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "HELM_HOME": str(home),
        "HELM_HOST": "127.0.0.1:1",
        "HELM_COMPAT": "2",
        "PYTHONPATH": str(REPOSITORY / "src"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, (done.stdout + done.stderr).strip()


def write(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a chart, its Chart.yaml being a good one unless given."""
    for name, text in {"Chart.yaml": CHART, "templates/a.yaml": "a: 1\n", **files}.items():
        if text:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("files", "words", "told"),
    [
        ({"Chart.yaml": ""}, "inspect shop", 'no Chart.yaml exists in directory "HERE/shop"'),
        ({"Chart.yaml": ""}, "template shop", 'no Chart.yaml exists in directory "HERE/shop"'),
        ({"Chart.yaml": ""}, "dependency list shop", 'no Chart.yaml exists in directory "HERE/shop"'),
        ({"Chart.yaml": ""}, "dependency update shop", "chart metadata (Chart.yaml) missing"),
        ({"Chart.yaml": ""}, "dependency build shop", "chart metadata (Chart.yaml) missing"),
        ({"Chart.yaml": ""}, "package shop", "chart metadata (Chart.yaml) missing"),
        ({"Chart.yaml": "version: 0.1.0\n"}, "template shop", NAMELESS),
        ({"Chart.yaml": "version: 0.1.0\n"}, "package shop", NAMELESS),
        ({"Chart.yaml": BROKEN}, "template shop", YAML_FAULT),
        ({"Chart.yaml": BROKEN}, "package shop", YAML_FAULT),
        ({"Chart.yaml": CHART.replace("v1", "v2")}, "package shop", NOT_V1),
        (
            {"Chart.yaml": "name: ../../shop\nversion: 0.1.0\n"},
            "template shop",
            'validation: chart.metadata.name "../../shop" is invalid',
        ),
        (
            {"values.yaml": BROKEN},
            "template shop",
            f"Error: Reading chart 'shop' default values (a: [\n): {YAML_FAULT}",
        ),
        ({"values.toml": "a"}, "template shop", "values.toml is illegal as of 2.0.0-alpha.2"),
        ({"requirements.yaml": BROKEN}, "template shop", f"cannot load requirements: {YAML_FAULT}"),
        ({"requirements.yaml": BROKEN}, "package shop", YAML_FAULT),
        ({"requirements.yaml": BROKEN}, "dependency list shop", YAML_FAULT),
        ({"requirements.yaml": BROKEN}, "dependency update shop", YAML_FAULT),
        ({"charts/sub/Chart.yaml": BROKEN}, "template shop", f"error unpacking sub in shop: {YAML_FAULT}"),
        (
            {"charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\n"},
            "inspect shop",
            f"error unpacking sub in shop: {NOT_V1}",
        ),
        (
            {**SUB, "requirements.yaml": "dependencies: [{name: sub, version: '*', alias: ../x}]\n"},
            "template shop",
            'illegal alias name in "sub"',
        ),
        (
            {"values.yaml": "a: 1\n"},
            "template shop/values.yaml",
            "file 'HERE/shop/values.yaml' seems to be a YAML file, but I expected a gzipped archive",
        ),
        ({}, "install shop --verify", "cannot verify a directory"),
        ({}, "dependency update nothing", "could not find HERE/nothing: stat HERE/nothing: no such file or directory"),
        ({}, "dependency build nothing", "could not find nothing: stat nothing: no such file or directory"),
    ],
)
def test_what_is_wrong_is_told(home: Path, tmp_path: Path, files: dict[str, str], words: str, told: str) -> None:
    """Each command in its own words; nothing else is printed and nothing is written."""
    write(tmp_path / "shop", files)
    before = sorted(tmp_path.rglob("*"))
    assert helm(home, tmp_path, *words.split()) == (1, f"Error: {told.replace('HERE', str(tmp_path))}")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("files", "words", "told"),
    [
        ({"Chart.yaml": CHART.replace("0.1.0", "a.b")}, "template shop", "---\n# Source: shop/templates/a.yaml\na: 1"),
        ({"requirements.yaml": "a: 1\n"}, "dependency update shop", "Saving 0 charts\nDeleting outdated charts"),
        ({}, "dependency update shop", "No requirements found in HERE/shop/charts."),
        ({}, "dependency build shop", "No requirements found in shop/charts."),
        ({}, "dependency list shop", "WARNING: no requirements at HERE/shop/charts"),
        ({"requirements.yaml": BROKEN}, "lint shop", "1 chart(s) linted, no failures"),
        ({"values.yaml": BROKEN}, "package shop", "saved it to: HERE/shop-0.1.0.tgz"),
        ({"Chart.yaml": CHART.replace("0.1.0", "a.b")}, "package shop", "saved it to: HERE/shop-a.b.tgz"),
    ],
)
def test_helm_2_takes_it(home: Path, tmp_path: Path, files: dict[str, str], words: str, told: str) -> None:
    """What later Helms refuse when they load a chart, and what is told when nothing is to be done."""
    write(tmp_path / "shop", files)
    code, text = helm(home, tmp_path, *words.split())
    assert (code, told.replace("HERE", str(tmp_path)) in text) == (0, True), text


def test_broken_values_are_found_by_lint_once(home: Path, tmp_path: Path) -> None:
    """The rules for templates end silently when values cannot be laid together."""
    write(tmp_path / "shop", {"values.yaml": BROKEN})
    code, text = helm(home, tmp_path, "lint", "shop")
    assert (code, text.count("[ERROR]")) == (1, 1), text
    assert f"[ERROR] values.yaml: unable to parse YAML\n\t{YAML_FAULT}" in text


def test_an_index_lists_what_helm_2_loads(home: Path, tmp_path: Path) -> None:
    """Archives whose values are broken or whose version is none are in it, and nothing that only later Helms know."""
    for name, files in (("shop", {"values.yaml": BROKEN}), ("odd", {"Chart.yaml": "name: odd\nversion: a.b\n"})):
        write(tmp_path / name, files)
        assert helm(home, tmp_path, "package", name)[0] == 0
    assert helm(home, tmp_path, "repo", "index", ".") == (0, "")
    index = (tmp_path / "index.yaml").read_text()
    assert "  odd:\n  - created:" in index
    assert "  shop:\n  - apiVersion: v1\n" in index


def test_a_lock_must_belong_to_the_requirements(home: Path, tmp_path: Path) -> None:
    """Without requirements.yaml a lock says nothing; one that cannot be read counts as none."""
    write(tmp_path / "shop", {"requirements.lock": "digest: x\n"})
    told = "Error: requirements.yaml cannot be opened: requirements.yaml not found"
    assert helm(home, tmp_path, "dependency", "build", "shop") == (1, told)
    write(tmp_path / "shop", {"requirements.yaml": "dependencies: []\n"})
    told = "Error: requirements.lock is out of sync with requirements.yaml"
    assert helm(home, tmp_path, "dependency", "build", "shop") == (1, told)
    write(tmp_path / "shop", {"requirements.lock": BROKEN, "requirements.yaml": "dependencies: [{name: a}]\n"})
    code, text = helm(home, tmp_path, "dependency", "build", "shop")
    assert (code, "directory shop/charts/a not found" in text) == (1, True), text
