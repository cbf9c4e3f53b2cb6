"""The chart that is looked at: a folder, or an archive as if it had been unpacked."""

from __future__ import annotations

import os

from pilothouse.charts.archive import load_archive_files
from pilothouse.charts.errors import ArchiveInvalid, ChartInvalid, ChartMissing
from pilothouse.charts.files import read_file
from pilothouse.charts.folder import read_folder
from pilothouse.charts.ignore import without_ignored
from pilothouse.charts.load import decode_file, load_files
from pilothouse.charts.metadata import decode_metadata
from pilothouse.errors import reason_of
from pilothouse.formats.errors import YamlError
from pilothouse.progress import SILENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.model import Chart, ChartFile
    from pilothouse.progress import Reporter


class ChartSource:
    """Where the rules read from.

    Args:
        path: Absolute path of the folder or archive.
        files: The files of an archive, ``None`` for a folder.
        helm: Whose rules and texts to follow.
        reporter: Hears of links and outdated files.
    """

    def __init__(
        self, path: str, files: list[ChartFile] | None = None, *, helm: int = 4, reporter: Reporter = SILENT
    ) -> None:
        self.path = path
        self.helm = helm
        self._files = None if files is None else {file.name: file for file in files}
        self._reporter = reporter

    def has(self, name: str) -> bool:
        """Tell whether there is a file or folder ``name``."""
        if self._files is None:
            return os.path.exists(os.path.join(self.path, name))
        return name in self._files or self.is_folder(name)

    def is_folder(self, name: str) -> bool:
        """Tell whether ``name`` is a folder."""
        if self._files is None:
            return os.path.isdir(os.path.join(self.path, name))
        return any(file.startswith(f"{name}/") for file in self._files)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            ChartInvalid: It cannot be read.
        """
        if self._files is None:
            return read_file(os.path.join(self.path, name))
        if name not in self._files:
            raise ChartMissing(f"open {os.path.join(self.path, name)}: no such file or directory")
        return self._files[name].data

    def load(self) -> Chart:
        """Return the chart.

        Raises:
            ChartInvalid: It is none.
        """
        if self._files is None:
            files = read_folder(self.path, reporter=self._reporter, helm=self.helm)
        else:
            files = without_ignored(list(self._files.values()))
        return load_files(files, helm=self.helm, reporter=self._reporter)


def open_source(path: str, *, helm: int = 4, reporter: Reporter = SILENT) -> ChartSource:
    """Return the chart at ``path``, opening an archive (``lintChart``).

    Raises:
        ChartInvalid: It cannot be opened, or has no Chart.yaml.
    """
    if path.endswith((".tgz", ".tar.gz")):
        return ChartSource(os.path.abspath(path), _archive_files(path, helm), helm=helm, reporter=reporter)
    name = os.path.normpath(os.path.join(path, "Chart.yaml"))
    try:
        os.stat(name)
    except OSError as error:
        raise ChartMissing(f"unable to check Chart.yaml file in chart: stat {name}: {reason_of(error)}") from error
    return ChartSource(os.path.abspath(path), helm=helm, reporter=reporter)


def _archive_files(path: str, helm: int) -> list[ChartFile]:
    try:
        data = read_file(path)
    except (ChartInvalid, ChartMissing) as error:
        raise type(error)(f"unable to open tarball: {error.message}") from error
    try:
        files = load_archive_files(data)
        name = ""
        for file in files:
            if file.name == "Chart.yaml":
                name = decode_metadata(decode_file(file.data), helm=helm).name
    except ArchiveInvalid as error:
        raise ArchiveInvalid(f"unable to extract tarball: {error.message}") from error
    except (YamlError, ChartInvalid) as error:
        raise ArchiveInvalid(f"unable to extract tarball: cannot load Chart.yaml: {error.message}") from error
    if not name:
        raise ArchiveInvalid("unable to extract tarball: chart name not specified")
    return files
