"""Random texts and numbers, from the entropy that the settings give."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.sprig.settings import Settings

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ASCII = "".join(map(chr, range(32, 127)))


def _text(settings: Settings, count: int, alphabet: str) -> str:
    return "".join([alphabet[settings.random_below(len(alphabet))] for _ in range(count)])


def rand_alpha_num(settings: Settings, count: int) -> str:
    """Return random letters and digits."""
    return _text(settings, count, _DIGITS + _LETTERS)


def rand_alpha(settings: Settings, count: int) -> str:
    """Return random letters."""
    return _text(settings, count, _LETTERS)


def rand_ascii(settings: Settings, count: int) -> str:
    """Return random printable characters."""
    return _text(settings, count, _ASCII)


def rand_numeric(settings: Settings, count: int) -> str:
    """Return random digits."""
    return _text(settings, count, _DIGITS)


def rand_bytes(settings: Settings, count: int) -> str:
    """Return random bytes in base 64."""
    from binascii import b2a_base64

    if count < 0:
        raise FunctionError("runtime error: makeslice: len out of range")
    return b2a_base64(settings.entropy(count) if count else b"", newline=False).decode("ascii")


def rand_int(settings: Settings, lowest: int, end: int) -> int:
    """Return a random number from ``lowest`` to before ``end``."""
    if end <= lowest:
        raise FunctionError("invalid argument to Intn")
    return lowest + settings.random_below(end - lowest)


def uuidv4(settings: Settings) -> str:
    """Return a random UUID."""
    bits = int.from_bytes(settings.entropy(16), "big")
    bits = bits & ~(0xF << 76) | 0x4 << 76
    digits = f"{bits & ~(0x3 << 62) | 0x2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def shuffle(settings: Settings, text: str) -> str:
    """Return the characters in random order."""
    from pilothouse.sprig.strings import valid_rune

    chars = [valid_rune(char) for char in text]
    for index in range(len(chars) - 1, 0, -1):
        other = settings.random_below(index + 1)
        chars[index], chars[other] = chars[other], chars[index]
    return "".join(chars)
