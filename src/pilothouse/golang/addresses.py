"""IP addresses as Go's ``net/netip`` checks them, with its words for what is wrong."""

from __future__ import annotations

from pilothouse.golang.quoting import quote

_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


class AddressError(ValueError):
    """Text that is no IP address."""


def check_address(text: str) -> int:
    """Return 4 or 6 for an address of that version (netip.ParseAddr).

    Raises:
        AddressError: With Go's text, but for the quoted address before it.
    """
    for char in text:
        if char == ".":
            _check_four(text)
            return 4
        if char == ":":
            _check_six(text)
            return 6
        if char == "%":
            raise AddressError("missing IPv6 address")
    raise AddressError("unable to parse IP")


def _at(problem: str, rest: str) -> AddressError:
    return AddressError(f"{problem} (at {quote(rest)})")


def _check_four(text: str) -> None:
    value = digits = fields = 0
    for index, char in enumerate(text):
        if "0" <= char <= "9":
            if digits == 1 and value == 0:
                raise AddressError("IPv4 field has octet with leading zero")
            value, digits = value * 10 + int(char), digits + 1
            if value > 255:
                raise AddressError("IPv4 field has value >255")
        elif char == ".":
            if index in (0, len(text) - 1) or text[index - 1] == ".":
                raise _at("IPv4 field must have at least one digit", text[index:])
            if fields == 3:
                raise AddressError("IPv4 address too long")
            value, digits, fields = 0, 0, fields + 1
        else:
            raise _at("unexpected character", text[index:])
    if fields < 3:
        raise AddressError("IPv4 address too short")


def _check_six(text: str) -> None:
    rest, percent, zone = text.partition("%")
    if percent and not zone:
        raise AddressError("zone must be a non-empty string")
    ellipsis = rest.startswith("::")
    if ellipsis:
        rest = rest[2:]
        if not rest:
            return
    rest, size, ellipsis = _groups(rest, ellipsis=ellipsis)
    if rest:
        raise _at("trailing garbage after address", rest)
    if size < 16 and not ellipsis:
        raise AddressError("address string too short")
    if size == 16 and ellipsis:
        raise AddressError("the :: must expand to at least one field of zeros")


def _groups(rest: str, *, ellipsis: bool) -> tuple[str, int, bool]:
    """Read groups until there are enough; return what is left, the bytes read and whether there was a ``::``."""
    size = 0
    while size < 16:
        digits = _group(rest)
        if rest[digits : digits + 1] == ".":
            _check_embedded(rest, size, ellipsis=ellipsis)
            return "", size + 4, ellipsis
        size += 2
        rest = rest[digits:]
        if not rest:
            break
        rest = _after_colon(rest)
        if rest[0] == ":":
            if ellipsis:
                raise _at("multiple :: in address", rest)
            ellipsis, rest = True, rest[1:]
            if not rest:
                break
    return rest, size, ellipsis


def _group(rest: str) -> int:
    """Return how many hexadecimal digits come next."""
    digits = 0
    while digits < len(rest) and rest[digits] in _HEXADECIMAL:
        if digits > 3:
            raise _at("each group must have 4 or less digits", rest)
        digits += 1
    if not digits:
        raise _at("each colon-separated field must have at least one digit", rest)
    return digits


def _check_embedded(rest: str, size: int, *, ellipsis: bool) -> None:
    if not ellipsis and size != 12:
        raise _at("embedded IPv4 address must replace the final 2 fields of the address", rest)
    if size > 12:
        raise _at("too many hex fields to fit an embedded IPv4 at the end of the address", rest)
    _check_four(rest)


def _after_colon(rest: str) -> str:
    if rest[0] != ":":
        raise _at("unexpected character, want colon", rest)
    if len(rest) == 1:
        raise _at("colon must be followed by more characters", rest)
    return rest[1:]
