"""Connection strings of PostgreSQL: what Go's ``lib/pq`` accepts, said so that libpq accepts it."""

from __future__ import annotations

import re

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

#: What lib/pq takes where nothing is said, beside the variable that libpq would look at (``lib/pq NewConnector``).
POSTGRES_DEFAULTS = {"host": ("PGHOST", "localhost"), "sslmode": ("PGSSLMODE", "require")}
#: What lib/pq knows and libpq does not.
_FOREIGN = frozenset({"binary_parameters", "sslinline", "disable_prepared_binary_result"})
_SCHEMES = ("postgres://", "postgresql://")
_PAIR = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s\\]|\\.)*)", re.DOTALL)


def libpq_form(text: str, known: Collection[str]) -> str:
    """Return a connection string in which options that libpq does not know are settings of the session.

    ``lib/pq`` hands what it does not know (``search_path``, say) to the server; libpq wants that in ``options``.

    Args:
        text: A URL, or words ``key=value``; empty for a server on this machine.
        known: The options that libpq knows.

    Raises:
        Invalid: It is neither.
    """
    if text.startswith(_SCHEMES):
        return _url_form(text, known)
    settings: list[str] = []
    kept: list[str] = []
    position = 0
    while text[position:].strip():
        found = _PAIR.match(text, position)
        if found is None:
            word = text[position:].split(maxsplit=1)[0]
            raise Invalid(f'unable to instantiate SQL driver: missing "=" after "{word}" in connection info string"')
        if found[1] in known:
            kept.append(f"{found[1]}={found[2] or _QUOTED_NOTHING}")
        elif found[1] not in _FOREIGN:
            settings.append(_setting(found[1], re.sub(r"\\(.)", r"\1", found[2].strip("'"))))
        position = found.end()
    if settings:
        kept.append("options='" + " ".join(settings).replace("\\", "\\\\").replace("'", "\\'") + "'")
    return " ".join(kept)


_QUOTED_NOTHING = "''"


def _url_form(text: str, known: Collection[str]) -> str:
    from urllib.parse import parse_qsl, quote, urlencode

    address, _, query = text.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if key in known]
    settings = [_setting(key, value) for key, value in pairs if key not in known and key not in _FOREIGN]
    if settings:
        kept.append(("options", " ".join(settings)))
    return f"{address}?{urlencode(kept, quote_via=quote)}" if kept else address


def _setting(key: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(" ", "\\ ")
    return f"-c {key}={escaped}"


def without_password(message: str, text: str) -> str:
    """Return a message in which the password of a connection string does not show."""
    found = re.search(r"password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)|://[^:@/]*:([^@]*)@", text)
    secret = (found[1] or found[2] or "").strip("'") if found else ""
    return message.replace(secret, "xxxxx") if secret else message
