"""Base 64, base 32 and JSON."""

from __future__ import annotations

import binascii

from pilothouse.golang.functions import FunctionError
from pilothouse.sprig.text import from_bytes, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue
    from pilothouse.sprig.settings import Settings

_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class CorruptInput(ValueError):
    """Encoded text is wrong at a byte; the text is Go's."""

    def __init__(self, alphabet: str, position: int) -> None:
        super().__init__(f"illegal {alphabet} data at input byte {position}")


def b64enc(text: str) -> str:
    """Encode in base 64."""
    return binascii.b2a_base64(to_bytes(text), newline=False).decode("ascii")


def b64dec(text: str) -> str:
    """Decode base 64; what is wrong with the text is returned as text."""
    try:
        return from_bytes(decode_base64(text))
    except CorruptInput as error:
        return str(error)


def b32enc(text: str) -> str:
    """Encode in base 32."""
    data = to_bytes(text)
    bits = int.from_bytes(data, "big") << (-len(data) * 8 % 5)
    size = (len(data) * 8 + 4) // 5
    digits = "".join(_BASE32[bits >> 5 * index & 31] for index in range(size - 1, -1, -1))
    return digits + "=" * (-size % 8)


def b32dec(text: str) -> str:
    """Decode base 32; what is wrong with the text is returned as text."""
    try:
        return from_bytes(_decode_base32(text))
    except CorruptInput as error:
        return str(error)


def decode_base64(text: str) -> bytes:
    """Decode padded base 64, ignoring line breaks (base64.StdEncoding.DecodeString)."""
    clean = text.replace("\r", "").replace("\n", "") if "\n" in text or "\r" in text else text
    stripped = clean.rstrip("=")
    padding = len(clean) - len(stripped)
    if _BASE64.issuperset(stripped) and padding == -len(stripped) % 4 and padding < 3:
        return binascii.a2b_base64(clean)
    raise CorruptInput("base64", _corrupt_base64(text))


def _corrupt_base64(text: str) -> int:
    """Return the position that Go's decoder complains about."""
    data = to_bytes(text)
    size = len(data)
    position = 0
    filled = 0
    while position < size:
        byte = chr(data[position])
        position += 1
        if byte in "\r\n":
            continue
        if byte in _BASE64:
            filled = (filled + 1) % 4
            continue
        if byte != "=" or filled < 2:
            return position - 1
        if filled == 2:
            while position < size and data[position] in b"\r\n":
                position += 1
            if position == size:
                return size
            if data[position] != 0x3D:
                return position - 1
            position += 1
        while position < size and data[position] in b"\r\n":
            position += 1
        return position
    return size - filled if filled else size


def _decode_base32(text: str) -> bytes:
    """Decode padded base 32, ignoring line breaks (base32.StdEncoding.DecodeString)."""
    data = text.replace("\r", "").replace("\n", "")
    raw = to_bytes(data)
    out = bytearray()
    position, end = 0, len(raw)
    while position < end:
        group = raw[position : position + 8]
        digits = 0
        value = 0
        for index in range(8):
            if index >= len(group):
                raise CorruptInput("base32", position)
            char = chr(group[index])
            if char == "=" and index >= 2 and len(raw) - position - index <= 8:
                _check_base32_padding(raw, position + index, index, position)
                break
            digit = _BASE32.find(char)
            if digit < 0:
                raise CorruptInput("base32", position + index)
            value = value << 5 | digit
            digits += 1
        size = digits * 5 // 8
        out += (value >> digits * 5 - size * 8).to_bytes(size, "big")
        if digits < 8:
            break
        position += 8
    return bytes(out)


def _check_base32_padding(raw: bytes, at: int, index: int, start: int) -> None:
    """Complain as Go does where the padding is short, long or not at the end."""
    rest = len(raw) - at - 1
    if rest + index < 7:
        raise CorruptInput("base32", len(raw))
    for step in range(7 - index):
        if rest > step and raw[at + 1 + step] != 0x3D:
            raise CorruptInput("base32", at + step)
    if index in (1, 3, 6):
        raise CorruptInput("base32", start + index)


def to_json(settings: Settings, value: GoValue) -> str:
    """Encode as JSON; nothing if that is impossible."""
    try:
        return must_to_json(settings, value)
    except FunctionError:
        return ""


def must_to_json(settings: Settings, value: GoValue) -> str:
    """Encode as JSON."""
    return _encoded(settings, value, "", escape_html=True)


def to_pretty_json(settings: Settings, value: GoValue) -> str:
    """Encode as indented JSON; nothing if that is impossible."""
    try:
        return must_to_pretty_json(settings, value)
    except FunctionError:
        return ""


def must_to_pretty_json(settings: Settings, value: GoValue) -> str:
    """Encode as JSON, indented by two blanks."""
    return _encoded(settings, value, "  ", escape_html=True)


def must_to_raw_json(settings: Settings, value: GoValue) -> str:
    """Encode as JSON in which ``<``, ``>`` and ``&`` stand as they are."""
    return _encoded(settings, value, "", escape_html=False)


def from_json(settings: Settings, text: str) -> GoValue:
    """Decode JSON; nil if that is impossible."""
    try:
        return must_from_json(settings, text)
    except FunctionError:
        return None


def must_from_json(settings: Settings, text: str) -> GoValue:
    """Decode JSON."""
    from pilothouse.errors import Invalid
    from pilothouse.formats.json_text import decode

    try:
        return decode(text, helm=settings.helm)
    except Invalid as error:
        raise FunctionError(error.message) from None


def _encoded(settings: Settings, value: GoValue, indent: str, *, escape_html: bool) -> str:
    from pilothouse.errors import Invalid
    from pilothouse.formats.json_text import encode

    try:
        return encode(value, indent=indent, escape_html=escape_html, go=settings.go)
    except Invalid as error:
        raise FunctionError(error.message) from None
