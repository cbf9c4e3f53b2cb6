"""Helm 2's local repository: a folder of archives, indexed and served (``helm serve``)."""

from __future__ import annotations

import os

from pilothouse.actions.repo import IndexOptions, index
from pilothouse.charts.files import os_error
from pilothouse.progress import SILENT
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter


class ServeOptions(Record):
    """What to serve, and where.

    Attributes:
        folder: Where the archives are.
        address: Host and port to listen on.
        url: Where clients find it; empty stands for the address.
    """

    folder: str
    address: str
    url: str = ""


def serve(
    environment: Environment,
    options: ServeOptions,
    *,
    clock: Clock,
    tell: Callable[[str], None],
    reporter: Reporter = SILENT,
) -> None:
    """Serve until the process is told to end.

    Args:
        environment: What the process was started with.
        options: What to serve.
        clock: Tells when charts were indexed.
        tell: Hears what is being done.
        reporter: Hears of indexes that cannot be written later on.

    Raises:
        PilothouseError: There is no such folder, its index cannot be written, or the address cannot be had.
    """
    from pilothouse.sources.repositories.serving import LocalRepository, server

    folder = os.path.abspath(os.path.join(environment.working_directory, options.folder))
    try:
        os.stat(folder)
    except OSError as error:
        raise os_error(error, "stat", folder) from error
    url = options.url or f"http://{options.address}"
    wanted = IndexOptions(folder=folder, url=url)
    repository = LocalRepository(folder, lambda: index(environment, wanted, clock=clock, reporter=reporter), reporter)
    tell("Regenerating index. This may take a moment.")
    repository.refresh()
    tell(f"Now serving you on {options.address}")
    with server(repository, options.address) as listening:
        listening.serve_forever()
