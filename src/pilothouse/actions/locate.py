"""Finding the chart that a command names (``action.ChartPathOptions.LocateChart``)."""

from __future__ import annotations

import os

from pilothouse.errors import NotFound
from pilothouse.progress import SILENT
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.sources.locate import ChartSource
    from pilothouse.sources.places import Places
    from pilothouse.transport.access import Access


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

    def access(self) -> Access:
        """Return with what the flags let URLs be fetched."""
        from pilothouse.transport.access import Access

        return Access(
            username=self.username,
            password=self.password,
            pass_credentials=self.pass_credentials,
            ca_file=self.ca_file,
            cert_file=self.cert_file,
            key_file=self.key_file,
            insecure=self.insecure_skip_tls_verify,
            plain_http=self.plain_http,
        )


def locate_chart(
    environment: Environment,
    reference: str,
    options: ChartPathOptions | None = None,
    *,
    places: Places | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Return the path of the chart that a reference means, fetched first when it is not here.

    Args:
        environment: Says what relative paths are relative to.
        reference: A folder or archive, a URL, ``repository/chart``, or a registry's reference.
        options: The flags about it.
        places: Where repositories and archives are kept, by default as the environment says.
        reporter: Hears what is done.

    Raises:
        PilothouseError: There is no such chart, or it cannot be fetched.
    """
    options = options or ChartPathOptions()
    name = reference.strip()
    if not options.repository or environment.compatibility == 3:
        path = os.path.join(environment.working_directory, name)
        if os.path.exists(path):
            found = os.path.abspath(path)
            if options.verify:
                _source(environment, places, options, reporter).verify_local(found)
            return found
        if os.path.isabs(name) or name.startswith("."):
            raise NotFound(f'path "{name}" not found')
    source = _source(environment, places, options, reporter)
    access, version = options.access(), options.version.strip()
    if options.repository:
        name, access = source.in_url(options.repository, name, version, access)
    return os.path.abspath(source.download_to_cache(name, version, access, verify=options.verify))


def _source(
    environment: Environment, places: Places | None, options: ChartPathOptions, reporter: Reporter
) -> ChartSource:
    from pilothouse.actions.sources import chart_source

    return chart_source(environment, places, keyring=options.keyring, reporter=reporter)
