"""URLs taken apart into a map, and put together."""

from __future__ import annotations

from pilothouse.golang.functions import NIL_POINTER, FunctionError
from pilothouse.golang.kinds import kind_name
from pilothouse.golang.urls import Url, UrlSyntaxError, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue
    from pilothouse.sprig.settings import Settings


def url_parse(settings: Settings, text: str) -> dict[str, GoValue]:
    """Return the parts of a URL."""
    try:
        url = parse(text, go=settings.go)
    except UrlSyntaxError as error:
        raise FunctionError(f"unable to parse url: {error}") from None
    return {
        "scheme": url.scheme,
        "host": url.host,
        "hostname": url.hostname,
        "path": url.path,
        "query": url.query,
        "opaque": url.opaque,
        "fragment": url.fragment,
        "userinfo": "" if url.user is None else url.user,
    }


def url_join(settings: Settings, parts: dict[str, GoValue] | None) -> str:
    """Return the URL that has these parts."""
    found = {name: _part(parts or {}, name) for name in ("scheme", "host", "path", "query", "opaque", "fragment")}
    userinfo = _part(parts or {}, "userinfo")
    user = None
    if userinfo:
        try:
            user = parse(f"proto://{userinfo}@host", go=settings.go).user
        except UrlSyntaxError as error:
            raise FunctionError(f"unable to parse userinfo in dict: {error}") from None
    return str(Url(user=user, **found))


def _part(parts: dict[str, GoValue], name: str) -> str:
    if name not in parts:
        return ""
    value = parts[name]
    if value is None:
        raise FunctionError(NIL_POINTER)
    if kind_name(value) != "string":
        raise FunctionError(f"unable to parse {name} key, must be of type string, but {kind_name(value)} found")
    return str(value)
