"""URLs as Go's ``net/url`` reads and writes them."""

from __future__ import annotations

from pilothouse.golang.quoting import quote

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_MARKS = b"-_.~"
_HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")
_HOST = frozenset(_LETTERS + _MARKS + b"!$&'()*+,;=:[]<>\"")

# The bytes that stand as they are in each part of a URL (shouldEscape).
PATH = frozenset(_LETTERS + _MARKS + b"$&+,/:;=@")
PATH_SEGMENT = frozenset(_LETTERS + _MARKS + b"$&+:=@")
USER = frozenset(_LETTERS + _MARKS + b"$&+,;=")
QUERY = frozenset(_LETTERS + _MARKS)
FRAGMENT = frozenset(_LETTERS + _MARKS + b"$&+,/:;=?@!()*")

_VALID_RAW = frozenset(b"!$&'()*+,;=:@[]%")
_USERINFO = frozenset(_LETTERS + b"-._:~!$&'()*+,;=%@")


class UrlSyntaxError(ValueError):
    """Text that is no URL; the text is Go's."""


class Url:
    """A URL taken apart; parts are decoded but for host, opaque part, query and user."""

    __slots__ = (
        "force_query",
        "fragment",
        "host",
        "opaque",
        "path",
        "query",
        "raw_fragment",
        "raw_path",
        "scheme",
        "user",
    )

    def __init__(
        self,
        *,
        scheme: str = "",
        opaque: str = "",
        user: str | None = None,
        host: str = "",
        path: str = "",
        query: str = "",
        fragment: str = "",
    ) -> None:
        self.scheme = scheme
        self.opaque = opaque
        self.user = user
        self.host = host
        self.path = path
        self.query = query
        self.fragment = fragment
        self.raw_path = ""
        self.raw_fragment = ""
        self.force_query = False

    @property
    def hostname(self) -> str:
        """The host without its port and brackets."""
        host, colon, port = self.host.rpartition(":")
        if not colon or not _is_port(colon + port):
            host = self.host
        return host[1:-1] if host.startswith("[") and host.endswith("]") else host

    @property
    def port(self) -> str:
        """The port, if it is a number."""
        _, colon, port = self.host.rpartition(":")
        return port if colon and _is_port(colon + port) else ""

    @property
    def escaped_path(self) -> str:
        """The path as it is written in the URL."""
        if self.raw_path and _is_valid_raw(self.raw_path, PATH) and unescape(self.raw_path, PATH) == self.path:
            return self.raw_path
        return "*" if self.path == "*" else escape(self.path, PATH)

    def __str__(self) -> str:
        out = f"{self.scheme}:" if self.scheme else ""
        if self.opaque:
            out += self.opaque
        else:
            has_authority = bool(self.scheme or self.host or self.user is not None)
            if has_authority and (self.host or self.path or self.user is not None):
                out += "//"
            if self.user is not None:
                out += self.user + "@"
            if self.host:
                out += escape(self.host, _HOST)
            path = self.escaped_path
            if path and path[0] != "/" and self.host:
                out += "/"
            if not out and ":" in path.partition("/")[0]:
                out = "./"
            out += path
        if self.force_query or self.query:
            out += "?" + self.query
        return out + "#" + self._escaped_fragment() if self.fragment else out

    def _escaped_fragment(self) -> str:
        raw = self.raw_fragment
        if raw and _is_valid_raw(raw, FRAGMENT) and unescape(raw, FRAGMENT) == self.fragment:
            return raw
        return escape(self.fragment, FRAGMENT)


def escape(text: str, safe: frozenset[int], *, plus: bool = False) -> str:
    """Write every byte that is not safe in a part of a URL as ``%XX``; with ``plus`` a blank becomes ``+``."""
    data = text.encode("utf-8", "surrogateescape")
    if safe.issuperset(data):
        return text
    return "".join(chr(byte) if byte in safe else "+" if plus and byte == 0x20 else f"%{byte:02X}" for byte in data)


def unescape(text: str, part: frozenset[int], *, zone: bool = False) -> str:
    """Decode ``%XX`` in a part of a URL."""
    is_host = part is _HOST
    data = text.encode("utf-8", "surrogateescape")
    out = bytearray()
    position = 0
    while position < len(data):
        byte = data[position]
        if byte == 0x25:
            sequence = data[position : position + 3]
            value = _escaped_byte(sequence)
            if is_host and not zone and value < 0x80 and sequence != b"%25":
                raise _bad_escape(sequence)
            if zone and sequence != b"%25" and value != 0x20 and value not in _HOST:
                raise _bad_escape(sequence)
            out.append(value)
            position += 3
            continue
        if is_host and byte < 0x80 and byte not in _HOST:
            raise UrlSyntaxError(f"invalid character {quote(chr(byte))} in host name")
        out.append(byte)
        position += 1
    return out.decode("utf-8", "surrogateescape")


def _escaped_byte(sequence: bytes) -> int:
    if len(sequence) < 3 or not _HEXADECIMAL.issuperset(sequence[1:]):
        raise _bad_escape(sequence)
    return int(sequence[1:], 16)


def _bad_escape(sequence: bytes) -> UrlSyntaxError:
    return UrlSyntaxError(f"invalid URL escape {quote(sequence.decode('utf-8', 'surrogateescape'))}")


def _is_valid_raw(text: str, safe: frozenset[int]) -> bool:
    return all(byte in safe or byte in _VALID_RAW for byte in text.encode("utf-8", "surrogateescape"))


def _is_port(text: str) -> bool:
    """Return whether the text is nothing or a colon with digits after it."""
    return not text or (text[0] == ":" and not text[1:].strip("0123456789"))


def parse(text: str, *, go: str = "1.27") -> Url:
    """Take a URL apart (url.Parse).

    Args:
        text: The URL.
        go: Version of Go whose rules for hosts hold: 1.27 wants an IPv6 address in brackets and one colon at most
            in hosts of HTTP URLs, 1.22 does not.

    Raises:
        UrlSyntaxError: With the text of Go's ``url.Error``.
    """
    head, _, fragment = text.partition("#")
    try:
        url = _parse(head, strict=go != "1.22")
    except UrlSyntaxError as error:
        raise UrlSyntaxError(f"parse {quote(head)}: {error}") from None
    if fragment:
        try:
            url.fragment = unescape(fragment, FRAGMENT)
        except UrlSyntaxError as error:
            raise UrlSyntaxError(f"parse {quote(text)}: {error}") from None
        if escape(url.fragment, FRAGMENT) != fragment:
            url.raw_fragment = fragment
    return url


def _parse(text: str, *, strict: bool) -> Url:
    if any(char < " " or char == "\x7f" for char in text):
        raise UrlSyntaxError("net/url: invalid control character in URL")
    url = Url()
    if text == "*":
        url.path = "*"
        return url
    scheme, rest = _split_scheme(text)
    url.scheme = scheme.lower()
    if rest.endswith("?") and rest.count("?") == 1:
        url.force_query = True
        rest = rest[:-1]
    else:
        rest, _, url.query = rest.partition("?")
    if not rest.startswith("/"):
        if url.scheme:
            url.opaque = rest
            return url
        if ":" in rest.partition("/")[0]:
            raise UrlSyntaxError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (url.scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        url.user, url.host = _parse_authority(authority, url.scheme if strict else None)
    url.path = unescape(rest, PATH)
    if escape(url.path, PATH) != rest:
        url.raw_path = rest
    return url


def _split_scheme(text: str) -> tuple[str, str]:
    for index, char in enumerate(text):
        if char.isascii() and char.isalpha():
            continue
        if char in "0123456789+-.":
            if index == 0:
                break
            continue
        if char == ":":
            if index == 0:
                raise UrlSyntaxError("missing protocol scheme")
            return text[:index], text[index + 1 :]
        break
    return "", text


def _parse_authority(authority: str, scheme: str | None) -> tuple[str | None, str]:
    userinfo, at, host = authority.rpartition("@")
    host = _parse_host_loosely(host) if scheme is None else _parse_host(host, scheme)
    if not at:
        return None, host
    if not all(byte in _USERINFO for byte in userinfo.encode("utf-8", "surrogateescape")):
        raise UrlSyntaxError("net/url: invalid userinfo")
    name, colon, password = userinfo.partition(":")
    user = escape(unescape(name, USER), USER)
    return (user + ":" + escape(unescape(password, USER), USER) if colon else user), host


def _parse_host(host: str, scheme: str) -> str:
    """Read a host by the rules of Go 1.26 and later."""
    start = host.rfind("[")
    if start > 0:
        raise UrlSyntaxError("invalid IP-literal")
    if start == 0:
        end = host.rfind("]")
        if end < 0:
            raise UrlSyntaxError("missing ']' in host")
        port = host[end + 1 :]
        _check_port(port)
        address = _unescape_address(host[1:end])
        _check_literal(address)
        return f"[{address}]{unescape(port, _HOST)}"
    if ":" in host:
        # Lists of hosts with ports are usual in the URLs of databases.
        _check_port(host[host.find(":") :] if scheme in ("http", "https") else host[host.rfind(":") :])
    return unescape(host, _HOST)


def _unescape_address(text: str) -> str:
    zone = text.find("%25")
    if zone < 0:
        return unescape(text, _HOST)
    return unescape(text[:zone], _HOST) + unescape(text[zone:], _HOST, zone=True)


def _check_literal(address: str) -> None:
    from pilothouse.golang.addresses import AddressError, check_address

    try:
        version = check_address(address)
    except AddressError as error:
        raise UrlSyntaxError(f"invalid host: ParseAddr({quote(address)}): {error}") from None
    if version == 4:
        raise UrlSyntaxError("invalid IP-literal")


def _parse_host_loosely(host: str) -> str:
    """Read a host by the rules of Go before 1.26."""
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            raise UrlSyntaxError("missing ']' in host")
        _check_port(host[end + 1 :])
        percent = host.find("%25", 0, end)
        if percent >= 0:
            address, name, rest = host[:percent], host[percent:end], host[end:]
            return unescape(address, _HOST) + unescape(name, _HOST, zone=True) + unescape(rest, _HOST)
    elif ":" in host:
        _check_port(host[host.rfind(":") :])
    return unescape(host, _HOST)


def _check_port(text: str) -> None:
    if not _is_port(text):
        raise UrlSyntaxError(f"invalid port {quote(text)} after host")
