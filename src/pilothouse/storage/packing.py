"""The packed form of a record: base64 of gzip of JSON."""

from __future__ import annotations

import base64
import binascii
import zlib

from pilothouse.releases.errors import RecordInvalid

_GZIP = b"\x1f\x8b\x08"
_SIZE_LIMIT = 256 << 20


def pack(text: str) -> str:
    """Return the form in which a record's JSON is stored: base64 of gzip (``driver.encodeRelease``)."""
    return base64.b64encode(compress(text.encode("utf-8", "replace"))).decode("ascii")


def unpack(packed: str | bytes) -> bytes:
    """Return the JSON of a stored record (``driver.decodeRelease``); very old records are not compressed.

    Raises:
        RecordInvalid: It is no such form, or far too long.
    """
    if isinstance(packed, str):
        packed = packed.encode("utf-8", "replace")
    try:
        data = base64.b64decode(packed.translate(None, b"\r\n"), validate=True)  # Go passes over line breaks
    except (binascii.Error, ValueError) as error:
        raise RecordInvalid(_corruption(packed)) from error
    return data if len(data) <= len(_GZIP) else decompress(data)


def compress(data: bytes) -> bytes:
    """Return ``data`` as gzip, as Go's strongest compression writes its head."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(data) + packer.flush()
    return packed[:9] + b"\xff" + packed[10:]  # Go names no operating system


def decompress(data: bytes) -> bytes:
    """Return what is in a record's gzip; what is no gzip as it is.

    Raises:
        RecordInvalid: It is broken, or far too long.
    """
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(data, _SIZE_LIMIT)
    except zlib.error as error:
        raise RecordInvalid("gzip: invalid data in a release record") from error
    if unpacker.unconsumed_tail:
        raise RecordInvalid(f"a release record is longer than {_SIZE_LIMIT >> 20} MiB")
    if not unpacker.eof:
        raise RecordInvalid("unexpected EOF")
    return plain


def _corruption(packed: bytes) -> str:
    """Return where base64 is wrong, in Go's words."""
    from pilothouse.sprig.encoding import CorruptInput, decode_base64

    try:
        decode_base64(packed.decode("latin-1"))
    except CorruptInput as error:
        return str(error)
    return "illegal base64 data in a release record"
