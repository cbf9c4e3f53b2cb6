"""How go-yaml's emitter writes a string: plain, quoted or literal, and folded at 80 columns."""

from __future__ import annotations

import re

from pilothouse.formats.scalars import KEYWORDS, NUMERIC_STARTS, is_ambiguous

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

WIDTH = 80
"""The column after which a blank may become a line break."""

_SAFE = re.compile(
    r"[A-Za-z_/$(\\^;<=~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]"
    r"[ -\"$-9;-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*"
    r"(?::[!-\"$-9;-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]"
    r"[ -\"$-9;-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*)*",
).fullmatch
"""Matches most texts that can be plain; the last character must not be a blank."""

_INDICATORS = re.compile(r"---|\.\.\.|[#,\[\]{}&*!|>'\"%@`]|[-?:](?:[ \t\n\r\x85\u2028\u2029]|\Z)").match
_INNER_INDICATORS = re.compile(r".:(?:[ \t\n\r\x85\u2028\u2029]|\Z)|[ \t\n\r\x85\u2028\u2029]#", re.DOTALL).search
_SPECIAL = re.compile(r"[^\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]").search
_SPECIAL_BUT_TAB = re.compile(r"[^\t\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]").search
_BREAKS = "\n\r\x85\u2028\u2029"
_HAS_BREAK = re.compile(r"[\n\r\x85\u2028\u2029]").search
_SPACE_BREAK = re.compile(r" [\n\r\x85\u2028\u2029]").search
_BREAK_SPACE = re.compile(r"[\n\r\x85\u2028\u2029] ").search
_LINE_STARTS = re.compile(r"(?:\A|(?<=[\n\u2028\u2029]))(?=[^\n\u2028\u2029])")
_AFTER_BREAKS = re.compile(r"(?<=[\u2028\u2029])(?=[^\u2028\u2029])")
_ESCAPED = re.compile(r"[^ !#-\[\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_LONE_BLANK = re.compile(r"(?<! ) (?! )")

_NAMED_ESCAPES = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\xa0": "\\_", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip


def is_multiline(text: str) -> bool:
    """Tell whether the emitter sees line breaks in ``text``, so that it cannot be a simple key."""
    return _HAS_BREAK(text) is not None


def is_plain(text: str) -> bool:
    """Tell whether ``text`` can be written without quotes in block context."""
    if text in KEYWORDS:
        return False
    if _SAFE(text) and text[-1] != " ":
        return True
    return _may_be_plain(text) and not is_ambiguous(text)


def _may_be_plain(text: str) -> bool:
    """Tell whether the emitter would write a non-empty text plain if asked to (``analyze_scalar``)."""
    return not (
        text[0] == " "
        or text[-1] == " "
        or _INDICATORS(text)
        or _INNER_INDICATORS(text)
        or _SPECIAL(text)
        or _HAS_BREAK(text)
    )


def quoted(text: str) -> str:
    """Write a text that is not plain, on one line: the style of a simple key."""
    if text[:1] not in NUMERIC_STARTS and text not in KEYWORDS and _single_allowed(text):
        return single_quoted(text)
    if text and not is_ambiguous(text) and _single_allowed(text):
        return single_quoted(text)
    return double_quoted(text)


def _single_allowed(text: str) -> bool:
    return not (_SPECIAL(text) or _SPACE_BREAK(text) or _BREAK_SPACE(text))


def single_quoted(text: str) -> str:
    """Write ``text`` in single quotes on one line."""
    return "'" + text.replace("'", "''") + "'"


def _escape(found: Match[str]) -> str:
    return escape_character(found[0])


def escape_character(character: str) -> str:
    """Write one character as an escape of a double-quoted scalar."""
    named = _NAMED_ESCAPES.get(character)
    if named is not None:
        return named
    code = ord(character)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def double_quoted(text: str) -> str:
    """Write ``text`` in double quotes on one line.

    go-yaml looks for a byte order mark at the start only, and then escapes every character.
    """
    if text[:1] == "\ufeff":
        return '"' + "".join(map(escape_character, text)) + '"'
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def literal_allowed(text: str, *, tabs: bool) -> bool:
    """Tell whether a text with line feeds can be a literal block; go-yaml v3 allows ``tabs`` in it."""
    special = _SPECIAL_BUT_TAB if tabs else _SPECIAL
    return text[-1] != " " and not _SPACE_BREAK(text) and not special(text)


def literal(text: str, indent: str) -> str:
    """Write ``text`` as a literal block whose lines begin with ``indent``; it ends with a line feed."""
    hint = "2" if text[0] == " " or text[0] in _BREAKS else ""
    if text[-1] not in _BREAKS:
        chomp, end = "-", "\n"
    else:
        chomp, end = ("+" if len(text) == 1 or text[-2] in _BREAKS else ""), ""
    if "\n\n" in text or text[0] == "\n" or "\u2028" in text or "\u2029" in text:
        body = _LINE_STARTS.sub(indent, text)
    elif end:
        body = indent + text.replace("\n", "\n" + indent)
    else:
        body = indent + text[:-1].replace("\n", "\n" + indent) + "\n"
    return f"|{hint}{chomp}\n{body}{end}"


def _fold_blanks(text: str, column: int, indent: str, least: int, most: int) -> str:
    """Replace lone blanks after column 80 by a line break and ``indent``, between two positions of ``text``."""
    parts: list[str] = []
    start = 0
    for found in _LONE_BLANK.finditer(text):
        position = found.start()
        if column + position - start > WIDTH and least <= position < most:
            parts.append(text[start:position])
            start, column = position + 1, len(indent)
    parts.append(text[start:])
    return ("\n" + indent).join(parts)


def folded_plain(text: str, column: int, indent: str) -> str:
    """Write a plain text that begins at ``column`` in as many lines as the width asks for."""
    return _fold_blanks(text, column, indent, 0, len(text))


def folded_single(text: str, column: int, indent: str) -> str:
    """Write a single-quoted text; Unicode line breaks stay and are followed by ``indent``."""
    pieces = _AFTER_BREAKS.split(text)
    last = len(pieces) - 1
    column += 1
    lines = []
    for index, piece in enumerate(pieces):
        inner = piece.replace("'", "''")
        lines.append(_fold_blanks(inner, column, indent, 1 if index == 0 else 0, len(inner) - (index == last)))
        column = len(indent)
    return "'" + indent.join(lines) + "'"


def folded_double(text: str, column: int, indent: str) -> str:
    """Write a double-quoted text; a continuation line that begins with a blank gets a backslash."""
    if text[:1] == "\ufeff":
        return double_quoted(text)
    out: list[str] = ['"']
    column += 1
    blank = False
    last = len(text) - 1
    for position, character in enumerate(text):
        if character == " ":
            if not blank and column > WIDTH and 0 < position < last:
                out.append("\n" + indent)
                column = len(indent)
                if text[position + 1] == " ":
                    out.append("\\")
                    column += 1
            else:
                out.append(" ")
                column += 1
            blank = True
            continue
        piece = _ESCAPED.sub(_escape, character)
        out.append(piece)
        column += len(piece)
        blank = False
    out.append('"')
    return "".join(out)
