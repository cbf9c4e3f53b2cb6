"""Folders, archives and lists of files become charts, and what is wrong with them is said in Helm's words."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from pilothouse.charts.errors import ChartInvalid, ChartMissing
from pilothouse.charts.load import load, load_files
from pilothouse.charts.model import ChartFile
from pilothouse.errors import PilothouseError
from pilothouse.progress import Event, Reporter

CHART = "apiVersion: v2\nname: t\nversion: 1.0.0\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def pack(files: dict[str, str | bytes]) -> bytes:
    """Return files as an archive with the top folder ``t``."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(f"t/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def in_memory(files: dict[str, str]) -> list[ChartFile]:
    """Return files as the loader takes them."""
    return [ChartFile(name=name, data=text.encode()) for name, text in files.items()]


FILES: dict[str, str | bytes] = {
    "Chart.yaml": b"\xef\xbb\xbf" + CHART.encode(),
    "Chart.lock": "digest: sha256:x\ngenerated: '2020-01-01T00:00:00Z'\ndependencies: []\n",
    "values.yaml": "a: 1\n",
    "values.schema.json": "{}",
    "templates/a.yaml": "a: 1\n",
    "templates/_h.tpl": "",
    "crds/c.yaml": "kind: X\n",
    "README.md": "hello",
    "charts/sub/Chart.yaml": CHART.replace("name: t", "name: sub"),
    "charts/_skipped/x": "",
    "charts/.skipped/x": "",
    "charts/sub.tgz.prov": "signature",
}


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_every_file_goes_where_helm_puts_it(tmp_path: Path, form: str) -> None:
    """A folder and an archive of the same files are the same chart."""
    path = write(tmp_path / "t", FILES) if form == "folder" else tmp_path / "t.tgz"
    if form == "archive":
        path.write_bytes(pack(FILES))
    chart = load(str(path))
    assert (chart.name, chart.metadata.version, chart.values) == ("t", "1.0.0", {"a": 1.0})
    assert chart.lock is not None
    assert chart.lock.digest == "sha256:x"
    assert chart.schema == b"{}"
    assert {file.name for file in chart.templates} == {"templates/a.yaml", "templates/_h.tpl"}
    assert {file.name for file in chart.files} == {"README.md", "crds/c.yaml", "charts/sub.tgz.prov"}
    assert [subchart.name for subchart in chart.subcharts] == ["sub"]
    assert [path for path, _ in chart.crd_objects()] == ["t/crds/c.yaml"]


def test_packed_subcharts_are_opened(tmp_path: Path) -> None:
    """An archive under charts/ is a subchart, to any depth."""
    inner = pack({"Chart.yaml": CHART.replace("name: t", "name: inner")})
    outer = pack({"Chart.yaml": CHART.replace("name: t", "name: outer"), "charts/inner-1.0.0.tgz": inner})
    chart = load(str(write(tmp_path / "t", {"Chart.yaml": CHART, "charts/outer.tgz": outer})))
    assert [subchart.name for subchart in chart.subcharts] == ["outer"]
    assert [subchart.name for subchart in chart.subcharts[0].subcharts] == ["inner"]


def test_charts_of_helm_2_declare_dependencies_beside_chart_yaml() -> None:
    """requirements.yaml and requirements.lock count, and stay files of the chart."""
    files = {
        "Chart.yaml": "name: t\nversion: 1.0.0\n",
        "requirements.yaml": "dependencies: [{name: a, version: '1', tags: [x]}]\n",
        "requirements.lock": "digest: x\n",
    }
    chart = load_files(in_memory(files))
    assert chart.metadata.api_version == "v1"
    assert [(item.name, item.tags) for item in chart.metadata.dependencies] == [("a", ("x",))]
    assert {file.name for file in chart.files} == {"requirements.yaml", "requirements.lock"}


def test_requirements_of_new_charts_are_warned_about() -> None:
    """For apiVersion v2 the files are read, but their place is Chart.yaml."""
    heard: list[Event] = []
    chart = load_files(in_memory({"Chart.yaml": CHART, "requirements.yaml": ""}), reporter=Reporter(heard.append))
    assert chart.files == ()
    assert [event.message for event in heard] == [
        (
            'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". '
            "We recommend migrating dependencies to Chart.yaml."
        )
    ]


def test_values_files_may_hold_documents() -> None:
    """Helm 4 merges all documents of values.yaml; Helm 3 reads the first."""
    files = in_memory({"Chart.yaml": CHART, "values.yaml": "a: {p: 1}\n---\na: {q: 2}\n"})
    assert load_files(files).values == {"a": {"p": 1.0, "q": 2.0}}
    assert load_files(files, helm=3).values == {"a": {"p": 1.0}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "validation: chart.metadata.name is required"),
        ("name: a\n", "validation: chart.metadata.version is required"),
        ("name: a/b\nversion: 1.0.0\n", 'validation: chart.metadata.name "a/b" is invalid'),
        ("name: ..\nversion: 1.0.0\n", 'validation: chart.metadata.name ".." is not allowed'),
        ("name: a\nversion: x\n", 'validation: chart.metadata.version "x" is invalid'),
        ("name: a\nversion: 1\ntype: x\n", "validation: chart.metadata.type must be application or library"),
        ("name: a\nversion: 1\nmaintainers: [null]\n", "validation: maintainers must not contain empty or null nodes"),
        (
            "name: a\nversion: 1\ndependencies: [null]\n",
            "validation: dependencies must not contain empty or null nodes",
        ),
        (
            "name: a\nversion: 1\ndependencies: [{name: b}, {name: b}]\n",
            'validation: more than one dependency with name or alias "b"',
        ),
        (
            "name: a\nversion: 1\ndependencies: [{name: b, alias: '../x'}]\n",
            'validation: dependency "b" has disallowed characters in the alias',
        ),
        (
            'name: a\nversion: 1\ndependencies: [{name: b, alias: "x\\n"}]\n',
            'validation: dependency "b" has disallowed characters in the alias',
        ),
        (
            "a: b: c\n",
            (
                "cannot load Chart.yaml: error converting YAML to JSON: yaml: "
                "mapping values are not allowed in this context"
            ),
        ),
    ],
)
def test_metadata_is_checked(text: str, message: str) -> None:
    """Each fault of Chart.yaml has Helm's text (CVE-2020-15184 among them)."""
    with pytest.raises(ChartInvalid) as caught:
        load_files(in_memory({"Chart.yaml": text}))
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("line", "three", "four"),
    [
        (
            "appVersion: [1]",
            "array into Go struct field Metadata.appVersion of type string",
            "array into Go struct field .appVersion of type string",
        ),
        (
            "maintainers: [{name: [1]}]",
            "array into Go struct field Maintainer.maintainers.name of type string",
            "array into Go struct field .maintainers.0.name of type string",
        ),
        (
            "maintainers: 5",
            "number into Go struct field Metadata.maintainers of type []*chart.Maintainer",
            "number into Go struct field .maintainers of type []*v2.Maintainer",
        ),
        (
            "keywords: [[1]]",
            "array into Go struct field Metadata.keywords of type string",
            "array into .keywords.0 of type string",
        ),
        (
            "annotations: {a: [1]}",
            "array into Go struct field Metadata.annotations of type string",
            "array into Go struct field .annotations.a of type string",
        ),
        (
            "deprecated: 'yes'",
            "string into Go struct field Metadata.deprecated of type bool",
            "string into Go struct field .deprecated of type bool",
        ),
    ],
)
def test_wrong_kinds_in_chart_yaml(line: str, three: str, four: str) -> None:
    """A list where a text belongs is told as the JSON decoder of each Helm tells it (CVE-2025-55198)."""
    start = "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
    for helm, text in ((3, three), (4, four)):
        with pytest.raises(ChartInvalid) as caught:
            load_files(in_memory({"Chart.yaml": f"{CHART}{line}\n"}), helm=helm)
        assert caught.value.message == start + text


def test_scalars_become_texts() -> None:
    """Numbers and booleans where a text belongs become the text that Go gives them."""
    text = "apiVersion: v2\nname: 5\nversion: 1.0.0\nappVersion: 1.10\nhome: 1e3\nicon: 0x10\ndescription: true\n"
    metadata = load_files(
        in_memory({"Chart.yaml": text + "annotations: {a: 1, c: null}\nkeywords: [1, true]\n"})
    ).metadata
    assert (metadata.name, metadata.app_version, metadata.home) == ("5", "1.1", "1000")
    assert (metadata.icon, metadata.description, metadata.keywords) == ("16", "true", ("1", "true"))
    assert metadata.annotations == {"a": "1", "c": ""}


def test_texts_are_made_harmless() -> None:
    """White space becomes blanks and control characters go, so that nothing reaches a terminal (CVE-2021-21303)."""
    files = in_memory({"Chart.yaml": CHART + 'description: "a\\tb\\nc\\u0007d\\e[31m"\n'})
    assert load_files(files).metadata.description == "a b cd[31m"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"charts/s/x": ""}, "error unpacking subchart s in t: Chart.yaml file is missing"),
        ({"charts/x.tgz": b"abc"}, "error unpacking subchart x.tgz in t: unexpected EOF"),
        ({"charts/x.tgz/b": ""}, "error unpacking subchart tar in t: expected x.tgz, got x.tgz/b"),
        ({"charts/README.md": ""}, "error unpacking subchart README.md in t: Chart.yaml file is missing"),
        (
            {"values.yaml": "- a"},
            (
                "cannot load values.yaml: cannot unmarshal yaml document: error unmarshaling JSON: "
                "while decoding JSON: "
                "json: cannot unmarshal array into Go value of type map[string]interface {}"
            ),
        ),
        ({".helmignore": "a/**"}, "double-star (**) syntax is not supported"),
        ({".helmignore": "a["}, "syntax error in pattern"),
        ({"Chart.yaml": "apiVersion: v9\nname: t\nversion: 1.0.0\n"}, "unsupported chart version"),
        ({"Chart.yaml": "apiVersion: v3\nname: t\nversion: 1.0.0\n"}, "invalid chart apiVersion"),
    ],
)
def test_broken_folders(tmp_path: Path, files: dict[str, str | bytes], message: str) -> None:
    """What is wrong inside a folder is said in one line."""
    with pytest.raises(ChartInvalid) as caught:
        load(str(write(tmp_path / "t", {"Chart.yaml": CHART, **files})))
    assert caught.value.message == message


def test_missing_charts(tmp_path: Path) -> None:
    """Nothing there, no Chart.yaml, or an archive without one: each has its text, by the command that asks."""
    with pytest.raises(ChartMissing, match=r"stat .*/nope: no such file or directory"):
        load(str(tmp_path / "nope"))
    folder = write(tmp_path / "t", {"x": ""})
    missing = f"unable to detect chart at {folder}/Chart.yaml: open {folder}/Chart.yaml: no such file or directory"
    with pytest.raises(PilothouseError) as caught:
        load(str(folder))
    assert caught.value.message == missing
    with pytest.raises(ChartInvalid, match=r"^Chart\.yaml file is missing$"):
        load(str(folder), detect=False)
    archive = tmp_path / "t.tgz"
    archive.write_bytes(pack({"x": ""}))
    with pytest.raises(ChartInvalid, match=r"^unable to detect chart version, no Chart\.yaml found$"):
        load(str(archive))


def test_broken_archives_are_told_by_the_command(tmp_path: Path) -> None:
    """Commands that render only say that the archive cannot be loaded; the cause is a hint there."""
    archive = tmp_path / "t.tgz"
    archive.write_bytes(pack({"../../x": "1"}))
    with pytest.raises(ChartInvalid) as caught:
        load(str(archive))
    assert caught.value.message == "unable to load chart archive"
    assert caught.value.hints == ("chart illegally references parent directory",)
    with pytest.raises(ChartInvalid, match=r"^chart illegally references parent directory$"):
        load(str(archive), detect=False)


def test_links_are_followed_and_told(tmp_path: Path) -> None:
    """A linked file is read, and the user hears of it (CVE-2019-18658)."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    folder = write(tmp_path / "t", {"Chart.yaml": CHART})
    (folder / "link").symlink_to(secret)
    heard: list[Event] = []
    chart = load(str(folder), reporter=Reporter(heard.append))
    assert [(file.name, file.data) for file in chart.files] == [("link", b"hidden")]
    assert heard[0].message == "found symbolic link in path. Contents of linked file included and used"
    assert dict(heard[0].fields) == {"path": f"{folder}/link", "resolved": str(secret)}


def test_irregular_files_and_broken_links_are_refused(tmp_path: Path) -> None:
    """Devices and pipes cannot be part of a chart, nor links to nothing or in circles."""
    folder = write(tmp_path / "pipe", {"Chart.yaml": CHART})
    os.mkfifo(folder / "p")
    with pytest.raises(ChartInvalid, match=r"cannot load irregular file .*/p as it has file mode type bits set"):
        load(str(folder))
    broken = write(tmp_path / "broken", {"Chart.yaml": CHART})
    (broken / "l").symlink_to("/nope/x")
    with pytest.raises(PilothouseError, match=r"error evaluating symlink .*/l: lstat /nope: no such file or directory"):
        load(str(broken))
    loop = write(tmp_path / "loop", {"Chart.yaml": CHART})
    (loop / "l").symlink_to(".")
    with pytest.raises(PilothouseError, match=r"too many levels of symbolic links|too many links"):
        load(str(loop))


def test_huge_folders_are_refused(tmp_path: Path) -> None:
    """The files of a chart together have at most 100 MiB (CVE-2025-32386)."""
    folder = write(tmp_path / "t", {"Chart.yaml": CHART})
    with (folder / "b").open("wb") as file:
        file.truncate(104857601)
    with pytest.raises(ChartInvalid) as caught:
        load(str(folder))
    assert caught.value.message == "error reading b: chart exceeds maximum decompressed size of 104857600 bytes"


@pytest.mark.parametrize(
    ("generated", "three", "four"),
    [
        ("foo", 'parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"', ""),
        ('"2020-01-01T25:00:00Z"', 'parsing time "2020-01-01T25:00:00Z": hour out of range', ""),
        (
            "12",
            "Time.UnmarshalJSON: input is not a JSON string",
            "json: cannot unmarshal number into Go struct field .generated of type time.Time",
        ),
    ],
)
def test_a_lock_holds_a_time(generated: str, three: str, four: str) -> None:
    """A Chart.lock that was generated at no time is refused in the words of Go's decoder."""
    lock = f"generated: {generated}\ndigest: x\n".encode()
    files = [ChartFile(name="Chart.yaml", data=CHART.encode()), ChartFile(name="Chart.lock", data=lock)]
    for helm, text in ((3, three), (4, four or three)):
        with pytest.raises(ChartInvalid) as caught:
            load_files(files, helm=helm)
        assert caught.value.message == f"cannot load Chart.lock: error unmarshaling JSON: while decoding JSON: {text}"
