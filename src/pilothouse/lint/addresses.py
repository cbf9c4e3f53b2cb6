"""What counts as an e-mail address or a URL when charts are linted (``asaskevich/govalidator``)."""

from __future__ import annotations

import re

from pilothouse.golang.urls import UrlSyntaxError, parse

_UNICODE = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
_ATOM = rf"[a-zA-Z0-9!#$%&'*+\-/=?^_`{{|}}~{_UNICODE}]+"
_LABEL = rf"[a-zA-Z0-9{_UNICODE}](?:[a-zA-Z0-9\-._~{_UNICODE}]*[a-zA-Z0-9{_UNICODE}])?"
_TOP = rf"[a-zA-Z{_UNICODE}](?:[a-zA-Z0-9\-_~{_UNICODE}]*[a-zA-Z{_UNICODE}])?"
_EMAIL = re.compile(rf"(?:{_ATOM}(?:\.{_ATOM})*|\"[^\"\r\n]*\")@{_LABEL}\.{_TOP}\.?")

_LETTER = "a-zA-Z0-9\u00a1-\uffff"
_HOST = rf"[{_LETTER}](?:[{_LETTER}\-_]*[{_LETTER}])?(?:\.[{_LETTER}](?:[{_LETTER}\-_]*[{_LETTER}])?)*"
_URL = re.compile(
    rf"(?:(?:ftp|tcp|udp|wss?|https?)://)?(?:\S+(?::\S*)?@)?(?:\[[0-9a-fA-F:.]+\]|{_HOST})\.?(?::[0-9]{{1,5}})?(?:[/?#]\S*)?"
)
_MAXIMUM_URL = 2083


def is_email(text: str) -> bool:
    """Tell whether ``text`` is an e-mail address (``govalidator.IsEmail``)."""
    return _EMAIL.fullmatch(text) is not None


def is_request_url(text: str) -> bool:
    """Tell whether ``text`` is an absolute URL (``govalidator.IsRequestURL``)."""
    try:
        return bool(parse(text).scheme)
    except UrlSyntaxError:
        return False


def is_url(text: str) -> bool:
    """Tell whether ``text`` is a URL, with or without its scheme (``govalidator.IsURL``)."""
    if not 3 < len(text) < _MAXIMUM_URL or text.startswith("."):
        return False
    scheme, separator, rest = text.partition("://")
    host = rest if separator else scheme
    for end in "/?#":
        host = host.partition(end)[0]
    if not separator and "." not in text and ":" not in text:
        return False
    return not host.startswith(".") and _URL.fullmatch(text) is not None
