"""Repositories, and what is fetched from them: ours beside the real programs, on homes of one form."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from functional.repository_server import Repository, chart, filled, index, serving
from pilothouse.cli.main import run
from pilothouse.commandline.runner import run_in_process
from pilothouse.environment import Environment
from pilothouse.formats.yaml_text import decode

CHARTS = (
    ("alpha", "0.1.0"),
    ("alpha", "1.0.0"),
    ("alpha", "1.1.0-rc.1"),
    ("alpha", "1.2.0"),
    ("alpha", "2.0.0-beta.1"),
    ("beta", "0.2.0"),
    ("beta", "0.10.0"),
    ("gamma", "3.0.0-alpha"),
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# The order in which repositories answer is nobody's to say.
_UPDATES = re.compile(r"(?:\.\.\.Successfully .*\n){2,}")
_UNFINISHED = re.compile(r"(\.tgz|index\.yaml)\d{6,}")
_WORK = re.compile(r"tmpcharts-\d+")
_PORT = re.compile(r"127\.0\.0\.1:\d+")


@dataclass
class Side:
    """One helm program with a home of its own.

    Attributes:
        program: The real program, empty for ours.
        place: Folder that holds home and working directory.
    """

    program: str
    place: Path
    generation: int = 4

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.place / "work"

    def variables(self) -> dict[str, str]:
        """Return the variables that the program gets."""
        found = {
            "HOME": str(self.place),
            "PATH": os.defpath,
            "HELM_CACHE_HOME": str(self.place / "cache"),
            "HELM_CONFIG_HOME": str(self.place / "config"),
            "HELM_DATA_HOME": str(self.place / "data"),
            "PILOTHOUSE_CACHE": str(self.place / "own"),
            "TZ": "UTC",
        }
        return {**found, "HELM_COMPAT": "3"} if self.generation == 3 else found

    def run(self, line: str, stdin: str = "") -> tuple[int, str, str]:
        """Run a command and return exit code, standard output and standard error, volatile parts masked."""
        self.work.mkdir(parents=True, exist_ok=True)
        words = line.split(" ")
        if self.program:
            done = subprocess.run(
                [self.program, *words],
                cwd=self.work,
                env=self.variables(),
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
                timeout=180,
            )
            return done.returncode, self._plain(done.stdout), self._errors(done.stderr)
        environment = Environment(variables=self.variables(), arguments=("helm",), working_directory=str(self.work))
        found = run_in_process(
            lambda given, streams: run(given, streams, environment), words, standard_input=stdin.encode()
        )
        return found.exit_code, self._plain(found.stdout), self._errors(found.stderr)

    def _plain(self, text: str) -> str:
        text = _TIME.sub("<time>", text.replace(str(self.place), "<place>"))
        text = _UPDATES.sub(lambda found: "".join(sorted(found[0].splitlines(keepends=True))), text)
        return _UNFINISHED.sub(r"\1", _WORK.sub("tmpcharts-N", text))

    def _errors(self, text: str) -> str:
        lines = [line for line in self._plain(text).splitlines() if not line.startswith(("hint: ", "caused by "))]
        return "\n".join(lines)

    def tree(self) -> dict[str, str]:
        """Return what lies in home and working directory, archives by their size alone."""
        found: dict[str, str] = {}
        for path in sorted(self.place.rglob("*")):
            name = str(path.relative_to(self.place))
            if path.is_dir() or name.startswith("own/"):
                continue
            if path.suffix in (".tgz", ".chart"):
                found[name] = "archive"
            else:
                text = self._plain(path.read_text())
                found[name] = "\n".join(sorted(text.splitlines())) if name.endswith("-charts.txt") else text
            found[name] += f" {path.stat().st_mode & 0o777:o}"
        return found


@pytest.fixture(scope="module")
def repository() -> Iterator[Repository]:
    """A repository on loopback."""
    with serving(Repository(files=filled(*CHARTS))) as served:
        yield served


def sides(tmp_path: Path, program: str, generation: int) -> tuple[Side, Side]:
    """Return our side and the real one."""
    return Side("", tmp_path / "ours", generation), Side(program, tmp_path / "real", generation)


def _unordered(result: tuple[int, str, str]) -> tuple[int, list[str], str]:
    """Return a result without the order of what repositories answer, which comes as they answer."""
    code, out, err = result
    return code, sorted(part.strip() for part in out.split("\n...")), err


def compare(mine: Side, theirs: Side, lines: tuple[str, ...], url: str) -> None:
    """Run each line on both sides and compare what it printed; in the end compare what was written."""
    differences: list[str] = []
    for line in lines:
        words, _, stdin = line.replace("URL", url).partition(" <<< ")
        if words.startswith("mkdir "):
            for side in (mine, theirs):
                (side.work / words[6:]).mkdir(parents=True)
            continue
        got, wanted = mine.run(words, stdin), theirs.run(words, stdin)
        if got != wanted:
            differences.append(f"{line}\n  ours {got}\n  real {wanted}")
    got_tree, wanted_tree = mine.tree(), theirs.tree()
    differences += [
        f"{name}\n  ours {got_tree.get(name)}\n  real {wanted_tree.get(name)}"
        for name in sorted(got_tree.keys() | wanted_tree.keys())
        if got_tree.get(name) != wanted_tree.get(name)
    ]
    assert not differences, "\n".join(differences)


MANAGING = (
    "repo list",
    "repo list -o json",
    "repo list -o yaml",
    "repo update",
    "repo remove x",
    "search repo",
    "repo add a/b URL",
    "repo add one URL",
    "repo add one URL",
    "repo add one URL/",
    "repo add one URL/ --force-update",
    "repo add two URL --username u --password p --pass-credentials --insecure-skip-tls-verify",
    "repo add three URL --username u --password-stdin <<< secret\n",
    "repo add four URL/nowhere",
    "repo add five file:///tmp",
    "repo add six nothing",
    "repo add seven http://127.0.0.1:1",
    "repo add eight https://kubernetes-charts.storage.googleapis.com",
    "repo add nine //kubernetes-charts-incubator.storage.googleapis.com --allow-deprecated-repos",
    "repo add ten",
    "repo list",
    "repo ls -o yaml",
    "repo list -o json",
    "repo update one",
    "repo update one two",
    "repo up nope",
    "repo update nope one",
    "repo remove two",
    "repo remove three nope",
    "repo rm nope",
    "repo remove",
    "repo list",
)

SEARCHING = (
    "search repo",
    "repo add one URL",
    "repo add two URL",
    "search repo",
    "search repo -l",
    "search repo --devel",
    "search repo -l --devel",
    "search repo alpha",
    "search repo ALPHA",
    "search repo one/alpha --versions",
    "search repo testing chart",
    "search repo chart beta",
    "search repo kind-beta",
    "search repo --version ^1.0.0",
    "search repo --version ^1.0.0-0 -l",
    "search repo --version zz",
    "search repo --version 0.10.0 -o json",
    "search repo -r ^al.ha",
    "search repo -r (",
    "search repo -r kind-(alpha|beta) -o yaml",
    "search repo nothing-there",
    "search repo nothing-there --fail-on-no-result",
    "search repo nothing-there -o json",
    "search repo nothing-there -o json --fail-on-no-result",
    "search repo alpha --max-col-width 8",
    "search repo alpha --max-col-width 0",
    "search hub x --endpoint nothing",
    "search hub x --endpoint URL",
)

FETCHING = (
    "pull one/alpha",
    "repo add one URL",
    "pull one/alpha",
    "pull one/alpha --version 1.0.0 -d out",
    "mkdir out",
    "mkdir many",
    "pull one/alpha --version 1.0.0 -d out",
    "pull one/alpha --version ^1 --devel",
    "pull one/alpha --devel",
    "pull one/gamma",
    "pull one/gamma --devel",
    "pull one/nope",
    "pull one/alpha --version 9",
    "pull one/alpha --version bad",
    "pull nope/alpha",
    "pull alpha",
    "pull alpha --repo URL",
    "pull alpha --repo URL --version 0.1.0",
    "pull alpha --repo URL --version 7",
    "pull nope --repo URL",
    "pull alpha --repo URL/nowhere",
    "pull alpha --repo nothing",
    "pull URL/beta-0.2.0.tgz",
    "pull URL/nope.tgz",
    "pull one/beta --untar",
    "pull one/beta --untar",
    "pull one/beta --untar --untardir in",
    "pull one/alpha -d nowhere",
    "pull one/beta --untar --untardir in -d deep",
    "pull beta --repo URL --untar --untardir three",
    "pull one/alpha one/beta -d many",
    "pull one/alpha one/nope one/beta",
    "pull ftp://x/y.tgz",
    "pull one/beta --prov -d many",
    "pull oci",
    "pull",
    "show chart one/alpha",
    "show values one/alpha --version 1.0.0",
    "show chart alpha --repo URL --version 0.1.0",
    "show chart URL/beta-0.10.0.tgz",
    "show chart one/alpha --version 1",
    "show chart one/alpha --version 1.1",
    "show chart one/alpha --devel",
    "show chart one/nope",
    "show chart nope --repo URL",
    "show chart http://127.0.0.1:1/x.tgz",
    "template one/beta --set size=3",
    "template x one/alpha --version ~1.0",
    "template x alpha --repo URL",
    "template x URL/alpha-1.0.0.tgz -f URL/index.yaml",
    "template x URL/alpha-1.0.0.tgz -f URL/nope.yaml",
    "template x URL/alpha-1.0.0.tgz -f ftp://x/nope.yaml",
    "template x URL/alpha-1.0.0.tgz --set-file size=URL/nope.yaml",
    "pull one/alpha --ca-file none",
    "pull URL/alpha-1.0.0.tgz --cert-file none --key-file none",
    "show chart one/alpha --ca-file none",
    "template x one/alpha --ca-file none",
    "template x one/alpha --cert-file none",
    "template x one/alpha --kube-version bad --ca-file none",
    "install x one/alpha --ca-file none",
    "upgrade x one/alpha --ca-file none",
    "push nope.tgz oci://x/y --ca-file none",
    "template x one/beta --output-dir many",
    "template x one/beta --output-dir many -s templates/object.yaml",
    "template x one/beta --output-dir beta-0.2.0.tgz",
    "template x one/beta --output-dir beta-0.2.0.tgz/x --debug=false",
)


@pytest.mark.oracle
@pytest.mark.parametrize("generation", [4, 3])
@pytest.mark.parametrize("lines", [MANAGING, SEARCHING, FETCHING], ids=["managing", "searching", "fetching"])
def test_repositories_are_used_as_helm_uses_them(
    request: pytest.FixtureRequest, tmp_path: Path, repository: Repository, generation: int, lines: tuple[str, ...]
) -> None:
    """Texts, exit codes and the files that are left are those of the real program."""
    program = request.getfixturevalue(f"helm{generation}")
    compare(*sides(tmp_path, program, generation), lines, repository.url)


def _chart_file(name: str, dependencies: str, *, api: str = "v2", version: str = "0.1.0") -> str:
    declared = f"dependencies:\n{dependencies}" if dependencies else ""
    return f"apiVersion: {api}\nname: {name}\nversion: {version}\n{declared}"


#: Charts by name: what each declares to need.
NEEDY = {
    "exact": "- {name: alpha, version: 1.0.0, repository: URL}\n",
    "range": "- {name: alpha, version: ^1, repository: URL}\n",
    "slash": "- {name: alpha, version: ~1.0, repository: URL/}\n",
    "two": "- {name: alpha, version: ^1, repository: URL}\n- {name: beta, version: '>0.1', repository: URL}\n",
    "alias": "- {name: alpha, version: 1.x, repository: URL, alias: first}\n"
    "- {name: alpha, version: 1.x, repository: URL, alias: second, condition: a.b, tags: [x, y]}\n",
    "differing": "- {name: alpha, version: 0.1.0, repository: URL, alias: old}\n"
    "- {name: alpha, version: 1.0.0, repository: URL}\n",
    "named": "- {name: beta, version: '*', repository: '@one'}\n",
    "named-long": "- {name: beta, version: '*', repository: 'alias:one'}\n",
    "imports": "- {name: beta, version: '>=0', repository: URL, import-values: [data, {child: a, parent: b}]}\n",
    "prerelease": "- {name: gamma, version: '>=3.0.0-0', repository: URL}\n",
    "devel": "- {name: alpha, version: '>1.0.0-0', repository: URL}\n",
    "local": "- {name: plain, version: '>=0.1.0', repository: 'file://../plain'}\n",
    "mixed": "- {name: plain, version: 0.1.0, repository: 'file://../plain'}\n"
    "- {name: beta, version: 0.2.0, repository: URL}\n",
    "quoted": "- {name: beta, version: '>0.1.0 <0.9 || 99', repository: 'URL'}\n",
    "none-fits": "- {name: gamma, version: '>=3', repository: URL}\n- {name: alpha, version: '>7', repository: URL}\n",
    "no-chart": "- {name: nobody, version: '1', repository: URL}\n",
    "bad-range": "- {name: alpha, version: one, repository: URL}\n",
    "no-version": "- {name: alpha, repository: URL}\n",
    "unknown-name": "- {name: beta, version: '*', repository: '@nope'}\n",
    "word": "- {name: beta, version: '*', repository: stable}\n- {name: x, version: 1, repository: '@y'}\n",
    "unreachable": "- {name: beta, version: '*', repository: 'http://127.0.0.1:1'}\n",
    "no-folder": "- {name: plain, version: '*', repository: 'file://../nope'}\n",
    "wrong-local": "- {name: plain, version: '>9', repository: 'file://../plain'}\n",
    "included": "- {name: inside, version: 0.1.0}\n",
    "included-wrong": "- {name: inside, version: '>1'}\n",
    "not-included": "- {name: outside, version: '>1'}\n",
    "odd-scheme": "- {name: beta, version: '1', repository: 'ftp://x'}\n",
    "plain": "",
}


def needy_charts(side: Side, url: str) -> None:
    """Write the charts into a working directory."""
    for name, declared in NEEDY.items():
        folder = side.work / name
        folder.mkdir(parents=True)
        (folder / "Chart.yaml").write_text(_chart_file(name, declared.replace("URL", url)))
        if name.startswith("included"):
            (folder / "charts" / "inside").mkdir(parents=True)
            (folder / "charts" / "inside" / "Chart.yaml").write_text(_chart_file("inside", ""))
    old = side.work / "old"
    old.mkdir()
    (old / "Chart.yaml").write_text(_chart_file("old", "", api="v1"))
    (old / "requirements.yaml").write_text("dependencies:\n" + NEEDY["two"].replace("URL", url))
    empty = side.work / "empty"
    empty.mkdir()
    (empty / "Chart.yaml").write_text(_chart_file("empty", "") + "dependencies: []\n")


EVERY_CHART = (*NEEDY, "old", "empty")
UNMANAGED = (
    *(f"dependency update {name}" for name in EVERY_CHART),
    *(f"dependency list {name}" for name in EVERY_CHART),
    *(f"dependency build {name}" for name in EVERY_CHART),
    "dependency update nowhere",
    "dependency update exact/Chart.yaml",
    "dependency build nowhere",
    "dependency list nowhere",
    "dependency update exact --skip-refresh",
    "dependency list exact --max-col-width 10",
)
MANAGED = (
    "repo add one URL",
    *(f"dependency update {name}" for name in EVERY_CHART),
    *(f"dependency update {name}" for name in ("exact", "two", "local")),
    *(f"dependency build {name}" for name in EVERY_CHART),
    *(f"dependency build {name} --skip-refresh" for name in EVERY_CHART),
    "repo remove one",
    "dependency build two",
    "dependency build named",
    "dep up named",
    "template x two",
    "template x differing",
)
FETCHED_ON_THE_WAY = (
    "template x two",
    "template x two --dependency-update",
    "template x two --dependency-update",
    "template x none-fits --dependency-update",
    "package range",
    "package range -u",
    "package none-fits -u",
)


@pytest.mark.oracle
@pytest.mark.parametrize("generation", [4, 3])
@pytest.mark.parametrize("lines", [UNMANAGED, MANAGED, FETCHED_ON_THE_WAY], ids=["unmanaged", "managed", "on-the-way"])
def test_dependencies_are_fetched_as_helm_fetches_them(
    request: pytest.FixtureRequest, tmp_path: Path, repository: Repository, generation: int, lines: tuple[str, ...]
) -> None:
    """Texts, exit codes, archives and locks, digests included, are those of the real program."""
    both = sides(tmp_path, request.getfixturevalue(f"helm{generation}"), generation)
    for side in both:
        needy_charts(side, repository.url)
    compare(*both, lines, repository.url)


INDEXING = (
    "repo index charts",
    "repo index charts --json",
    "repo index charts --url http://example.com/charts",
    "repo index charts --url http://example.com/charts/?a=b --json",
    "repo index charts --merge old.yaml",
    "repo index charts --merge old.json --json",
    "repo index charts --merge made.yaml",
    "repo index charts --merge broken.yaml",
    "repo index charts --merge empty.yaml",
    "repo index charts --merge charts",
    "repo index nowhere",
    "repo index empty",
    "repo index",
    "repo index charts more",
)


@pytest.mark.oracle
@pytest.mark.parametrize("generation", [4, 3])
@pytest.mark.parametrize("line", INDEXING)
def test_indexes_are_made_as_helm_makes_them(
    request: pytest.FixtureRequest, tmp_path: Path, generation: int, line: str
) -> None:
    """An index of archives, merged with another or not, in YAML and JSON, is the real program's to the byte."""
    both = sides(tmp_path, request.getfixturevalue(f"helm{generation}"), generation)
    for side in both:
        archives_in(side.work)
    compare(*both, (line,), "")


def archives_in(work: Path) -> None:
    """Write archives, and what is none, and other indexes into a folder."""
    (work / "charts" / "more" / "deep").mkdir(parents=True)
    (work / "empty").mkdir()
    rich = (
        "home: https://example.com\nsources: [https://example.com/s]\nkeywords: [a, <b>]\n"
        "maintainers: [{name: M, email: m@example.com}, {name: N}]\nicon: x.png\nappVersion: '1.10'\n"
        "deprecated: true\nannotations: {k: v & w}\nkubeVersion: '>=1.20'\ntype: library\n"
        "dependencies: [{name: d, version: '>1', repository: 'https://example.com', tags: [t], alias: e}]\n"
    )
    for name, version, extra in (
        ("one", "1.0.0", ""),
        ("one", "1.10.0", ""),
        ("one", "1.9.0", ""),
        ("one", "1.9.0-rc.1", ""),
        ("one", "1.0.0+build", ""),
        ("rich", "0.1.0", rich),
    ):
        (work / "charts" / f"{name}-{version}.tgz").write_bytes(chart(name, version, chart_file=extra))
    (work / "charts" / "more" / "two-0.1.0.tgz").write_bytes(chart("two", "0.1.0"))
    (work / "charts" / "more" / "deep" / "three-0.1.0.tgz").write_bytes(chart("three", "0.1.0"))
    (work / "charts" / "bad.tgz").write_bytes(b"no archive")
    (work / "charts" / "named-wrongly.tgz").write_bytes(chart("four", "not-a-version"))
    (work / "charts" / "values-0.1.0.tgz").write_bytes(chart("values", "0.1.0", files={"values.yaml": "a: [\n"}))
    (work / "charts" / "readme.txt").write_text("no chart")
    archive = chart("one", "0.9.0")
    old = [("one", "0.9.0", "http://old.example/one-0.9.0.tgz", archive), ("gone", "1.0.0", "gone.tgz", archive)]
    old.append(("one", "1.0.0", "http://old.example/one-1.0.0.tgz", archive))
    (work / "old.yaml").write_bytes(index(old, extra="annotations:\n  a: b\n"))
    value = decode((work / "old.yaml").read_text())
    (work / "old.json").write_text(json.dumps(value))
    (work / "broken.yaml").write_text("a: [\n")
    (work / "empty.yaml").write_text("")
