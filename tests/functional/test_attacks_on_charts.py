"""Published attacks by way of a chart: its archive, its folder, its fields, its values and its schema."""

from __future__ import annotations

import importlib
import io
import os
import resource
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.repository_server import Repository, filled, serving
from functional.test_repositories import Side

_shared = importlib.import_module("functional.side_by_side")
write_chart = _shared.write_chart

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: demo}\ndata: "
#: Memory that a hostile chart may take beyond what an honest one takes.
MEMORY = 1 << 30


@pytest.fixture
def side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Side:
    """Our program in a home of its own."""
    made = Side("", tmp_path)
    made.work.mkdir()
    monkeypatch.chdir(made.work)
    return made


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A chart repository."""
    with serving(Repository(files=filled(("beta", "0.1.0")))) as served:
        yield served


def refused(side: Side, line: str) -> str:
    """Run a command that must fail in good order and return what it says."""
    code, _, errors = side.run(line)
    assert code == 1, f"{line} was not refused"
    assert errors.startswith("Error: ") or "\nError: " in errors, errors
    assert "Traceback" not in errors
    return errors


def confined(side: Side, *words: str) -> tuple[int, str]:
    """Run a command as a process that may take only so much memory; return exit code and standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", *words],
        cwd=side.work,
        env={**side.variables(), "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def archive(path: Path, *members: tuple[str, bytes] | tarfile.TarInfo) -> Path:
    """Write an archive of named contents and of ready entries."""
    with tarfile.open(path, "w:gz", compresslevel=1) as packed:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                packed.addfile(member)
                continue
            entry = tarfile.TarInfo(member[0])
            entry.size = len(member[1])
            packed.addfile(entry, io.BytesIO(member[1]))
    return path


def outside(side: Side) -> list[str]:
    """Return the files with ``evil`` in their names, wherever they are."""
    return [str(path) for path in side.place.rglob("*evil*")]


CHART_FILE = ("demo/Chart.yaml", b"apiVersion: v2\nname: demo\nversion: 0.1.0\n")
REFUSED = ("demo/../../evil", "demo//../../evil", "demo/../../../evil", "demo\\..\\..\\evil")
#: Without their first element, which Helm drops, these are harmless.
HARMLESS = ("C:\\demo\\evil", "../evil/Chart.yaml", "/evil/x", "demo/C:\\evil", "demo/C:/evil")


@pytest.mark.parametrize("name", REFUSED)
def test_an_archive_cannot_name_places_outside(side: Side, repository: Repository, name: str) -> None:
    """CVE-2019-1000008: ``fetch --untar``, ``lint`` and every reader refuse paths that lead out of the chart."""
    path = archive(side.work / "demo-0.1.0.tgz", CHART_FILE, (name, b"evil"))
    repository.files["/demo-0.1.0.tgz"] = path.read_bytes()
    for line in (
        f"pull {repository.url}/demo-0.1.0.tgz --untar -d got",
        f"fetch {repository.url}/demo-0.1.0.tgz --untar -d got",
        "lint demo-0.1.0.tgz",
        "template demo-0.1.0.tgz",
        "show all demo-0.1.0.tgz",
    ):
        (side.work / "got").mkdir(exist_ok=True)
        code, _, _ = side.run(line)
        assert code == 1, line
        assert not outside(side)


@pytest.mark.parametrize("name", REFUSED + HARMLESS)
def test_crafted_paths_of_an_archive_write_nothing_elsewhere(side: Side, repository: Repository, name: str) -> None:
    """Commit 3637996dc: drive letters, backslashes and doubled slashes are as good as ``..``."""
    path = archive(side.work / "demo-0.1.0.tgz", CHART_FILE, (name, b"evil"))
    repository.files["/demo-0.1.0.tgz"] = path.read_bytes()
    side.run(f"pull {repository.url}/demo-0.1.0.tgz --untar --untardir deep/in")
    inside = side.work / "deep" / "in"
    assert not [found for found in outside(side) if not found.startswith(str(inside))]
    assert not list(Path("/").glob("*evil*"))


def test_links_of_a_folder_are_told_and_odd_files_refused(side: Side) -> None:
    """CVE-2019-18658, HLM-01-001: a link to a secret is listed, a link to a device ends the command at once."""
    folder = write_chart(side.work, {})
    (side.place / "secret").write_text("key: hidden\n")
    (folder / "linked.yaml").symlink_to(side.place / "secret")
    code, _, errors = side.run("package demo")
    assert code == 0
    assert "found symbolic link in path" in errors
    assert "linked.yaml" in errors
    (folder / "endless").symlink_to("/dev/urandom")
    for line in ("package demo", "template demo", "lint demo", "show values demo"):
        assert "cannot load irregular file" in "".join(side.run(line)[1:]), line


def test_links_in_an_archive_are_not_followed(side: Side, repository: Repository) -> None:
    """CVE-2019-18658: a link in an archive is neither read through nor written."""
    link = tarfile.TarInfo("demo/templates/passwd")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    repository.files["/demo-0.1.0.tgz"] = archive(side.work / "a.tgz", CHART_FILE, link).read_bytes()
    code, out, _ = side.run("template a.tgz")
    assert (code, "root:" in out) == (0, False)
    side.run(f"pull {repository.url}/demo-0.1.0.tgz --untar")
    assert not any(path.is_symlink() for path in side.work.rglob("*"))


def test_lookup_asks_no_cluster_when_nothing_is_installed(side: Side, repository: Repository) -> None:
    """CVE-2020-11013: ``template`` and a client's dry run contact no server for ``lookup``."""
    text = CONFIG_MAP + '{found: {{ lookup "v1" "Secret" "kube-system" "" | toJson }}}\n'
    write_chart(side.work, {"templates/a.yaml": text})
    kubeconfig = side.place / "kubeconfig"
    kubeconfig.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
        f"clusters: [{{name: a, cluster: {{server: '{repository.url}'}}}}]\nusers: [{{name: a, user: {{token: t}}}}]\n"
    )
    for words in ("template demo", "template demo --dry-run=client", "install x demo --dry-run=client"):
        code, out, _ = side.run(f"{words} --kubeconfig {kubeconfig}")
        assert (code, "found: {}" in out.replace('"', "")) == (0, True), words
    assert not repository.seen


@pytest.mark.parametrize("alias", ["../../evil", "a/evil", "evil\\nname: x", "evil ", "e.vil", "/evil"])
def test_an_alias_is_a_plain_word(side: Side, repository: Repository, alias: str) -> None:
    """CVE-2020-15184, TOB-HELM-011: an alias with path or line breaks in it is refused, whatever is done."""
    needs = f'dependencies: [{{name: beta, version: 0.1.0, repository: "{repository.url}", alias: "{alias}"}}]\n'
    write_chart(side.work, {"Chart.yaml": f"apiVersion: v2\nname: demo\nversion: 0.1.0\n{needs}"})
    for line in ("dependency update demo", "template demo", "package demo", "lint demo"):
        assert "disallowed characters in the alias" in "".join(side.run(line)[1:]), line
    assert not outside(side)


def test_what_moves_a_cursor_is_taken_out_of_a_chart(side: Side) -> None:
    """CVE-2021-21303: no field of a chart reaches the terminal with its control characters; versions are versions."""
    fields = 'description: "a\\e[2Jb"\nappVersion: "1\\e]0;x\\a"\nhome: "h\\e[1m"\nkeywords: ["k\\e[0m"]\n'
    more = 'maintainers: [{name: "m\\e[5m", email: "e\\u009b31m"}]\nsources: ["s\\e[3m"]\nicon: "i\\e[3m"\n'
    needs = 'dependencies: [{name: "n\\e[9m", version: "1", repository: "r\\e[7m"}]\n'
    write_chart(side.work, {"Chart.yaml": f"apiVersion: v2\nname: demo\nversion: 0.1.0\n{fields}{more}{needs}"})
    for line in ("show chart demo", "show all demo", "dependency list demo", "lint demo", "package demo"):
        code, out, errors = side.run(line)
        assert not any(character in out + errors for character in "\x1b\x9b\x07"), (line, code)
    for name, version in (("demo", '"1.0.0\\e[2J"'), ("demo", "1.0.0;x"), ("demo", "not-a-version")):
        write_chart(side.work, {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n"})
        assert "\x1b" not in refused(side, "package demo")


def test_a_huge_index_of_a_list_is_refused(side: Side) -> None:
    """CVE-2022-36055: ``--set a[9999999999]=1`` takes no memory for elements that nobody set."""
    write_chart(side.work, {})
    for option in ("--set", "--set-string", "--set-json", "--set-literal", "--set-file"):
        code, errors = confined(side, "template", "demo", option, "a[9999999999]=1")
        assert (code, "failed parsing" in errors) == (1, True), (option, errors)
        for index in ("65537", "-1"):
            assert "failed parsing" in refused(side, f"template demo {option} a[{index}]=1")
    assert side.run("template demo --set a[65536]=1")[0] == 0


def test_names_nest_only_so_deep(side: Side) -> None:
    """CVE-2022-23524: a name of a hundred thousand parts is an error and no overflow of the stack."""
    write_chart(side.work, {})
    for name in ("a." * 31 + "b=1", "a." * 20_000 + "b=1", "a[0]." * 10_000 + "b=1"):
        code, errors = confined(side, "template", "demo", "--set", name)
        assert (code, "nested" in errors) == (1, True), errors
    assert side.run("template demo --set " + "a." * 30 + "b=1")[0] == 0


@pytest.mark.parametrize(
    "schema",
    ["null", "[]", "1", '"x"', '{"type": 1}', '{"properties": []}', '{"$ref": 1}', '{"required": {}}', "{", "", "\x00"],
)
def test_a_malformed_schema_is_an_error(side: Side, schema: str) -> None:
    """CVE-2022-23526: whatever stands in the place of a schema, nothing crashes."""
    write_chart(side.work, {"values.schema.json": schema, "values.yaml": "a: 1\n"})
    for line in ("template demo", "lint demo", "package demo"):
        code, _, errors = side.run(line)
        assert code in (0, 1), line
        assert "Traceback" not in errors


@pytest.mark.parametrize(
    "schema",
    [
        '{"$ref": "#"}',
        '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}',
        '{"properties": {"a": {"$ref": "#"}}}',
        '{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}',
    ],
)
def test_a_schema_that_names_itself_ends(side: Side, schema: str) -> None:
    """CVE-2025-32387: references that go in a circle neither overflow the stack nor go on for ever."""
    write_chart(side.work, {"values.schema.json": schema, "values.yaml": "a: {a: {a: 1}}\n"})
    code, errors = confined(side, "template", "demo")
    assert code in (0, 1), errors


@pytest.mark.parametrize("reference", ["file:///dev/zero", "file:///etc/passwd", "ftp://x/y", "/dev/zero"])
def test_a_schema_brings_in_no_files(side: Side, reference: str) -> None:
    """CVE-2025-55199: a reference to a device or a file is not followed, and cannot use up the memory."""
    write_chart(side.work, {"values.schema.json": f'{{"properties": {{"a": {{"$ref": "{reference}"}}}}}}'})
    (side.work / "demo" / "values.yaml").write_text("a: 1\n")
    code, errors = confined(side, "template", "demo")
    assert code == 1
    assert "root:" not in errors


def test_names_of_hosts_are_not_asked_for(side: Side) -> None:
    """CVE-2023-25165: ``getHostByName`` sends no question, and with it no value, unless ``--enable-dns`` is given."""
    write_chart(side.work, {"templates/a.yaml": CONFIG_MAP + '{a: {{ getHostByName "localhost" | quote }}}\n'})
    for line in ("template demo", "install x demo --dry-run=client"):
        assert 'a: ""' in side.run(line)[1]
    assert 'a: "127.0.0.1"' in side.run("template demo --enable-dns")[1] or "a: '::1'" in side.run("template demo")[1]


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil"])
def test_a_name_with_a_path_writes_nothing(side: Side, name: str) -> None:
    """CVE-2024-25620: the name of a chart cannot place its archive elsewhere."""
    write_chart(side.work, {"Chart.yaml": f'apiVersion: v2\nname: "{name}"\nversion: 0.1.0\n'})
    (side.work / "out").mkdir()
    refused(side, "package demo -d out")
    needs = f"dependencies: [{{name: '{name}', version: '*', repository: 'file://../demo'}}]\n"
    write_chart(side.work, {"Chart.yaml": f"apiVersion: v2\nname: needy\nversion: 0.1.0\n{needs}"}, name="needy")
    refused(side, "dependency update needy")
    assert not outside(side)
    assert not list(side.work.rglob("*.tgz"))


def test_dry_runs_can_hide_secrets(side: Side) -> None:
    """CVE-2019-25210: with ``--hide-secret`` a dry run shows no Secret."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n"
    write_chart(side.work, {"templates/a.yaml": secret, "templates/b.yaml": CONFIG_MAP + "{}\n"})
    assert "hunter2" in side.run("install x demo --dry-run=client")[1]
    code, out, _ = side.run("install x demo --dry-run=client --hide-secret")
    assert (code, "hunter2" in out, "HIDDEN: The Secret output has been suppressed" in out) == (0, False, True)


def test_bombs_are_not_unpacked(side: Side, repository: Repository) -> None:
    """CVE-2025-32386: what unpacks to more than 100 MiB is refused before it takes the memory."""
    for name, sizes in (("one", (101 << 20,)), ("many", (5 << 20,) * 21)):  # one claims it in its header
        members = [(f"demo/{number}", bytes(size)) for number, size in enumerate(sizes)]
        path = archive(side.work / f"{name}.tgz", CHART_FILE, *members)
        repository.files[f"/{name}.tgz"] = path.read_bytes()
        for words in (("template", path.name), ("show", "chart", f"{repository.url}/{name}.tgz")):
            code, errors = confined(side, *words)
            assert (code, "decompressed chart is larger than the maximum size 104857600" in errors) == (1, True)


def test_a_lock_that_is_a_link_is_left_alone(side: Side, repository: Repository) -> None:
    """CVE-2025-53547: neither ``Chart.lock`` nor ``requirements.lock`` is written through a link."""
    victim = side.place / "victim"
    for file, lock, start in (
        ("Chart.yaml", "Chart.lock", "apiVersion: v2\nname: demo\nversion: 0.1.0\n"),
        ("requirements.yaml", "requirements.lock", ""),
    ):
        needs = f"dependencies: [{{name: beta, version: 0.1.0, repository: '{repository.url}'}}]\n"
        api = "apiVersion: v1\nname: demo\nversion: 0.1.0\n"
        folder = write_chart(side.work, {"Chart.yaml": api, file: start + needs})
        victim.write_text("digest: precious\n")
        (folder / lock).symlink_to(victim)
        assert "symlink" in refused(side, "dependency update demo")
        assert (folder / lock).is_symlink()
        assert victim.read_text() == "digest: precious\n"
        (folder / lock).unlink()


WRONG_KINDS = (
    "name: [a]",
    "version: {a: b}",
    "dependencies: {name: x}",
    "dependencies: [1]",
    "maintainers: [null]",
    "maintainers: x",
    "keywords: {a: b}",
    "annotations: [a]",
    "dependencies: [null]",
    "deprecated: maybe",
    "kubeVersion: [1]",
)


@pytest.mark.parametrize("line", WRONG_KINDS)
def test_wrong_kinds_in_a_chart_file_are_errors(side: Side, line: str) -> None:
    """CVE-2025-55198: a list where a text belongs, or nothing where a thing belongs, crashes no command."""
    fields = {"apiVersion": "v2", "name": "demo", "version": "0.1.0"}
    fields.pop(line.partition(":")[0], None)
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    write_chart(side.work, {"Chart.yaml": f"{text}{line}\n"})
    for command in ("template", "package", "lint", "dependency list", "dependency update", "show chart"):
        code, _, errors = side.run(f"{command} demo")
        assert code in (0, 1), (command, errors)
        assert "Traceback" not in errors


def test_lines_of_an_empty_file_are_none(side: Side) -> None:
    """Fixed in 3.21.4: ``.Files.Lines`` of an empty file is an empty list and no crash."""
    text = CONFIG_MAP + '{a: {{ .Files.Lines "empty" | toJson }}, b: {{ .Files.Lines "none" | toJson }}}\n'
    write_chart(side.work, {"empty": "", "templates/a.yaml": text})
    code, out, _ = side.run("template demo")
    assert (code, "data: {a: [], b: []}" in out) == (0, True)


@pytest.mark.parametrize("size", [4094, 4095, 4096, 4097, 8192])
def test_values_are_read_to_their_end(side: Side, size: int) -> None:
    """Commit 601445e88: a document that ends where a buffer ends is not dropped."""
    write_chart(side.work, {"templates/a.yaml": CONFIG_MAP + "{a: {{ .Values.last | quote }}}\n"})
    head, tail = "# ", "\n---\nlast: here\n"
    for ending in ("last: here\n", tail):
        text = head + "x" * (size - len(head) - len(ending) - 1) + "\n" + ending
        (side.work / "values.yaml").write_text(text[-size:])
        assert 'a: "here"' in side.run("template demo -f values.yaml")[1]
        (side.work / "demo" / "values.yaml").write_text(text[-size:])
        assert 'a: "here"' in side.run("template demo")[1]
        (side.work / "demo" / "values.yaml").unlink()


@pytest.mark.parametrize("name", ["a\nversion: 9", "a: b", "../evil", "a b", "{x}", "a" * 251])
def test_create_takes_plain_names(side: Side, name: str) -> None:
    """TOB-HELM-004: the name of a new chart cannot bring lines of YAML along."""
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", "create", name],
        cwd=side.work,
        env={**side.variables(), "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == (0 if name == "../evil" else 1)
    assert os.listdir(side.work) == []


def test_create_tells_what_it_overwrites(side: Side) -> None:
    """TOB-HELM-005 and 006: files that are there are named before they are replaced."""
    side.run("create demo")
    code, out, errors = side.run("create demo")
    assert code == 0
    assert 'WARNING: File "' in out + errors
