"""Conformance cases of the kind ``resolve``: which version a query picks out of a repository in memory."""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile

from pilothouse.actions import dependency
from pilothouse.actions.dependency_work import DependencyOptions, DependencyWork
from pilothouse.charts.load import load
from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.formats.yaml_text import decode
from pilothouse.golang.kinds import YamlValue
from pilothouse.progress import SILENT
from pilothouse.sources.errors import IndexInvalid
from pilothouse.sources.getters import Fetched, Getters, Validators
from pilothouse.sources.locate import ChartSource
from pilothouse.sources.places import Places
from pilothouse.transport.access import Access

URL = "https://repository.example"
NAME = "dep"


class _Memory:
    """Answers requests out of a table."""

    def __init__(self, versions: list[str]) -> None:
        entries = [
            {"apiVersion": "v2", "name": NAME, "version": version, "urls": [f"{URL}/{NAME}-{number}.tgz"]}
            for number, version in enumerate(versions)
        ]
        index = json.dumps({"apiVersion": "v1", "entries": {NAME: entries}})
        self._content = {f"{URL}/{NAME}-{number}.tgz": _archive(version) for number, version in enumerate(versions)}
        self._content[f"{URL}/index.yaml"] = index.encode()

    def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
        """Return what is at a URL."""
        del access, known
        if url not in self._content:
            raise IndexInvalid(f"failed to fetch {url} : 404 Not Found")
        return Fetched(data=self._content[url])


def _archive(version: str) -> bytes:
    data = json.dumps({"apiVersion": "v2", "name": NAME, "version": version}).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo(f"{NAME}/Chart.yaml")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def run(case: dict[str, YamlValue]) -> dict[str, str]:
    """Return the version that a query picks, or the error."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(
            variables={"HOME": folder, "PILOTHOUSE_CACHE": os.path.join(folder, "own")}, working_directory=folder
        )
        memory = _Memory(case["versions"])
        source = ChartSource(Places.of(environment), Getters({"https": lambda: memory}), reporter=SILENT)
        try:
            found = _shown(source, case) if case["query"] == "show" else _locked(source, environment, case)
        except PilothouseError as error:
            return {"error": error.message.rstrip().replace(URL, "URL")}
    return {"output": found}


def _shown(source: ChartSource, case: dict[str, YamlValue]) -> str:
    """Return the version of the chart that ``helm show chart dep --repo URL`` shows."""
    arguments = list(case.get("args") or [])
    wanted = case.get("constraint", "")
    if "--version" in arguments:
        wanted = arguments[arguments.index("--version") + 1]
    if "--devel" in arguments and not wanted:
        wanted = ">0.0.0-0"
    url, access = source.in_url(URL, NAME, wanted.strip(), Access())
    return load(source.download_to_cache(url, wanted.strip(), access), detect=False).metadata.version


def _locked(source: ChartSource, environment: Environment, case: dict[str, YamlValue]) -> str:
    """Return the version that ``helm dependency update`` writes down."""
    declared = {"name": NAME, "repository": URL}
    if "constraint" in case:
        declared["version"] = case["constraint"]
    chart = os.path.join(environment.working_directory, "case")
    os.mkdir(chart)
    with open(os.path.join(chart, "Chart.yaml"), "w", encoding="utf-8") as file:
        json.dump({"apiVersion": "v2", "name": "case", "version": "0.1.0", "dependencies": [declared]}, file)
    options = DependencyOptions(chart="case")
    dependency.update(
        DependencyWork(environment, source, options, tell=lambda _text: None, clock=Clock(), reporter=SILENT)
    )
    with open(os.path.join(chart, "Chart.lock"), encoding="utf-8") as file:
        version: str = decode(file.read())["dependencies"][0]["version"]
    return version
