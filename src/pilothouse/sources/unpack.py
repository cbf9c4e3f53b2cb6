"""An archive unpacked into a folder, where nothing leads out of it (``chartutil.Expand``)."""

from __future__ import annotations

import os

from pilothouse.charts.archive import load_archive_files
from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.files import make_folder, os_error, read_file, write_file
from pilothouse.charts.metadata import decode_metadata
from pilothouse.charts.model import ChartFile
from pilothouse.charts.validate import base_name
from pilothouse.formats.errors import YamlError
from pilothouse.golang.quoting import quote


def unpack(archive: str, folder: str, *, helm: int = 4) -> str:
    """Unpack a chart below a folder and return the chart's own folder, which is there in full or not at all.

    Where a folder with files is there already, they are written over, one by one.

    Raises:
        ChartInvalid: The archive is broken or tries to write elsewhere.
    """
    files = load_archive_files(read_file(archive))
    name = ""
    for file in files:
        if file.name == "Chart.yaml":
            from pilothouse.formats.yaml_text import decode

            try:
                name = decode_metadata(decode(file.data, integers=True), helm=helm).name
            except (YamlError, ChartInvalid) as error:
                raise ChartInvalid(f"cannot load Chart.yaml: {error.message}") from error
    target = os.path.join(os.path.normpath(folder), _checked(name))
    if os.path.islink(target) or (os.path.exists(target) and os.listdir(target)):
        _write(files, target)
        return target
    unfinished = f"{target}.{os.getpid()}.part"
    make_folder(os.path.dirname(target))
    try:
        _write(files, unfinished)
        os.replace(unfinished, target)
    except OSError as error:
        raise os_error(error, "rename", target) from error
    finally:
        if os.path.exists(unfinished):
            import shutil

            shutil.rmtree(unfinished)
    return target


def _write(files: list[ChartFile], target: str) -> None:
    for file in files:
        path = os.path.join(target, file.name)
        _refuse_links(target, file.name)
        make_folder(os.path.dirname(path))
        write_file(path, file.data)


def _checked(name: str) -> str:
    """Return a chart's name when it can be that of a folder (CVE-2026-35206)."""
    if not name:
        raise ChartInvalid("chart name not specified")
    if name in (".", ".."):
        raise ChartInvalid(f"chart name {quote(name)} is not allowed")
    if base_name(name) != name:
        raise ChartInvalid(f"chart name {quote(name)} must not contain path separators")
    return name


def _refuse_links(target: str, name: str) -> None:
    """Refuse to write through a link that is there already."""
    path = target
    for part in ("", *name.split("/")[:-1]):
        path = os.path.join(path, part) if part else path
        if os.path.islink(path):
            raise ChartInvalid(f"{path} is a link")
