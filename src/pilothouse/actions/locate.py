"""Finding the chart that a command names (``action.ChartPathOptions.LocateChart``)."""

from __future__ import annotations

import os

from pilothouse.errors import Invalid, NotFound, Unsupported
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment


class ChartPathOptions(Record):
    """The flags about where a chart comes from.

    Attributes:
        version: ``--version``, a version or a constraint.
        repository: ``--repo``, the URL of a chart repository.
        verify: ``--verify``, whether provenance is checked.
        keyring: ``--keyring``.
    """

    version: str = ""
    repository: str = ""
    username: str = ""
    password: str = ""
    verify: bool = False
    keyring: str = ""
    devel: bool = False
    cert_file: str = ""
    key_file: str = ""
    ca_file: str = ""
    insecure_skip_tls_verify: bool = False
    plain_http: bool = False
    pass_credentials: bool = False


def locate_chart(environment: Environment, reference: str, options: ChartPathOptions | None = None) -> str:
    """Return the path of the chart that a reference means.

    Args:
        environment: Says what relative paths are relative to.
        reference: A folder or archive; URLs, ``repository/chart`` and ``oci://`` are refused for now.
        options: The flags about it.

    Raises:
        NotFound: There is nothing at that path.
        Unsupported: The chart would have to be downloaded.
    """
    options = options or ChartPathOptions()
    name = reference.strip()
    path = os.path.join(environment.working_directory, name)
    if os.path.exists(path):
        if options.verify:
            raise Unsupported("--verify is not there yet: Pilothouse cannot check provenance")
        return os.path.abspath(path)
    if os.path.isabs(name) or name.startswith("."):
        raise NotFound(f'path "{name}" not found')
    if options.repository or "://" in name:
        raise Unsupported(f"{name}: charts cannot be downloaded yet; give a folder or an archive")
    if "/" not in name:
        raise Invalid(
            f"non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}",
            hints=(f"a chart in this folder is written ./{name}",),
        )
    raise NotFound(
        f"repo {name.split('/', 1)[0]} not found",
        hints=("charts cannot be downloaded from repositories yet; give a folder or an archive",),
    )
