"""What a server warns of in its ``Warning`` headers: deprecated versions, fields it does not know."""

from __future__ import annotations

import re

_WARNING = re.compile(r'\s*(\d{3}) (\S+) "((?:[^"\\]|\\.)*)"(?: "[^"]*")?\s*(?:,|$)')
_ESCAPE = re.compile(r"\\(.)")
_MISCELLANEOUS = "299"


def warning_texts(header: str) -> list[str]:
    """Return the texts that client-go's ``WarningLogger`` shows: those of code 299 that say something."""
    texts: list[str] = []
    position = 0
    while match := _WARNING.match(header, position):
        position = match.end()
        code, _, text = match.groups()
        if code == _MISCELLANEOUS and text:
            texts.append(_ESCAPE.sub(r"\1", text))
    return texts
