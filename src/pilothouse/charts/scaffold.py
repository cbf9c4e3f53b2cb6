"""New charts: what ``helm create`` writes.

The files under ``scaffold/`` hold ``<CHARTNAME>`` where the name goes. Helm 3 and the experimental chart API v3 only
differ in some of them; those stand in folders of their own.
"""

from __future__ import annotations

import os
import re

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.files import make_folder, os_error, write_file
from pilothouse.charts.load import load
from pilothouse.charts.metadata import Metadata
from pilothouse.charts.save import save_folder
from pilothouse.formats.errors import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.charts.model import Chart, ChartFile

PLACEHOLDER = "<CHARTNAME>"

_FILES = (
    "Chart.yaml",
    "values.yaml",
    ".helmignore",
    "templates/ingress.yaml",
    "templates/httproute.yaml",
    "templates/deployment.yaml",
    "templates/service.yaml",
    "templates/serviceaccount.yaml",
    "templates/hpa.yaml",
    "templates/NOTES.txt",
    "templates/_helpers.tpl",
    "templates/tests/test-connection.yaml",
)
_NOT_IN_HELM_3 = "templates/httproute.yaml"
_NOT_IN_HELM_2 = (_NOT_IN_HELM_3, "templates/hpa.yaml")
_DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scaffold")
_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_NAME_MAXIMUM = 250


def create(
    name: str,
    parent: str,
    *,
    helm: int = 4,
    chart_api_version: str = "v2",
    on_overwrite: Callable[[str], None] = lambda _path: None,
) -> str:
    """Write a new chart ``name`` into the existing folder ``parent`` and return its path (``chartutil.Create``).

    Args:
        name: Name of the chart and of its folder.
        parent: Absolute path of the folder above it.
        helm: Whose scaffold to write, 3 or 4.
        chart_api_version: ``v2``, or ``v3`` for the experimental one.
        on_overwrite: Is told the path of each file that exists already, before it is overwritten.
    """
    check_name(name)
    _check_parent(parent)
    folder = os.path.normpath(os.path.join(parent, name))
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ChartInvalid(f"file {folder} already exists and is not a directory")
    variants = ("helm3", "helm4") if helm == 3 else ("api3", "helm4") if chart_api_version == "v3" else ("helm4",)
    for file in _FILES:
        if helm == 3 and file == _NOT_IN_HELM_3:
            continue
        path = os.path.join(folder, file)
        if os.path.lexists(path):
            on_overwrite(path)
        make_folder(os.path.dirname(path))
        write_file(path, _text(file, variants).replace(PLACEHOLDER, name).encode())
    make_folder(os.path.join(folder, "charts"))
    return folder


def create_helm2(name: str, parent: str) -> str:
    """Write a new chart of Helm 2 and return its path; files that exist are left alone.

    Args:
        name: Name of the chart and of its folder.
        parent: Absolute path of the folder above it.
    """
    _check_parent(parent)
    folder = os.path.normpath(os.path.join(parent, name))
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ChartInvalid(f"file {folder} already exists and is not a directory")
    make_folder(os.path.join(folder, "charts"))
    for file in _FILES:
        path = os.path.join(folder, file)
        if file in _NOT_IN_HELM_2 or os.path.lexists(path):
            continue
        make_folder(os.path.dirname(path))
        write_file(path, _text(file, ("helm2",)).replace(PLACEHOLDER, name).encode())
    return folder


def check_name(name: str) -> None:
    """Refuse a name that no chart can have (``validateChartName``)."""
    if not 0 < len(name.encode("utf-8", "surrogateescape")) <= _NAME_MAXIMUM:
        raise ChartInvalid(f"chart name must be between 1 and {_NAME_MAXIMUM} characters")
    if not _NAME.fullmatch(name):
        raise ChartInvalid('chart name must match the regular expression "^[a-zA-Z0-9._-]+$"')


def _check_parent(parent: str) -> None:
    try:
        os.stat(parent)
    except OSError as error:
        raise os_error(error, "stat", parent) from error
    if not os.path.isdir(parent):
        raise ChartInvalid(f"no such directory {parent}")


def _text(file: str, variants: tuple[str, ...]) -> str:
    for variant in variants:
        path = os.path.join(_DATA, variant, "helmignore" if file == ".helmignore" else file)
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as source:
                return source.read()
    raise FileNotFoundError(file)


def create_from_starter(name: str, parent: str, starter: str, *, now: float, helm: int = 4) -> str:
    """Write a new chart ``name`` into ``parent`` as a copy of the chart at ``starter`` (``chartutil.CreateFrom``)."""
    try:
        source = load(starter, helm=helm, detect=False)
    except Exception as error:
        if isinstance(error, ChartInvalid) or hasattr(error, "message"):
            raise ChartInvalid(f"could not load {starter}: {error}") from error
        raise
    old = helm == 2
    metadata = Metadata(
        name=name,
        description="A Helm chart for Kubernetes",
        type="" if old else "application",
        version="0.1.0",
        app_version="1.0" if old else "0.1.0",
        api_version="v1" if old else "v2",
    )
    return save_folder(_renamed(source, name).replace(metadata=metadata), parent, now=now, helm=helm)


def _renamed(source: Chart, name: str) -> Chart:
    from pilothouse.formats.yaml_text import decode, encode

    def with_name(file: ChartFile) -> ChartFile:
        return file.replace(data=file.data.replace(PLACEHOLDER.encode(), name.encode()))

    try:
        values = decode(encode(dict(source.values)).replace(PLACEHOLDER, name)) or {}
    except YamlError as error:
        raise ChartInvalid(f"transforming values file: {error.message}") from error
    return source.replace(
        values=values,
        templates=tuple(map(with_name, source.templates)),
        raw=tuple(with_name(file) if file.name == "values.yaml" else file for file in source.raw),
    )
