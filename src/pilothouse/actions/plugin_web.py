"""What web servers say of a plugin's source before it is known what that is: an archive, or a repository's page."""

from __future__ import annotations

from pilothouse.errors import Invalid, Unreachable
from pilothouse.plugins.archives import is_archive
from pilothouse.transport.client import HttpClient, HttpRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.transport.client import HttpResponse

_ARCHIVES = frozenset(("application/gzip", "application/x-gzip", "application/x-tgz", "application/x-gtar"))
_PAGE_LIMIT = 1 << 20


class PluginWeb:
    """Asks web servers, without any credentials.

    Args:
        variables: The environment, for proxies.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._client = HttpClient(variables)

    def is_archive(self, source: str, *, by_name: bool) -> bool:
        """Return whether a URL is that of an archive (``isRemoteHTTPArchive``).

        Args:
            source: The URL.
            by_name: Whether its ending is enough; Helm 3 always asks.
        """
        if not source.startswith(("http://", "https://")):
            return False
        if by_name and is_archive(source):
            return True
        answer = self._answer(source, "HEAD")
        if answer is None:
            return False
        answer.close()
        return answer.headers.get("content-type", "").lower() in _ARCHIVES

    def page(self, url: str) -> bytes | None:
        """Return what is at a URL, whatever the status; nothing without an answer."""
        answer = self._answer(url, "GET")
        try:
            return answer.read(_PAGE_LIMIT) if answer is not None else None
        except (Invalid, Unreachable):
            return None

    def _answer(self, url: str, method: str) -> HttpResponse | None:
        try:
            return self._client.send(HttpRequest(url=url, method=method))
        except (Invalid, Unreachable):
            return None
