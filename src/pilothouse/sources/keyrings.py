"""Files of OpenPGP keys taken apart into certificates: binary rings, armoured ones and GnuPG's keybox."""

from __future__ import annotations

from pilothouse.sources.errors import KeyringInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = 2
SECRET_KEY = 5
PUBLIC_KEY = 6
_TRUST = 12
_ARMOUR = b"-----BEGIN PGP "
_KEYBOX_MAGIC = b"KBXf"
_NO_PACKET = "openpgp: invalid data: tag byte does not have MSB set"
_END = "unexpected EOF"


def blocks_in(content: bytes, path: str, *, helm: int = 4) -> Iterator[tuple[int, bytes]]:
    """Yield the certificates in a file, each with the kind of its first packet.

    Args:
        content: What the file holds.
        path: Its path, for errors.
        helm: Helm generation; 3 knows binary rings alone.

    Raises:
        KeyringInvalid: It is no ring.
    """
    if helm != 3 and content[8:12] == _KEYBOX_MAGIC:
        content = _keybox(content, path)
    elif helm != 3 and content.lstrip()[: len(_ARMOUR)] == _ARMOUR:
        content = dearmoured(content)
    kind, parts = 0, bytearray()
    for tag, packet in packets_in(content):
        if tag in (SECRET_KEY, PUBLIC_KEY):
            if parts:
                yield kind, bytes(parts)
            kind, parts = tag, bytearray()
        if kind and tag != _TRUST:
            parts += packet
    if parts:
        yield kind, bytes(parts)


def dearmoured(content: bytes) -> bytes:
    """Return the packets of the first armoured block of a text (RFC 9580, section 6.2).

    Raises:
        KeyringInvalid: It is cut off, or no base64.
    """
    import base64
    import binascii

    _, _, rest = content.partition(_ARMOUR)
    body, end, _ = rest.partition(b"-----END PGP ")
    _, _, body = body.replace(b"\r", b"").partition(b"\n")
    headers, blank, data = body.partition(b"\n\n")
    if not blank or (headers.strip() and b":" not in headers):
        data = body
    lines = [line for line in data.split(b"\n") if line and not line.startswith(b"=")]
    try:
        decoded = base64.b64decode(b"".join(lines), validate=True)
    except binascii.Error as error:
        raise KeyringInvalid(f"openpgp: invalid data: {error}") from error
    if not end or not decoded:
        raise KeyringInvalid(_END)
    return decoded


def packets_in(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and bytes of each packet (RFC 9580, section 4.2).

    Raises:
        KeyringInvalid: It is cut off, or no packet.
    """
    position = 0
    while position < len(content):
        first = content[position]
        if not first & 0x80:
            raise KeyringInvalid(_NO_PACKET)
        tag = first & 0x3F if first & 0x40 else (first >> 2) & 15
        header, size = _new_length(content, position) if first & 0x40 else _old_length(content, position)
        end = position + header + size
        if end > len(content):
            raise KeyringInvalid(_END)
        yield tag, content[position:end]
        position = end


def _new_length(content: bytes, position: int) -> tuple[int, int]:
    octets = content[position + 1 : position + 6]
    if not octets:
        raise KeyringInvalid(_END)
    first = octets[0]
    if first < 192:
        return 2, first
    if first < 224 and len(octets) > 1:
        return 3, ((first - 192) << 8) + octets[1] + 192
    if first == 255 and len(octets) == 5:
        return 6, int.from_bytes(octets[1:], "big")
    raise KeyringInvalid("openpgp: unsupported feature: a key in pieces" if 224 <= first < 255 else _END)


def _old_length(content: bytes, position: int) -> tuple[int, int]:
    width = (1, 2, 4, 0)[content[position] & 3]
    if not width:
        return 1, len(content) - position - 1
    octets = content[position + 1 : position + 1 + width]
    if len(octets) < width:
        raise KeyringInvalid(_END)
    return 1 + width, int.from_bytes(octets, "big")


def _keybox(content: bytes, path: str) -> bytes:
    """Return the packets of all OpenPGP blobs of a keybox (GnuPG ``kbx/keybox-blob.c``)."""
    found = bytearray()
    position = 0
    while position + 8 <= len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        blob = content[position : position + size]
        if size < 5 or len(blob) < size:
            raise KeyringInvalid(f"reading keybox {path}: {_END}")
        if blob[4] == 2 and size >= 20:
            start, length = int.from_bytes(blob[8:12], "big"), int.from_bytes(blob[12:16], "big")
            if start + length > size:
                raise KeyringInvalid(f"reading keybox {path}: {_END}")
            found += blob[start : start + length]
        position += size
    if not found:
        raise KeyringInvalid(f"reading keybox {path}: keybox contains no OpenPGP keys")
    return bytes(found)
