"""Packing a chart folder into an archive (``helm package``)."""

from __future__ import annotations

import os

from pilothouse.actions.template import missing_dependencies
from pilothouse.charts.errors import ChartInvalid, ChartMissing
from pilothouse.charts.files import os_error
from pilothouse.charts.load import load_folder
from pilothouse.charts.save import save
from pilothouse.clock import Clock
from pilothouse.errors import Invalid, Unsupported
from pilothouse.golang.numbers import NumberRangeError, parse_decimal
from pilothouse.golang.quoting import quote
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.charts.model import Chart
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter


class PackageOptions(Record):
    """What to pack, and how.

    Attributes:
        path: Folder of the chart.
        destination: Folder for the archive; ``.`` is the current one.
        version: Version to write in place of the chart's.
        app_version: The same for the version of what it installs.
        sign: Whether a signature is written beside the archive.
    """

    path: str
    destination: str = "."
    version: str = ""
    app_version: str = ""
    sign: bool = False


def package(
    environment: Environment,
    options: PackageOptions,
    *,
    clock: Clock | None = None,
    signer: Callable[[str], None] | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Write the archive and return its path.

    Args:
        environment: Says what relative paths are relative to, and ``SOURCE_DATE_EPOCH``.
        options: What to pack.
        clock: Tells the time for files whose own is unknown.
        signer: Writes the signature of the archive at a path.
        reporter: Hears of links and outdated files.

    Raises:
        PilothouseError: It is no valid chart, or the archive cannot be written.
    """
    helm = environment.compatibility
    given = os.path.join(environment.working_directory, options.path)
    try:
        os.stat(given)
    except OSError as error:
        raise os_error(error, "stat", options.path) from error
    if helm == 3 and not os.path.isdir(given):
        raise ChartInvalid("Chart.yaml file is missing")
    chart = _chart(os.path.abspath(given), options, helm=helm, reporter=reporter)
    if options.sign and signer is None:
        raise Unsupported("packages cannot be signed yet")
    folder = environment.working_directory if options.destination == "." else options.destination
    try:
        saved = save(
            chart,
            os.path.join(environment.working_directory, folder),
            now=(clock or Clock()).now(),
            source_date=source_date(environment),
            helm=helm,
        )
    except (ChartInvalid, ChartMissing) as error:
        told = error.message.replace(os.path.join(environment.working_directory, folder), folder)
        raise ChartInvalid(f"failed to save: {told}") from error
    if signer is not None and options.sign:
        signer(saved)
    return os.path.normpath(os.path.join(folder, os.path.basename(saved)))


def _chart(path: str, options: PackageOptions, *, helm: int, reporter: Reporter) -> Chart:
    """Return the chart with the versions that were asked for, after the checks that come before packing."""
    chart = load_folder(path, helm=helm, reporter=reporter)
    metadata = chart.metadata
    if options.version:
        metadata = metadata.replace(version=options.version)
    if options.app_version:
        metadata = metadata.replace(app_version=options.app_version)
    try:
        Version.parse(metadata.version, helm=helm)
    except InvalidVersion as error:
        raise Invalid(error.message) from error
    missing = missing_dependencies(chart)
    if missing:
        raise Invalid(f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}")
    return chart.replace(metadata=metadata)


def source_date(environment: Environment) -> int | None:
    """Return the time of ``SOURCE_DATE_EPOCH``, which Helm 4 writes into every entry."""
    text = environment.get("SOURCE_DATE_EPOCH")
    if not text or environment.compatibility == 3:
        return None
    try:
        seconds = parse_decimal(text)
    except ValueError as error:
        reason = "value out of range" if isinstance(error, NumberRangeError) else "invalid syntax"
        raise Invalid(f"invalid SOURCE_DATE_EPOCH: strconv.ParseInt: parsing {quote(text)}: {reason}") from None
    if seconds < 0:
        raise Invalid("invalid SOURCE_DATE_EPOCH: must not be negative")
    return seconds
