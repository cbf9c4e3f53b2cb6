"""The folder ``charts/`` of a chart and the lock beside it (``downloader.Manager``)."""

from __future__ import annotations

import os

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.files import make_folder, os_error, write_file
from pilothouse.charts.metadata import encode_lock
from pilothouse.dependencies.errors import RequirementInvalid
from pilothouse.errors import PilothouseError
from pilothouse.golang.quoting import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.charts.metadata import Dependency, Lock
    from pilothouse.charts.model import Chart


class Vendored:
    """The folder ``charts/`` while it is brought up to date; what is fetched waits beside it until all is there.

    Args:
        chart: Folder of the chart.
        shown: How messages name that folder.
        load: Reads a chart.
        tell: Hears what is told on standard output, line feeds included.

    Attributes:
        waiting: Where archives wait.
    """

    def __init__(self, chart: str, shown: str, *, load: Callable[[str], Chart], tell: Callable[[str], None]) -> None:
        self._folder = os.path.join(chart, "charts")
        self._shown = os.path.normpath(os.path.join(shown, "charts"))
        self._load = load
        self._tell = tell
        name = f"tmpcharts-{os.getpid()}"
        self.waiting = os.path.join(chart, name)
        self._shown_waiting = os.path.normpath(os.path.join(shown, name))

    def prepare(self) -> None:
        """Make both folders.

        Raises:
            ChartInvalid: What is there is no folder.
        """
        if os.path.exists(self._folder) and not os.path.isdir(self._folder):
            raise ChartInvalid(f"{quote(self._shown)} is not a directory")
        make_folder(self._folder)
        make_folder(self.waiting)

    def discard(self) -> None:
        """Remove what still waits."""
        from shutil import rmtree

        rmtree(self.waiting, ignore_errors=True)

    def included(self, name: str) -> Chart:
        """Return the chart in the folder ``charts/NAME``.

        Raises:
            ChartInvalid: There is none.
        """
        shown = os.path.join(self._shown, name)
        try:
            return self._load(os.path.join(self._folder, name))
        except PilothouseError as error:
            text = error.message.replace(os.path.join(self._folder, name), shown)
            raise ChartInvalid(f"unable to load chart '{shown}': {text}") from error

    def take(self, dependencies: Sequence[Dependency]) -> None:
        """Move what waits into the folder and delete the archives there that are needed no more (``safeMoveDeps``)."""
        before = sorted(os.listdir(self._folder))
        own = {one.name for one in dependencies if not one.repository}
        arrived = [name for name in sorted(os.listdir(self.waiting)) if self._is_file(self.waiting, name)]
        for name in arrived:
            self._move(name)
        self._tell("Deleting outdated charts\n")
        for name in before:
            if name not in arrived and self._is_file(self._folder, name):
                self._delete(name, own)

    @staticmethod
    def _is_file(folder: str, name: str) -> bool:
        path = os.path.join(folder, name)
        return os.path.islink(path) or not os.path.isdir(path)

    def _move(self, name: str) -> None:
        source, shown = os.path.join(self.waiting, name), os.path.join(self._shown_waiting, name)
        fault = self._fault(source, shown)
        if fault:
            self._tell(f"Could not verify {shown} for moving: {fault} (Skipping)")
            return
        try:
            os.replace(source, os.path.join(self._folder, name))
        except OSError as error:
            self._tell(f"Unable to move {shown} to charts dir {os_error(error, 'rename', shown)} (Skipping)")

    def _delete(self, name: str, own: set[str]) -> None:
        path, shown = os.path.join(self._folder, name), os.path.join(self._shown, name)
        try:
            chart = self._load(path)
        except PilothouseError as error:
            text = error.message.replace(path, shown)
            self._tell(f"Could not verify {shown} for deletion: {text} (Skipping)\n")
            return
        if chart.name in own:
            return
        try:
            os.unlink(path)
        except OSError as error:
            self._tell(f"Could not delete {shown}: {os_error(error, 'remove', shown)} (Skipping)")

    def _fault(self, path: str, shown: str) -> str:
        try:
            self._load(path)
        except PilothouseError as error:
            return error.message.replace(path, shown)
        return ""


def write_lock(chart: str, lock: Lock, *, old: bool) -> None:
    """Write the lock of a chart; one that is a link is refused, since it may lead anywhere (CVE-2025-53547).

    Args:
        chart: Folder of the chart.
        lock: What to write.
        old: Whether the chart is one of Helm 2, which has another file for it.

    Raises:
        RequirementInvalid: The file is a link.
    """
    from pilothouse.formats.yaml_text import encode

    name = "requirements.lock" if old else "Chart.lock"
    path = os.path.join(chart, name)
    if os.path.islink(path):
        raise RequirementInvalid(f"the {name} file is a symlink to {quote(os.readlink(path))}")
    write_file(path, encode(encode_lock(lock)).encode("utf-8", "surrogateescape"))
