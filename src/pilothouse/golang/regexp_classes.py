"""Sets of characters in regular expressions: sorted ranges of code points, Unicode's classes, folding of case.

A byte that is no UTF-8 is U+FFFD to Go's regexp; here it is a surrogate escape, so a set has the escapes if and only
if it has U+FFFD.
"""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Ranges = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
_REPLACEMENT = 0xFFFD
_SURROGATES = (0xD800, 0xDFFF)
_ESCAPES = (0xDC80, 0xDCFF)

DIGITS: Ranges = ((0x30, 0x39),)
BLANKS: Ranges = ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20))
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
PERL: dict[str, Ranges] = {"d": DIGITS, "s": BLANKS, "w": WORD}
POSIX: dict[str, Ranges] = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": DIGITS,
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": WORD,
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the ranges sorted, overlapping and touching ones joined."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            if high > out[-1][1]:
                out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return tuple(out)


def negated(ranges: Ranges) -> Ranges:
    """Return all characters that are not in clean ranges."""
    out = []
    start = 0
    for low, high in ranges:
        if start < low:
            out.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        out.append((start, LAST))
    return tuple(out)


def contains(ranges: Ranges, code: int) -> bool:
    """Return whether a code point is in the ranges."""
    return any(low <= code <= high for low, high in ranges)


def overlap(left: Ranges, right: Ranges) -> bool:
    """Return whether two clean sets share a character."""
    first = second = 0
    while first < len(left) and second < len(right):
        if left[first][1] < right[second][0]:
            first += 1
        elif right[second][1] < left[first][0]:
            second += 1
        else:
            return True
    return False


def in_python(ranges: Ranges) -> Ranges:
    """Return the characters of a ``str`` that a set of Go's runes stands for."""
    out: list[tuple[int, int]] = []
    for low, high in ranges:
        if high < _SURROGATES[0] or low > _SURROGATES[1]:
            out.append((low, high))
            continue
        if low < _SURROGATES[0]:
            out.append((low, _SURROGATES[0] - 1))
        if high > _SURROGATES[1]:
            out.append((_SURROGATES[1] + 1, high))
    if contains(ranges, _REPLACEMENT):
        out.append(_ESCAPES)
    return merged(out)


def folded(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the ranges with all characters that differ from theirs only in case."""
    out: list[tuple[int, int]] = []
    for low, high in ranges:
        out.append((low, high))
        if low <= 0x41 and high >= 0x1E943:
            continue
        if high < 0x80:
            out += _folded_ascii(low, high)
            continue
        orbits = _orbits()
        for code in range(max(low, 0x41), min(high, 0x1E943) + 1):
            for other in orbits.get(code, ()):
                out.append((other, other))
    return merged(out)


def _folded_ascii(low: int, high: int) -> list[tuple[int, int]]:
    out = []
    for first, last, shift in ((0x41, 0x5A, 32), (0x61, 0x7A, -32)):
        start, end = max(low, first), min(high, last)
        if start <= end:
            out.append((start + shift, end + shift))
            for letter, extra in (("K", 0x212A), ("S", 0x17F)):
                code = ord(letter) if shift > 0 else ord(letter) + 32
                if start <= code <= end:
                    out.append((extra, extra))
    return out


@lru_cache(maxsize=1)
def _orbits() -> dict[int, tuple[int, ...]]:
    """Return for each character with case all that equal it without (unicode.SimpleFold)."""
    groups: dict[int, set[int]] = {}
    for code in range(0x41, 0x1E944):
        char = chr(code)
        others = {code}
        for mapped in (char.upper(), char.lower(), char.title()):
            if len(mapped) == 1:
                others.add(ord(mapped))
        if len(others) == 1 or code in (0x130, 0x131):
            continue
        joined = set(others)
        for other in others:
            joined |= groups.get(other, set())
        for other in joined:
            groups[other] = joined
    return {code: tuple(sorted(group)) for code, group in groups.items()}


def unicode_class(name: str) -> Ranges | None:
    """Return the set of a Unicode class, or None if there is none of that name."""
    plain = name.replace("_", "").replace("-", "").replace(" ", "")
    canonical = plain[:1].upper() + plain[1:].lower()
    if canonical == "Any":
        return ((0, LAST),)
    if canonical == "Ascii":
        return ((0, 0x7F),)
    canonical = _ALIASES.get(canonical, canonical)
    categories = _categories()
    if canonical == "Assigned":
        return negated(categories["Cn"])
    if canonical == "Lc":
        return merged(categories["Lu"] + categories["Ll"] + categories["Lt"])
    if len(canonical) == 1:
        members = [key for key in categories if key[0] == canonical and key != "Cn"]
        return merged(pair for key in members for pair in categories[key]) if members else None
    return categories.get(canonical) or _script(canonical)


def _script(name: str) -> Ranges | None:
    from pilothouse.golang.unicode_scripts import SCRIPTS

    pairs = SCRIPTS.get(name)
    if pairs is None:
        return None
    codes = [int(part, 36) for part in pairs.split()]
    out = []
    position = 0
    for gap, size in zip(codes[::2], codes[1::2], strict=True):
        low = position + gap
        position = low + size
        out.append((low, position - 1))
    return tuple(out)


@lru_cache(maxsize=1)
def _categories() -> dict[str, Ranges]:
    """Return the characters of every general category, found by asking for each of them."""
    from unicodedata import category

    found: dict[str, list[tuple[int, int]]] = {}
    start, current = 0, category("\0")
    for code in range(1, LAST + 2):
        kind = category(chr(code)) if code <= LAST else ""
        if kind != current:
            found.setdefault(current, []).append((start, code - 1))
            start, current = code, kind
    return {key: tuple(pairs) for key, pairs in found.items()}


_ALIASES = {
    "Casedletter": "Lc",
    "Closepunctuation": "Pe",
    "Combiningmark": "M",
    "Connectorpunctuation": "Pc",
    "Control": "Cc",
    "Cntrl": "Cc",
    "Currencysymbol": "Sc",
    "Dashpunctuation": "Pd",
    "Decimalnumber": "Nd",
    "Digit": "Nd",
    "Enclosingmark": "Me",
    "Finalpunctuation": "Pf",
    "Format": "Cf",
    "Initialpunctuation": "Pi",
    "Letter": "L",
    "Letternumber": "Nl",
    "Lineseparator": "Zl",
    "Lowercaseletter": "Ll",
    "Mark": "M",
    "Mathsymbol": "Sm",
    "Modifierletter": "Lm",
    "Modifiersymbol": "Sk",
    "Nonspacingmark": "Mn",
    "Number": "N",
    "Openpunctuation": "Ps",
    "Other": "C",
    "Otherletter": "Lo",
    "Othernumber": "No",
    "Otherpunctuation": "Po",
    "Othersymbol": "So",
    "Paragraphseparator": "Zp",
    "Privateuse": "Co",
    "Punct": "P",
    "Punctuation": "P",
    "Separator": "Z",
    "Spaceseparator": "Zs",
    "Spacingmark": "Mc",
    "Surrogate": "Cs",
    "Symbol": "S",
    "Titlecaseletter": "Lt",
    "Unassigned": "Cn",
    "Uppercaseletter": "Lu",
}
