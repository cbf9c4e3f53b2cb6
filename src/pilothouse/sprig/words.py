"""Case styles of identifiers, as github.com/huandu/xstrings 1.5 has them.

A text is cut into runs of one kind: connectors (blanks, ``-``, ``_``), punctuation, digits, letters. Runs of letters
end before a capital; a run of capitals leaves its last to the word that follows. Digits belong to what is before
them, unless small letters follow.
"""

from __future__ import annotations

import re
import unicodedata

from pilothouse.sprig.strings import SPACE, lower_rune, upper_rune, valid_rune

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Bytes that are no UTF-8, and the character that Go reads for them: they belong to the character after them.
_UNREADABLE = "\ufffd\udc80-\udcff"
_CLUSTER = re.compile(f"[{_UNREADABLE}]*[^{_UNREADABLE}](?:[{_UNREADABLE}]+\\Z)?|[{_UNREADABLE}]+", re.DOTALL)
_NUMBER, _UPPER, _ALPHABET, _CONNECTOR, _PUNCTUATION, _OTHER, _NONE = range(7)


def camelcase(text: str) -> str:
    """Return the words joined, each with a capital first (xstrings.ToPascalCase).

    Capitals that follow a capital at the beginning of a word become small. Connectors at the beginning stay, and of
    several in a row all but the last.
    """
    lead = len(text) - len(text.lstrip(_CONNECTORS))
    out = [text[:lead]]
    if lead == len(text):
        # The last connector is written twice when it is not the only character, as the original does.
        return text if lead < 1 else text + text[-1]
    capitals = text[lead].isupper()
    pending = upper_rune(text[lead])
    for char in text[lead + 1 :]:
        now = valid_rune(char)
        if pending in _CONNECTORS:
            if now in _CONNECTORS:
                out.append(pending)
            else:
                capitals = now.isupper()
                now = upper_rune(now)
        else:
            if capitals:
                if now.isupper():
                    now = lower_rune(now)
                else:
                    capitals = False
            out.append(pending)
        pending = now
    return "".join([*out, pending])


_CONNECTORS = "-_" + SPACE


def snakecase(text: str) -> str:
    """Return the words in small letters joined by underscores."""
    return _joined(text, "_")


def kebabcase(text: str) -> str:
    """Return the words in small letters joined by hyphens."""
    return _joined(text, "-")


def _clusters(text: str) -> Sequence[str]:
    """Return the characters of a text, each with what is unreadable before it, the last with all around it."""
    return text if text.isascii() else _CLUSTER.findall(text)


def _kind(cluster: str) -> int:
    char = cluster
    if len(cluster) > 1 or not cluster.isascii():
        char = next((char for char in cluster if not "\udc80" <= char <= "\udcff" and char != "\ufffd"), "")
        if not char:
            return _NONE
    if char in _CONNECTORS:
        return _CONNECTOR
    category = unicodedata.category(char)
    if category[0] == "P":
        return _PUNCTUATION
    if char.isupper():
        return _UPPER
    if category[0] == "L":
        return _OTHER if _is_ideograph(char) else _ALPHABET
    return _NUMBER if category[0] == "N" else _OTHER


def _is_ideograph(char: str) -> bool:
    """Return whether the letter is one of the ideographs that xstrings does not count as alphabet."""
    return "\u4e00" <= char <= "\u9fcc" or "\u3400" <= char <= "\u4d85" or "\U00020000" <= char <= "\U0002b81d"


def _next_word(text: Sequence[str], start: int) -> tuple[int, str, int]:
    """Return kind and text of the run at ``start``, and where the next begins."""
    if start >= len(text):
        return _NONE, "", start
    kind = _kind(text[start])
    end = start + 1
    if kind == _UPPER and end < len(text) and _kind(text[end]) == _UPPER:
        while end < len(text) and _kind(text[end]) == _UPPER:
            end += 1
        if end < len(text) and _kind(text[end]) == _ALPHABET:
            end -= 1
    else:
        follow = _ALPHABET if kind == _UPPER else kind
        while end < len(text) and _kind(text[end]) == follow:
            end += 1
    return kind, "".join(text[start:end]), end


def _lowered(kind: int, word: str, connector: str) -> str:
    if kind not in (_UPPER, _CONNECTOR):
        return word
    return "".join(
        connector if char in _CONNECTORS else lower_rune(char) if char.isupper() else valid_rune(char) for char in word
    )


def _joined(text: str, connector: str) -> str:
    """Follow xstrings.camelCaseToLowerCase."""
    out: list[str] = []
    clusters = _clusters(text)
    kind, word, position = _next_word(clusters, 0)
    while position < len(clusters):
        if kind != _CONNECTOR:
            out.append(_lowered(kind, word, connector))
        before, last = kind, word
        kind, word, position = _next_word(clusters, position)
        if before == _NUMBER:
            kind, word, position = _take_letters(clusters, out, (kind, word, position), connector)
            if kind not in (_NONE, _PUNCTUATION, _CONNECTOR):
                out.append(connector)
        elif before == _CONNECTOR:
            out.append(_lowered(before, last, connector))
        elif before != _PUNCTUATION:
            kind, word, position = _after_letters(clusters, out, (kind, word, position), connector)
    out.append(_lowered(kind, word, connector))
    return "".join(out)


def _take_letters(
    text: Sequence[str], out: list[str], run: tuple[int, str, int], connector: str
) -> tuple[int, str, int]:
    """Write the small letters and digits that follow a number."""
    kind, word, position = run
    while kind in (_ALPHABET, _NUMBER):
        out.append(_lowered(kind, word, connector))
        kind, word, position = _next_word(text, position)
    return kind, word, position


def _after_letters(
    text: Sequence[str], out: list[str], run: tuple[int, str, int], connector: str
) -> tuple[int, str, int]:
    """Write what joins a word to the run that follows it; a number may belong to either side."""
    kind, word, position = run
    if kind != _NUMBER:
        if kind not in (_CONNECTOR, _PUNCTUATION):
            out.append(connector)
        return run
    if position >= len(text):
        return run
    number = word
    kind, word, position = _next_word(text, position)
    if kind != _ALPHABET:
        out.append(number)
        if kind not in (_CONNECTOR, _PUNCTUATION):
            out.append(connector)
        return kind, word, position
    out += [connector, number]
    kind, word, position = _take_letters(text, out, (kind, word, position), connector)
    if kind not in (_NONE, _CONNECTOR, _PUNCTUATION):
        out.append(connector)
    return kind, word, position
