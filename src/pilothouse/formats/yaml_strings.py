"""How go-yaml's emitter writes the strings that are met most; :mod:`pilothouse.formats.yaml_styles` knows the rest.

There are no regular expressions here: loading and compiling them takes longer than writing a chart's values.
"""

from __future__ import annotations

from pilothouse.formats.keywords import KEYWORDS

WIDTH = 80
"""The column after which a blank may become a line break."""

_STARTS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/$(\\^;<=~")
"""What a text that is plain for sure begins with."""

_INDICATORS = frozenset("#,[]{}&*!|>'\"%@` ")
"""What a plain text cannot begin with."""

_NUMERIC_STARTS = frozenset("+-.0123456789")
_NUMERIC = frozenset("+-.0123456789abcdefABCDEFxXoO_tTzZ:, infINF")
"""The characters of numbers, dates and times."""


def _is_safe(text: str) -> bool:
    """Tell whether a text can be plain for sure: one that holds nothing that means something to YAML."""
    return (
        text[:1] in _STARTS
        and text.isascii()
        and text.isprintable()
        and text[-1] not in " :"
        and "#" not in text
        and (":" not in text or (": " not in text and "::" not in text))
        and text not in KEYWORDS
    )


def style(text: str) -> str:
    """Write a text without line feeds on one line: plain if that is possible, or else in quotes."""
    if _is_safe(text):
        return text
    if text.isascii() and text.isprintable():
        return _printable(text)
    from pilothouse.formats import yaml_styles

    return text if text and yaml_styles.is_plain(text) else yaml_styles.quoted(text)


def _printable(text: str) -> str:
    """Write a text of printable ASCII characters on one line."""
    if not text or text in KEYWORDS or (text[0] in _NUMERIC_STARTS and _is_ambiguous(text)):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if (
        text[0] in _INDICATORS
        or text[-1] == " "
        or " #" in text
        or (":" in text and (text.find(": ", 1) > 0 or (text[-1] == ":" and len(text) > 1)))
        or (text[0] in "-?:" and text[1:2] in ("", " "))
        or text.startswith(("---", "..."))
    ):
        return "'" + text.replace("'", "''") + "'"
    return text


def _is_ambiguous(text: str) -> bool:
    """Tell whether a text with the first character of a number or date would be read as one."""
    if len(text) < 19:
        if text.isdecimal() and (text[0] != "0" or len(text) == 1):
            return True
        if "." in text and text.replace(".", "", 1).isdecimal():
            return True
    if text.count(".") > 1 or not _NUMERIC.issuperset(text):
        return False
    from pilothouse.formats.scalars import is_ambiguous

    return is_ambiguous(text)


def needs_care(text: str) -> bool:
    """Tell whether a text has characters that JSON and YAML see differently, or may have."""
    return "\x7f" in text if text.isascii() else True


def literal_allowed(text: str, *, tabs: bool) -> bool:
    """Tell whether a text with line feeds can be a literal block; go-yaml v3 allows ``tabs`` in it."""
    if text.isascii():
        if text[-1] == " " or " \n" in text:
            return False
        if text.replace("\n", "").isprintable():
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
