"""Packing a chart as Helm 2 does (``helm package`` of Helm 2)."""

from __future__ import annotations

import os

from pilothouse.actions.package import PackageOptions
from pilothouse.actions.tiller_chart import check_requirements
from pilothouse.actions.tiller_home import LOCAL_URL
from pilothouse.charts import helm2
from pilothouse.charts.files import os_error
from pilothouse.charts.save import save
from pilothouse.errors import Invalid
from pilothouse.progress import SILENT
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.signing import Passphrases, SigningOptions
    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter

__all__ = ["PackageOptions", "chart_signer", "package", "save_locally"]


def package(environment: Environment, options: PackageOptions, *, clock: Clock, reporter: Reporter = SILENT) -> str:
    """Write the archive and return its path.

    Raises:
        PilothouseError: It is no chart, or the archive cannot be written; the texts are Helm's.
    """
    path = os.path.abspath(os.path.join(environment.working_directory, options.path))
    chart = helm2.load_folder(path, reporter=reporter)
    metadata = chart.metadata
    if options.version:
        try:
            metadata = metadata.replace(version=str(Version.parse(options.version, helm=3)))
        except InvalidVersion as error:
            raise Invalid(error.message) from error
    if options.app_version:
        metadata = metadata.replace(app_version=options.app_version)
    if os.path.basename(path) != metadata.name:
        raise Invalid(f"directory name ({os.path.basename(path)}) and Chart.yaml name ({metadata.name}) must match")
    helm2.requirements(chart)
    check_requirements(chart)
    folder = environment.working_directory if options.destination == "." else options.destination
    full = os.path.join(environment.working_directory, folder)
    _check_folder(full, folder)
    saved = save(chart.replace(metadata=metadata), full, now=clock.now(), helm=2)
    return os.path.normpath(os.path.join(folder, os.path.basename(saved)))


def _check_folder(full: str, shown: str) -> None:
    try:
        os.stat(full)
    except OSError as error:
        raise os_error(error, "stat", shown).prefixed("Failed to save: ") from error
    if not os.path.isdir(full):
        raise Invalid(f"Failed to save: location {shown} is not a directory")


def save_locally(environment: Environment, archive: str, home: str, *, clock: Clock) -> str:
    """Copy an archive into the local repository in ``HELM_HOME``, renew its index, and return its folder.

    Raises:
        PilothouseError: There is none.
    """
    from shutil import copyfile

    from pilothouse.charts.files import write_file
    from pilothouse.sources.repositories.generate import index_folder
    from pilothouse.sources.repositories.index import encode_index

    folder = os.path.join(home, "repository", "local")
    try:
        os.stat(folder)
    except OSError as error:
        raise os_error(error, "stat", folder) from error
    copyfile(os.path.join(environment.working_directory, archive), os.path.join(folder, os.path.basename(archive)))
    made = index_folder(folder, LOCAL_URL, clock=clock, helm=2)
    made.sort()
    write_file(os.path.join(folder, "index.yaml"), encode_index(made, json=False))
    return folder


def chart_signer(environment: Environment, options: SigningOptions, passphrases: Passphrases) -> Callable[[str], None]:
    """Return what writes the provenance file of a chart's archive beside it."""

    def sign(path: str) -> None:
        from pilothouse.actions.signing import write_provenance
        from pilothouse.formats.yaml_text import encode

        full = os.path.join(environment.working_directory, path)
        metadata = encode(helm2.chart_document(helm2.load(full).metadata))
        write_provenance(environment, options, passphrases, full, metadata)

    return sign
