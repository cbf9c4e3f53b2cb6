"""Published charts with dependencies: what they need is fetched and locked as real Helm does it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.registry_server import Program, ours
from functional.repository_server import Repository, serving
from pilothouse.formats.yaml_text import decode, encode

pytestmark = pytest.mark.oracle

#: So many charts are compared.
CHARTS = 24
_SMALL = 200_000
_VERSION = re.compile(r"v?\d+\.\d+\.\d+")


def _described(folder: Path) -> dict[str, object]:
    found = decode((folder / "Chart.yaml").read_bytes())
    return found if isinstance(found, dict) else {}


def _packed(folder: Path, name: str) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(f"{name}/{path.relative_to(folder)}")
                entry.size = path.stat().st_size
                with path.open("rb") as file:
                    archive.addfile(entry, file)
    return gzip.compress(plain.getvalue(), mtime=0)


def _needs(folder: Path) -> list[dict[str, str]]:
    """Return what a chart declares, where all of it is there as folders; else nothing."""
    described = _described(folder)
    source = folder / "requirements.yaml"
    if "dependencies" not in described and source.exists():
        described = decode(source.read_bytes()) or {}
    found = described.get("dependencies")
    needs = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    for need in needs:
        part = folder / "charts" / str(need["name"])
        if not (part / "Chart.yaml").exists() or not _VERSION.match(str(_described(part).get("version", ""))):
            return []
    return needs


def _published(shared: Path, place: Path) -> Iterator[tuple[Path, list[dict[str, str]]]]:
    """Yield charts of the corpus, unpacked, that bring along all that they need."""
    for archive in sorted((shared / "corpus" / "charts").glob("*.tgz")):
        if archive.stat().st_size > _SMALL:
            continue
        with tarfile.open(archive) as packed:
            names = packed.getnames()
            if not any(re.fullmatch(r"[^/]+/charts/[^/]+/Chart.yaml", name) for name in names):
                continue
            packed.extractall(place / archive.stem, filter="data")
        (folder,) = (place / archive.stem).iterdir()
        needs = _needs(folder)
        if needs:
            yield folder, needs


def _index(charts: dict[str, tuple[str, str, bytes]]) -> bytes:
    entries: dict[str, list[dict[str, object]]] = {}
    for path, (name, version, data) in sorted(charts.items()):
        digest = hashlib.sha256(data).hexdigest()
        entry: dict[str, object] = {
            "apiVersion": "v2",
            "name": name,
            "version": version,
            "urls": [path[1:]],
            "digest": digest,
        }
        entries.setdefault(name, []).append(entry)
    return encode({"apiVersion": "v1", "entries": entries}).encode()


@pytest.fixture(scope="module")
def published(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A folder with charts whose dependencies are gone from them and wait in a repository."""
    place = tmp_path_factory.mktemp("published")
    stored: dict[str, tuple[str, str, bytes]] = {}
    chosen: list[str] = []
    repository = Repository()
    with serving(repository) as served:
        for folder, needs in _published(shared, place / "corpus"):
            made = place / "charts" / f"c{len(chosen)}"
            made.mkdir(parents=True)
            for need in needs:
                part = folder / "charts" / str(need["name"])
                version = str(_described(part)["version"])
                data = _packed(part, str(need["name"]))
                stored.setdefault(f"/{need['name']}-{version}.tgz", (str(need["name"]), version, data))
                need["repository"] = served.url
            described = {**_described(folder), "apiVersion": "v2", "dependencies": needs}
            (made / "Chart.yaml").write_text(json.dumps(described))
            chosen.append(made.name)
            if len(chosen) == CHARTS:
                break
        repository.files = {path: data for path, (_, _, data) in stored.items()}
        repository.files["/index.yaml"] = _index(stored)
        yield place / "charts", chosen


def _updated(program: Program, source: Path, name: str) -> tuple[tuple[int, str, str], dict[str, str], str]:
    """Update a chart's dependencies and return what was said, which archives there are, and the lock."""
    folder = program.work / name
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_bytes((source / name / "Chart.yaml").read_bytes())
    said = program.run("dependency", "update", name)
    parts = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("charts/*"))}
    lock = folder / "Chart.lock"
    text = re.sub(r'generated: "[^"]*"', "generated", lock.read_text()) if lock.exists() else ""
    return said, parts, text


def test_what_charts_need_is_fetched_and_locked_alike(
    published: tuple[Path, list[str]], helm4: str, tmp_path: Path
) -> None:
    """Archives, locks with their digests, texts and exit codes are real Helm's for each of the charts."""
    source, names = published
    assert len(names) == CHARTS
    mine, real = ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")
    fetched = 0
    for name in names:
        got, wanted = _updated(mine, source, name), _updated(real, source, name)
        assert got == wanted, name
        fetched += bool(got[1]) and "digest: sha256:" in got[2]
    assert fetched >= 20, fetched
