"""The files of a chart folder, read as Helm walks it (``loader.LoadDir`` and ``sympath.Walk``)."""

from __future__ import annotations

import os
import stat

from pilothouse.charts.archive import BYTE_ORDER_MARK, MAXIMUM_SIZE
from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.files import os_error, read_file
from pilothouse.charts.ignore import FILE_NAME, IgnoreRules
from pilothouse.charts.model import ChartFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.progress import Reporter


def read_folder(folder: str, *, reporter: Reporter, helm: int = 4) -> list[ChartFile]:
    """Return the files of the chart at ``folder`` that .helmignore does not leave out, in Go's walking order.

    Raises:
        ChartInvalid: A rule is wrong, a file cannot be read, or the whole is too large.
    """
    top = os.path.abspath(folder)
    rules = _ignore_rules(top)
    remaining = MAXIMUM_SIZE
    files: list[ChartFile] = []
    for path, name, status in _Walk(rules, reporter, helm).files(top, ""):
        if not stat.S_ISREG(status.st_mode):
            raise ChartInvalid(f"cannot load irregular file {path} as it has file mode type bits set")
        remaining -= status.st_size
        if helm >= 4 and remaining < 0:
            raise ChartInvalid(f"error reading {name}: chart exceeds maximum decompressed size of {MAXIMUM_SIZE} bytes")
        data = read_file(path, what=f"error reading {name}: ")
        files.append(ChartFile(name=name, data=data.removeprefix(BYTE_ORDER_MARK), modified=status.st_mtime_ns))
    return files


def _ignore_rules(top: str) -> IgnoreRules:
    path = os.path.join(top, FILE_NAME)
    if not os.path.exists(path):
        return IgnoreRules()
    return IgnoreRules(read_file(path).decode("utf-8", "surrogateescape"))


class _Walk:
    """A walk through a folder that follows links and says so."""

    def __init__(self, rules: IgnoreRules, reporter: Reporter, helm: int) -> None:
        self._rules = rules
        self._reporter = reporter
        self._helm = helm

    def files(self, folder: str, inside: str) -> Iterator[tuple[str, str, os.stat_result]]:
        """Yield path, name inside the chart and status of every file below ``folder``."""
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            raise os_error(error, "open", folder) from error
        for base in names:
            path = f"{folder}/{base}"
            name = f"{inside}{base}"
            status = self._status(path)
            is_folder = stat.S_ISDIR(status.st_mode)
            if self._rules.ignores(name, is_folder=is_folder):
                continue
            if is_folder:
                yield from self.files(path, name + "/")
            else:
                yield path, name, status

    def _status(self, path: str) -> os.stat_result:
        try:
            status = os.lstat(path)
        except OSError as error:
            raise os_error(error, "lstat", path) from error
        if not stat.S_ISLNK(status.st_mode):
            return status
        try:
            resolved = os.path.realpath(path, strict=True)
            status = os.lstat(resolved)
        except OSError as error:
            failed = error.filename if isinstance(error.filename, str) else path
            raise os_error(error, "lstat", failed, what=f"error evaluating symlink {path}: ") from error
        if self._helm == 3:
            text = (
                f"found symbolic link in path: {path} resolves to {resolved}. Contents of linked file included and used"
            )
            self._reporter.report("info", text)
        else:
            text = "found symbolic link in path. Contents of linked file included and used"
            self._reporter.report("info", text, path=path, resolved=resolved)
        return status
