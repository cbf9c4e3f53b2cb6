"""What a registry says about a request that it did not carry out (``errcode.Errors``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.formats.json_text import decode_mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.transport.client import HttpResponse

_LIMIT = 128 << 10


def answer_text(response: HttpResponse, *, details: bool = True) -> str:
    """Return the errors in the body of an answer, with details unless it is for Helm 3, or the name of its status."""
    from http import HTTPStatus

    try:
        errors = decode_mapping(response.read(_LIMIT)).get("errors")
    except PilothouseError:
        errors = None
    texts = (
        [_text(error, details=details) for error in errors if isinstance(error, dict)]
        if isinstance(errors, list)
        else []
    )
    if texts:
        return "; ".join(texts)
    try:
        return HTTPStatus(response.status).phrase
    except ValueError:
        return ""


def _text(error: dict[str, YamlValue], *, details: bool) -> str:
    code = str(error.get("code") or "").replace("_", " ").lower()
    message, detail = error.get("message"), error.get("detail") if details else None
    if not message:
        return _printable(code)
    shown = f"{code}: {message}" if detail is None else f"{code}: {message}: {_go_text(detail)}"
    return _printable(shown)


def _go_text(value: YamlValue) -> str:
    from pilothouse.golang.printf import show

    return show(value)


def _printable(text: str) -> str:
    """Return a server's text without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
