"""How go-yaml's emitter writes the strings that are met most; :mod:`pilothouse.formats.yaml_styles` knows the rest.

The expressions here are kept to ASCII: compiling character classes of all Unicode takes milliseconds.
"""

from __future__ import annotations

import re

from pilothouse.formats.scalars import KEYWORDS

WIDTH = 80
"""The column after which a blank may become a line break."""

_SAFE = re.compile(
    r"[A-Za-z_/$(\\^;<=~]"
    r"[ -\"$-9;-~]*+"
    r"(?::[!-\"$-9;-~][ -\"$-9;-~]*+)*+",
).fullmatch
"""Matches most texts that can be plain; the last character must not be a blank."""

_PRINTABLE = re.compile(r"[\n -~]*+").fullmatch


def style(text: str) -> str:
    """Write a text without line feeds on one line: plain if that is possible, or else in quotes."""
    if _SAFE(text) and text[-1] != " " and text not in KEYWORDS:
        return text
    from pilothouse.formats import yaml_styles

    return text if text and yaml_styles.is_plain(text) else yaml_styles.quoted(text)


def needs_care(text: str) -> bool:
    """Tell whether a text has characters that JSON and YAML see differently, or may have."""
    return "\x7f" in text if text.isascii() else True


def literal_allowed(text: str, *, tabs: bool) -> bool:
    """Tell whether a text with line feeds can be a literal block; go-yaml v3 allows ``tabs`` in it."""
    if text.isascii():
        if text[-1] == " " or " \n" in text:
            return False
        if _PRINTABLE(text):
            return True
    from pilothouse.formats.yaml_styles import literal_allowed as judge

    return judge(text, tabs=tabs)


def literal(text: str, indent: str) -> str:
    """Write ``text`` as a literal block whose lines begin with ``indent``; it ends with a line feed."""
    if not text.isascii() and ("\u2028" in text or "\u2029" in text):
        from pilothouse.formats.yaml_styles import literal as write

        return write(text, indent)
    hint = "2" if text[0] in " \n" else ""
    margin = "\n" + indent
    if text[-1] != "\n":
        chomp, body = "-", margin + text.replace("\n", margin) + "\n"
    else:
        chomp = "+" if len(text) == 1 or text[-2] == "\n" else ""
        body = margin + text[:-1].replace("\n", margin) + "\n"
    if "\n\n" in text or text[0] == "\n":
        # Empty lines are not indented; neighbours overlap, so that it takes two passes.
        body = body.replace(margin + "\n", "\n\n").replace(margin + "\n", "\n\n")
    return f"|{hint}{chomp}{body}"
