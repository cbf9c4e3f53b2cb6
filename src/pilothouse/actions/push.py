"""Putting a chart into a registry (``helm push``)."""

from __future__ import annotations

import os
import sys

from pilothouse.charts.load import load
from pilothouse.errors import Invalid, NotFound
from pilothouse.golang.quoting import quote
from pilothouse.golang.urls import UrlSyntaxError, parse
from pilothouse.records import Record
from pilothouse.sources.oci import charts
from pilothouse.sources.oci.opening import RegistryOptions, open_registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment


class Pushed(Record):
    """What was put into a registry.

    Attributes:
        digest: Digest of the chart's manifest.
    """

    digest: str


def push(
    environment: Environment,
    path: str,
    remote: str,
    options: RegistryOptions,
    *,
    tell: Callable[[str], None],
) -> Pushed:
    """Put the archive at ``path``, and a provenance file beside it, below ``remote``.

    Args:
        environment: Says what relative paths are relative to.
        path: The archive.
        remote: ``oci://host/path``.
        options: How to reach the registry.
        tell: Takes the lines that Helm prints.

    Raises:
        PilothouseError: It is no chart, or the registry does not take it.
    """
    _check_remote(remote)
    full = os.path.join(environment.working_directory, path)
    try:
        status = os.stat(full)
    except FileNotFoundError:
        raise NotFound(f"{path}: no such file") from None
    if os.path.isdir(full):
        raise Invalid("cannot push directory, must provide chart archive (.tgz)")
    load(path if os.path.exists(path) else full, helm=environment.compatibility, detect=False)
    with open(full, "rb") as file:
        archive = file.read()
    digest = charts.push(
        open_registry(environment, options if environment.compatibility == 3 else options.of_command()),
        archive,
        remote,
        created=_rfc3339(status.st_ctime if sys.platform == "linux" else status.st_mtime),
        provenance_file=_beside(f"{full}.prov"),
        tell=tell,
    )
    return Pushed(digest=digest)


def _check_remote(remote: str) -> None:
    """Check that a remote names a registry (``uploader.ChartUploader.UploadTo``)."""
    try:
        scheme = parse(remote).scheme
    except UrlSyntaxError:
        raise Invalid(f"invalid chart URL format: {remote}") from None
    if not scheme:
        raise Invalid('scheme prefix missing from remote (e.g. "oci://")')
    if scheme != "oci":
        raise Invalid(f"scheme {quote(scheme)} not supported")


def _beside(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _rfc3339(seconds: float) -> str:
    """Return a time in the local zone, to the second, as Go's RFC 3339."""
    import time

    local = time.localtime(int(seconds))
    minutes = local.tm_gmtoff // 60
    text = time.strftime("%Y-%m-%dT%H:%M:%S", local)
    return text + (
        "Z" if not minutes else f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    )
