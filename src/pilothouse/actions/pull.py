"""Fetching charts to keep them, packed or unpacked (``helm pull``)."""

from __future__ import annotations

import os

from pilothouse.actions.locate import ChartPathOptions
from pilothouse.actions.sources import chart_source
from pilothouse.charts.errors import ChartInvalid, ChartMissing
from pilothouse.errors import PilothouseError
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.sources.errors import TargetExists
from pilothouse.sources.locate import ALWAYS, LATER, NEVER
from pilothouse.sources.unpack import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.sources.locate import Downloaded
    from pilothouse.sources.places import Places


class PullOptions(Record):
    """What to fetch, and where to.

    Attributes:
        reference: A URL, ``repository/chart``, a registry's reference, or with ``chart.repository`` a name.
        chart: The flags about where it comes from.
        destination: Folder for the archive.
        untar: Whether it is unpacked.
        untar_folder: Where to, below ``destination``.
        provenance: Whether the provenance file is fetched as well.
    """

    reference: str
    chart: ChartPathOptions = ChartPathOptions()
    destination: str = "."
    untar: bool = False
    untar_folder: str = "."
    provenance: bool = False


def pull(environment: Environment, places: Places, options: PullOptions, *, reporter: Reporter = SILENT) -> Downloaded:
    """Fetch a chart; what was downloaded is nowhere to be found when it is unpacked.

    Raises:
        PilothouseError: It cannot be had, or something is in its way.
    """
    source = chart_source(environment, places, keyring=options.chart.keyring, reporter=reporter)
    flags = options.chart
    reference, access = options.reference, flags.access()
    if flags.repository:
        reference, access = source.in_url(flags.repository, reference, flags.version, access)
    verify = ALWAYS if flags.verify else LATER if options.provenance else NEVER
    here = environment.working_directory
    destination = os.path.join(here, options.destination)
    if not options.untar:
        try:
            return source.download(reference, flags.version, destination, access, verify=verify)
        except (ChartInvalid, ChartMissing) as error:  # told by the path that the user gave
            shown = os.path.normpath(options.destination)
            raise type(error)(error.message.replace(os.path.normpath(destination), shown)) from error
    import tempfile

    with tempfile.TemporaryDirectory(prefix="helm-") as folder:
        found = source.download(reference, flags.version, folder, access, verify=verify)
        named = reference if environment.compatibility == 3 else options.reference
        _unpack(found, options, named.rpartition("/")[2], here, helm=environment.compatibility)
    return found


def _unpack(found: Downloaded, options: PullOptions, name: str, here: str, *, helm: int) -> None:
    """Unpack an archive where nothing is yet."""
    below = options.untar_folder
    if not os.path.isabs(below):
        below = os.path.normpath(os.path.join(options.destination, below))
    target = os.path.normpath(os.path.join(below, name))
    if os.path.exists(os.path.join(here, target)):
        raise TargetExists(f"failed to untar: a file or directory with the name {target} already exists")
    from pilothouse.charts.files import make_folder

    try:
        make_folder(os.path.dirname(os.path.join(here, target)))
    except PilothouseError as error:
        raise error.prefixed("failed to untar (mkdir): ") from error
    try:
        unpack(found.path, os.path.join(here, below), helm=helm)
    finally:
        make_folder(os.path.join(here, target))
