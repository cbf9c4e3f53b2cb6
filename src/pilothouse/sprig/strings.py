"""String functions.

Go counts bytes where Python counts characters, so functions with widths and offsets work on the bytes of texts that
are not ASCII. A text cut inside a character keeps the odd bytes as surrogate escapes.
"""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import StringList, StringMap
from pilothouse.sprig.lists import elements_or_none
from pilothouse.sprig.text import from_bytes, printed, text_of, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

# unicode.IsSpace; Python's own notion also has U+001C to U+001F.
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_NEGATIVE_REPEAT = "strings: negative Repeat count"
_LONGEST = 1 << 30  # a text that a chart may ask for; Go has no limit but memory


def hello() -> str:
    """Return the greeting sprig has for trying it out."""
    return "Hello!"


def trim(text: str) -> str:
    """Remove white space at both ends."""
    return text.strip(SPACE)


def upper(text: str) -> str:
    """Return the text in capitals, character by character as Go does."""
    return text.upper() if text.isascii() else "".join(map(upper_rune, text))


def lower(text: str) -> str:
    """Return the text in small letters, character by character as Go does."""
    return text.lower() if text.isascii() else "".join(map(lower_rune, text))


def upper_rune(char: str) -> str:
    """Return the simple upper-case mapping of one character (unicode.ToUpper)."""
    mapped = char.upper()
    if len(mapped) == 1:
        return valid_rune(mapped)
    mapped = char.title()
    return mapped if len(mapped) == 1 else char


def lower_rune(char: str) -> str:
    """Return the simple lower-case mapping of one character (unicode.ToLower)."""
    mapped = char.lower()
    return valid_rune(mapped) if len(mapped) == 1 else mapped[0]


def title_rune(char: str) -> str:
    """Return the simple title-case mapping of one character (unicode.ToTitle)."""
    mapped = char.title()
    return valid_rune(mapped) if len(mapped) == 1 else char


def valid_rune(char: str) -> str:
    """Return U+FFFD for a byte that is no UTF-8, as strings.Map does."""
    return "\ufffd" if "\udc80" <= char <= "\udcff" else char


def title(text: str) -> str:
    """Put every letter that follows no letter, digit or underscore in title case (strings.Title)."""
    out = []
    start = True
    for char in text:
        out.append(title_rune(char) if start else valid_rune(char))
        if char.isascii():
            start = not (char.isalnum() or char == "_")
        else:
            start = not (char.isalpha() or char.isdecimal()) and char in SPACE
    return "".join(out)


def untitle(text: str) -> str:
    """Put the first letter of each word in small."""
    out = []
    start = True
    for char in text:
        if char in SPACE:
            start = True
            out.append(char)
        else:
            out.append(lower_rune(char) if start else valid_rune(char))
            start = False
    return "".join(out)


def swapcase(text: str) -> str:
    """Swap small letters and capitals; the first small letter of a word becomes title case."""
    out = []
    start = True
    for char in text:
        if char.isupper() or char.istitle():
            out.append(lower_rune(char))
            start = False
        elif char.islower():
            out.append(title_rune(char) if start else upper_rune(char))
            start = False
        else:
            out.append(valid_rune(char))
            start = char in SPACE
    return "".join(out)


def trunc(count: int, text: str) -> str:
    """Keep the first ``count`` bytes, or the last ``-count``."""
    if text.isascii():
        if count >= 0:
            return text[:count]
        return text[count:] if len(text) + count > 0 else text
    data = to_bytes(text)
    if count < 0 and len(data) + count > 0:
        return from_bytes(data[count:])
    return from_bytes(data[:count]) if 0 <= count < len(data) else text


def substr(start: int, end: int, text: str) -> str:
    """Return the bytes from ``start`` up to ``end``; a negative end means all, a negative start the beginning."""
    data = to_bytes(text)
    size = len(data)
    if start < 0:
        if end > size:
            raise FunctionError(f"runtime error: slice bounds out of range [:{end}] with length {size}")
        if end < 0:
            raise FunctionError(f"runtime error: slice bounds out of range [:{end}]")
        return from_bytes(data[:end])
    if end < 0 or end > size:
        if start > size:
            raise FunctionError(f"runtime error: slice bounds out of range [{start}:{size}]")
        return from_bytes(data[start:])
    if start > end:
        raise FunctionError(f"runtime error: slice bounds out of range [{start}:{end}]")
    return from_bytes(data[start:end])


def abbrev(width: int, text: str) -> str:
    """Cut the text to ``width`` bytes that end in an ellipsis."""
    return text if width < 4 else from_bytes(_abbreviate(to_bytes(text), 0, width))


def abbrevboth(offset: int, width: int, text: str) -> str:
    """Cut the text to ``width`` bytes around ``offset`` with an ellipsis on each side that lost something."""
    if width < 4 or (offset > 0 and width < 7):
        return text
    return from_bytes(_abbreviate(to_bytes(text), offset, width))


def _abbreviate(data: bytes, offset: int, width: int) -> bytes:
    """Follow goutils.AbbreviateFull, whose errors sprig turns into an empty text."""
    size = len(data)
    if size <= width:
        return data
    offset = min(offset, size)
    if size - offset < width - 3:
        offset = size - (width - 3)
    if offset <= 4:
        return data[: width - 3] + b"..."
    if width < 7:
        return b""
    if offset + width - 3 < size:
        return b"..." + _abbreviate(data[offset:], 0, width - 3)
    return b"..." + data[size - (width - 3) :]


def repeat(count: int, text: str) -> str:
    """Return the text ``count`` times."""
    if count < 0:
        raise FunctionError(_NEGATIVE_REPEAT)
    if count * len(text) > _LONGEST:
        raise FunctionError("strings: Repeat output length overflow")
    return text * count


def trim_all(cut: str, text: str) -> str:
    """Remove any of the characters ``cut`` at both ends."""
    return text.strip(cut) if cut else text


def trim_suffix(suffix: str, text: str) -> str:
    """Remove one suffix."""
    return text.removesuffix(suffix)


def trim_prefix(prefix: str, text: str) -> str:
    """Remove one prefix."""
    return text.removeprefix(prefix)


def nospace(text: str) -> str:
    """Remove white space byte by byte, which makes Latin-1 characters of the bytes of others (goutils)."""
    kept = to_bytes(text).translate(None, b"\t\n\v\f\r \x85\xa0")
    return kept.decode("latin-1") if len(kept) != len(to_bytes(text)) else text


def initials(text: str) -> str:
    """Return the first byte of each word as a Latin-1 character."""
    out = []
    start = True
    for char in to_bytes(text).decode("latin-1"):
        if char in SPACE:
            start = True
        elif start:
            out.append(char)
            start = False
    return "".join(out)


def wrap(width: int, text: str) -> str:
    """Wrap at blanks; words longer than ``width`` stay whole."""
    return _wrap(text, width, "\n", split_words=False)


def wrap_with(width: int, separator: str, text: str) -> str:
    """Wrap at blanks with ``separator`` between lines; longer words are cut."""
    return _wrap(text, width, separator or "\n", split_words=True)


def _wrap(text: str, width: int, separator: str, *, split_words: bool) -> str:
    """Follow goutils.WrapCustom, which counts bytes."""
    data, between = to_bytes(text), to_bytes(separator)
    width = max(width, 1)
    out = bytearray()
    offset, size = 0, len(data)
    while size - offset > width:
        if data[offset] == 0x20:
            offset += 1
            continue
        blank = data.rfind(b" ", offset, offset + width + 1)
        if blank < 0 and split_words:
            out += data[offset : offset + width] + between
            offset += width
            continue
        if blank < 0:
            blank = data.find(b" ", offset + width)
            if blank < 0:
                break
        out += data[offset:blank] + between
        offset = blank + 1
    return from_bytes(bytes(out + data[offset:]))


def contains(part: str, text: str) -> bool:
    """Return whether ``part`` occurs in the text."""
    return part in text


def has_prefix(prefix: str, text: str) -> bool:
    """Return whether the text begins so."""
    return text.startswith(prefix)


def has_suffix(suffix: str, text: str) -> bool:
    """Return whether the text ends so."""
    return text.endswith(suffix)


def quote(*values: GoValue) -> str:
    """Return the values in Go's double quotes, joined by blanks; nil is left out."""
    if len(values) == 1:
        value = values[0]
        if value is None:
            return ""
        return _quoted(value if type(value) is str else text_of(value))
    return " ".join([_quoted(text_of(value)) for value in values if value is not None])


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    from pilothouse.golang.quoting import quote as go_quote

    return go_quote(text)


def squote(*values: GoValue) -> str:
    """Return the values in single quotes without escaping, joined by blanks; nil is left out."""
    return " ".join([f"'{_printed(value)}'" for value in values if value is not None])


def _printed(value: GoValue) -> str:
    return value if type(value) is str else printed(value)


def cat(*values: GoValue) -> str:
    """Return the values' texts joined by blanks; nil is left out."""
    return " ".join([_printed(value) for value in values if value is not None])


def indent(count: int, text: str) -> str:
    """Put blanks before every line, empty ones included."""
    pad = " " * count if 0 <= count < 1000 else repeat(count, " ")
    return pad + text.replace("\n", "\n" + pad)


def nindent(count: int, text: str) -> str:
    """Indent, after a line feed."""
    pad = "\n" + (" " * count if 0 <= count < 1000 else repeat(count, " "))
    return pad + text.replace("\n", pad)


def replace(old: str, new: str, text: str) -> str:
    """Replace every occurrence."""
    return text.replace(old, new)


def plural(one: str, many: str, count: int) -> str:
    """Return ``one`` if the count is 1, else ``many``."""
    return one if count == 1 else many


def to_string(value: GoValue) -> str:
    """Return a value's text; nil is ``<nil>``."""
    return text_of(value)


def split_text(text: str, separator: str, limit: int = -1) -> list[str]:
    """Split as strings.SplitN does: an empty separator splits into characters, a limit of 0 gives nothing."""
    if limit == 0:
        return []
    if separator:
        return text.split(separator, limit - 1) if limit > 0 else text.split(separator)
    if 0 < limit < len(text):
        return [*text[: limit - 1], text[limit - 1 :]]
    return list(text)


def split(separator: str, text: str) -> StringMap:
    """Split into a map with the keys ``_0``, ``_1``…."""
    return StringMap({f"_{index}": part for index, part in enumerate(split_text(text, separator))})


def splitn(separator: str, limit: int, text: str) -> StringMap:
    """Split into at most ``limit`` parts, in a map."""
    return StringMap({f"_{index}": part for index, part in enumerate(split_text(text, separator, limit))})


def split_list(separator: str, text: str) -> StringList:
    """Split into a list."""
    return StringList(split_text(text, separator))


def texts_of(value: GoValue) -> list[str]:
    """Return the texts of a list's elements without nil, or a lone value's text (strslice)."""
    items = elements_or_none(value)
    if items is None:
        return [] if value is None else [text_of(value)]
    return [item if type(item) is str else text_of(item) for item in items if item is not None]


def join(separator: str, value: GoValue) -> str:
    """Join a list's texts."""
    return separator.join(texts_of(value))


def to_strings(value: GoValue) -> StringList:
    """Return a list's texts."""
    return StringList(texts_of(value))


def sort_alpha(value: GoValue) -> StringList:
    """Return a list's texts in bytewise order."""
    if elements_or_none(value) is None:
        return StringList([text_of(value)])
    texts = texts_of(value)
    plain = all(text.isascii() for text in texts)
    return StringList(sorted(texts) if plain else sorted(texts, key=to_bytes))
