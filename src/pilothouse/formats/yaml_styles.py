"""How go-yaml writes any string: its emitter's ``analyze_scalar``, ``select_scalar_style`` and the writers."""

from __future__ import annotations

import re

from pilothouse.formats.errors import YamlError
from pilothouse.formats.keywords import KEYWORDS
from pilothouse.formats.scalars import is_ambiguous

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

_INDICATORS = re.compile(r"---|\.\.\.|[#,\[\]{}&*!|>'\"%@`]|[-?:](?:[ \t\n\r\x85\u2028\u2029]|\Z)").match
_INNER_INDICATORS = re.compile(r".:(?:[ \t\n\r\x85\u2028\u2029]|\Z)|[ \t\n\r\x85\u2028\u2029]#", re.DOTALL).search
# Written as what they hold, not as what they leave out: `re` takes 10 ms to compile each of the latter.
_UNPRINTABLE = r"\x7f-\x9f\ud800-\udfff\ufeff\ufffe-\U0010ffff"
_SPECIAL = re.compile(rf"[\0-\t\x0b-\x1f{_UNPRINTABLE}]").search
_SPECIAL_BUT_TAB = re.compile(rf"[\0-\x08\x0b-\x1f{_UNPRINTABLE}]").search
_BREAKS = "\n\r\x85\u2028\u2029"
_HAS_BREAK = re.compile(r"[\n\r\x85\u2028\u2029]").search
_SPACE_BREAK = re.compile(r" [\n\r\x85\u2028\u2029]").search
_BREAK_SPACE = re.compile(r"[\n\r\x85\u2028\u2029] ").search
_LINE_STARTS = re.compile(r"(?:\A|(?<=[\n\u2028\u2029]))(?=[^\n\u2028\u2029])")
_AFTER_BREAKS = re.compile(r"(?<=[\u2028\u2029])(?=[^\u2028\u2029])")
_ESCAPED = re.compile(rf"[\0-\x1f\"\\\u2028\u2029{_UNPRINTABLE}]")
_LONE_BLANK = re.compile(r"(?<! ) (?! )")
_NEXT_LINES = re.compile(r" *\x85[ \x85]*")
_UNREADABLE = re.compile(r"[\x7f-\x84\x86-\x9f\ufffe\uffff]").search
"""What Go's JSON writes as it is and go-yaml refuses to read."""
SURROGATE = re.compile(r"[\ud800-\udfff]")
"""What stands for bytes that are no UTF-8."""

_NAMED_ESCAPES = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\x85": "\\N", "\xa0": "\\_", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip


def through_json(text: str) -> str:
    """Return what is left of a string when Go's JSON of it is read as YAML.

    Raises:
        YamlError: YAML cannot read what JSON writes.
    """
    text = SURROGATE.sub("\ufffd", text)
    if _UNREADABLE(text):
        raise YamlError("yaml: control characters are not allowed")
    return _NEXT_LINES.sub(_fold_next_lines, text) if "\x85" in text else text


def _fold_next_lines(found: Match[str]) -> str:
    """Fold U+0085, which JSON leaves as it is and YAML takes for a line break."""
    count = found[0].count("\x85")
    return " " if count == 1 else "\n" * (count - 1)


def is_multiline(text: str) -> bool:
    """Tell whether the emitter sees line breaks in ``text``, so that it cannot be a simple key."""
    return _HAS_BREAK(text) is not None


def is_plain(text: str) -> bool:
    """Tell whether a text that is not empty can be written without quotes in block context."""
    return text not in KEYWORDS and _may_be_plain(text) and not is_ambiguous(text)


def _may_be_plain(text: str) -> bool:
    """Tell whether the emitter would write a text plain if asked to."""
    return not (
        text[0] == " "
        or text[-1] == " "
        or _INDICATORS(text)
        or _INNER_INDICATORS(text)
        or _SPECIAL(text)
        or _HAS_BREAK(text)
    )


def quoted(text: str) -> str:
    """Write a text that is not plain, on one line: single quotes where the encoder did not ask for double ones."""
    if text and not is_ambiguous(text) and not (_SPECIAL(text) or _SPACE_BREAK(text) or _BREAK_SPACE(text)):
        return "'" + text.replace("'", "''") + "'"
    return double_quoted(text)


def _escape(found: Match[str]) -> str:
    return _escape_character(found[0])


def _escape_character(character: str) -> str:
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
        return '"' + "".join(map(_escape_character, text)) + '"'
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def literal_allowed(text: str, *, tabs: bool) -> bool:
    """Tell whether a text with line feeds can be a literal block; go-yaml v3 allows ``tabs`` in it."""
    special = _SPECIAL_BUT_TAB if tabs else _SPECIAL
    return text[-1] != " " and not _SPACE_BREAK(text) and not special(text)


def literal(text: str, indent: str) -> str:
    """Write ``text``, in which Unicode line breaks stay, as a literal block."""
    hint = "2" if text[0] == " " or text[0] in _BREAKS else ""
    if text[-1] not in _BREAKS:
        chomp, end = "-", "\n"
    else:
        chomp, end = ("+" if len(text) == 1 or text[-2] in _BREAKS else ""), ""
    return f"|{hint}{chomp}\n{_LINE_STARTS.sub(indent, text)}{end}"


def folded(text: str, column: int, indent: str, width: int) -> str:
    """Write a text that begins at ``column`` in as many lines as ``width`` asks for; further ones get ``indent``."""
    if "\n" not in text:
        if text and is_plain(text):
            return _fold_blanks(text, column, indent, width, (0, len(text)))
        if quoted(text)[0] == "'":
            return _folded_single(text, column, indent, width)
    return _folded_double(text, column, indent, width)


def _fold_blanks(text: str, column: int, indent: str, width: int, between: tuple[int, int]) -> str:
    """Replace lone blanks beyond ``width`` by a line break and ``indent``, between two positions of ``text``."""
    parts: list[str] = []
    start = 0
    for found in _LONE_BLANK.finditer(text):
        position = found.start()
        if column + position - start > width and between[0] <= position < between[1]:
            parts.append(text[start:position])
            start, column = position + 1, len(indent)
    parts.append(text[start:])
    return ("\n" + indent).join(parts)


def _folded_single(text: str, column: int, indent: str, width: int) -> str:
    """Write a single-quoted text; Unicode line breaks stay and are followed by ``indent``."""
    pieces = _AFTER_BREAKS.split(text)
    last = len(pieces) - 1
    column += 1
    lines = []
    for index, piece in enumerate(pieces):
        inner = piece.replace("'", "''")
        between = (1 if index == 0 else 0, len(inner) - (index == last))
        lines.append(_fold_blanks(inner, column, indent, width, between))
        column = len(indent)
    return "'" + indent.join(lines) + "'"


def _folded_double(text: str, column: int, indent: str, width: int) -> str:
    """Write a double-quoted text; a continuation line that begins with a blank gets a backslash."""
    if text[:1] == "\ufeff":
        return double_quoted(text)
    out: list[str] = ['"']
    column += 1
    blank = False
    last = len(text) - 1
    for position, character in enumerate(text):
        if character == " ":
            if not blank and column > width and 0 < position < last:
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
