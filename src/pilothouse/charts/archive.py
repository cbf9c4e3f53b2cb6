"""Chart archives: gzip-compressed tar, read with Helm's safety rules.

The tar format is read here and not by :mod:`tarfile`, whose import alone takes longer than reading a chart. Rules and
texts follow Go's ``archive/tar`` and Helm's ``archive.LoadArchiveFiles``: nothing is ever written to disk, links become
empty files, and no more than :data:`MAXIMUM_SIZE` bytes are kept.
"""

from __future__ import annotations

import zlib

from pilothouse.charts.errors import ArchiveInvalid
from pilothouse.charts.model import ChartFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_SIZE = 104857600
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
GZIP_MAGIC = b"\x1f\x8b\x08"

_BLOCK = 512
_CHUNK = 65536
# More than this for one header of long names is an attack (archive/tar maxSpecialFileSize).
_MAXIMUM_SPECIAL = 1 << 20
_INVALID_HEADER = "archive/tar: invalid tar header"
_UNEXPECTED_END = "unexpected EOF"
_FOLDER = b"5"
_HEADERS_OF_POSIX = (b"x", b"g")


class _Stream:
    """Decompressed bytes on demand, so that a bomb is noticed before it is unpacked."""

    def __init__(self, data: bytes) -> None:
        if data[:3] != GZIP_MAGIC:
            raise ArchiveInvalid("EOF" if not data else _UNEXPECTED_END if len(data) < 10 else "gzip: invalid header")
        self._input = data
        self._inflate = zlib.decompressobj(31)
        self._buffer = bytearray()

    def read(self, count: int) -> bytes:
        """Return ``count`` bytes, or fewer at the end of a complete stream."""
        buffer = self._buffer
        while len(buffer) < count and self._fill(max(_CHUNK, count - len(buffer))):
            pass
        taken = bytes(buffer[:count])
        del buffer[:count]
        return taken

    def _fill(self, wanted: int) -> bool:
        inflate = self._inflate
        if inflate.eof:
            # Another gzip member may follow, as Go's reader allows.
            self._input = inflate.unused_data
            if not self._input:
                return False
            if self._input[:3] != GZIP_MAGIC:
                raise ArchiveInvalid("gzip: invalid header")
            self._inflate = inflate = zlib.decompressobj(31)
        try:
            made = inflate.decompress(self._input, wanted)
        except zlib.error as error:
            raise ArchiveInvalid(_text_of_zlib_error(error)) from error
        self._input = inflate.unconsumed_tail
        if not made and not inflate.eof and not self._input:
            raise ArchiveInvalid(_UNEXPECTED_END)
        self._buffer += made
        return True


def _text_of_zlib_error(error: zlib.error) -> str:
    text = str(error)
    if "incorrect" in text:
        return "gzip: invalid checksum"
    if "header" in text:
        return "gzip: invalid header"
    return "flate: corrupt input"


class _Entry:
    """One member of a tar archive."""

    __slots__ = ("kind", "modified", "name", "size")

    def __init__(self, kind: bytes, name: str, size: int, modified: int) -> None:
        self.kind = kind
        self.name = name
        self.size = size
        self.modified = modified

    @property
    def is_folder(self) -> bool:
        """Whether Go's ``FileInfo().IsDir()`` would say so."""
        return self.kind == _FOLDER or (self.kind in {b"0", b"\x00"} and self.name.endswith("/"))


def load_archive_files(data: bytes) -> list[ChartFile]:
    """Return the files of a chart archive, their top folder taken off (``LoadArchiveFiles``).

    Raises:
        ArchiveInvalid: It is no gzip-compressed tar, is empty, too large, or a name leads outside.
    """
    stream = _Stream(data)
    remaining = MAXIMUM_SIZE
    files: list[ChartFile] = []
    for entry in _entries(stream):
        if entry.is_folder or entry.kind in _HEADERS_OF_POSIX:
            _skip(stream, entry.size)
            continue
        name = _safe_name(entry.name)
        has_content = entry.kind in {b"0", b"\x00", b"7"}
        if entry.size > remaining:
            raise ArchiveInvalid(f"decompressed chart is larger than the maximum size {MAXIMUM_SIZE}")
        content = _content(stream, entry.size)
        remaining -= len(content)
        if remaining <= 0:
            raise ArchiveInvalid(f"decompressed chart is larger than the maximum size {MAXIMUM_SIZE}")
        if not has_content:
            content = b""
        files.append(ChartFile(name=name, data=content.removeprefix(BYTE_ORDER_MARK), modified=entry.modified))
    if not files:
        raise ArchiveInvalid("no files in chart archive")
    return files


def _safe_name(name: str) -> str:
    delimiter = "\\" if "\\" in name else "/"
    top, _, rest = name.partition(delimiter)
    rest = rest.replace(delimiter, "/")
    if rest.startswith("/"):
        raise ArchiveInvalid("chart illegally contains absolute paths")
    cleaned = clean_path(rest)
    if cleaned == ".":
        raise ArchiveInvalid(f"chart illegally contains content outside the base directory: {quoted(name)}")
    if cleaned.startswith(".."):
        raise ArchiveInvalid("chart illegally references parent directory")
    if cleaned[1:3] == ":/" and cleaned[0].isascii() and cleaned[0].isalpha():
        raise ArchiveInvalid("chart contains illegally named files")
    if top == "Chart.yaml":
        raise ArchiveInvalid("chart yaml not in base directory")
    return cleaned


def clean_path(path: str) -> str:
    """Return the shortest path equal to ``path`` (Go's ``path.Clean``)."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if kept and kept[-1] != "..":
                kept.pop()
            elif not rooted:
                kept.append(part)
            continue
        kept.append(part)
    return ("/" if rooted else "") + "/".join(kept) or "."


def quoted(text: str) -> str:
    """Return ``text`` as Go's ``%q`` prints it."""
    from pilothouse.golang.quoting import quote

    return quote(text)


def _entries(stream: _Stream) -> Iterator[_Entry]:
    """Yield the members; the reader must take each one's content before the next."""
    overrides: dict[str, str] = {}
    while True:
        block = stream.read(_BLOCK)
        if not block:
            return
        if len(block) < _BLOCK:
            raise ArchiveInvalid(_UNEXPECTED_END)
        if block == bytes(_BLOCK):
            _check_end(stream)
            return
        entry = _header(block)
        if entry.kind in _HEADERS_OF_POSIX:
            records = _posix_records(_special(stream, entry.size))
            if entry.kind == b"x":
                overrides.update(records)
                continue
            yield _Entry(entry.kind, entry.name, 0, entry.modified)
            continue
        if entry.kind in {b"L", b"K"}:
            text = _special(stream, entry.size).split(b"\x00", 1)[0]
            if entry.kind == b"L":
                overrides["path"] = text.decode("utf-8", "surrogateescape")
            continue
        _apply(entry, overrides)
        overrides = {}
        yield entry


def _check_end(stream: _Stream) -> None:
    second = stream.read(_BLOCK)
    if second and second != bytes(_BLOCK):
        raise ArchiveInvalid(_UNEXPECTED_END if len(second) < _BLOCK else _INVALID_HEADER)


def _header(block: bytes) -> _Entry:
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if _number(block[148:156]) != total:
        raise ArchiveInvalid(_INVALID_HEADER)
    size = _number(block[124:136])
    if size < 0:
        raise ArchiveInvalid(_INVALID_HEADER)
    name = _text(block[:100])
    if block[257:263] == b"ustar\x00":
        prefix = _text(block[345:500])
        if prefix:
            name = f"{prefix}/{name}"
    kind = block[156:157]
    # Links, devices and folders have no content, whatever their size field says.
    if kind in {b"1", b"2", b"3", b"4", b"5", b"6"}:
        size = 0
    return _Entry(kind, name, size, _number(block[136:148]) * 1_000_000_000)


def _text(raw: bytes) -> str:
    return raw.split(b"\x00", 1)[0].decode("utf-8", "surrogateescape")


def _number(raw: bytes) -> int:
    """Return a numeric header field: octal text, or base 256 when the top bit is set."""
    if raw[0] & 0x80:
        value = int.from_bytes(raw, "big", signed=False) & ((1 << (len(raw) * 8 - 1)) - 1)
        if raw[0] & 0x40:
            value -= 1 << (len(raw) * 8 - 1)
        if value >= 1 << 63:
            raise ArchiveInvalid(_INVALID_HEADER)
        return value
    text = raw.strip(b" \x00").split(b"\x00", 1)[0]
    if not text:
        return 0
    if text.strip(b"01234567"):
        raise ArchiveInvalid(_INVALID_HEADER)
    return int(text, 8)


def _content(stream: _Stream, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise ArchiveInvalid(_UNEXPECTED_END)
    _skip(stream, -size % _BLOCK)
    return content


def _skip(stream: _Stream, count: int) -> None:
    count += -count % _BLOCK if count >= _BLOCK else 0
    while count > 0:
        taken = len(stream.read(min(count, _CHUNK)))
        if not taken:
            raise ArchiveInvalid(_UNEXPECTED_END)
        count -= taken


def _special(stream: _Stream, size: int) -> bytes:
    if size > _MAXIMUM_SPECIAL:
        raise ArchiveInvalid("archive/tar: header field too long")
    return _content(stream, size)


def _posix_records(data: bytes) -> dict[str, str]:
    """Return the ``length key=value`` records of a PAX header."""
    records: dict[str, str] = {}
    while data:
        digits, blank, _ = data.partition(b" ")
        if not blank or not digits.isdigit() or not 5 <= int(digits) <= len(data):
            raise ArchiveInvalid(_INVALID_HEADER)
        record, data = data[len(digits) + 1 : int(digits)], data[int(digits) :]
        key, equals, value = record.partition(b"=")
        if not equals or value[-1:] != b"\n":
            raise ArchiveInvalid(_INVALID_HEADER)
        records[key.decode("utf-8", "surrogateescape")] = value[:-1].decode("utf-8", "surrogateescape")
    return records


def _apply(entry: _Entry, overrides: dict[str, str]) -> None:
    entry.name = overrides.get("path") or entry.name
    try:
        if overrides.get("size"):
            entry.size = int(overrides["size"])
        if overrides.get("mtime"):
            seconds, _, fraction = overrides["mtime"].partition(".")
            entry.modified = int(seconds) * 1_000_000_000 + int((fraction + "000000000")[:9])
    except ValueError as error:
        raise ArchiveInvalid(_INVALID_HEADER) from error
    if entry.size < 0:
        raise ArchiveInvalid(_INVALID_HEADER)


def ensure_archive(name: str, start: bytes) -> None:
    """Refuse a file whose first bytes are no gzip stream (``EnsureArchive``).

    Args:
        name: How the user named the file.
        start: Its first 512 bytes.
    """
    if start[:3] == GZIP_MAGIC:
        return
    if name.endswith((".yml", ".yaml")):
        raise ArchiveInvalid(f"file '{name}' seems to be a YAML file, but expected a gzipped archive")
    kind = _content_type(start[:512].ljust(512, b"\x00"))
    raise ArchiveInvalid(f"file '{name}' does not appear to be a gzipped archive; got '{kind}'")


_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xfe\xff", "text/plain; charset=utf-16be"),
    (b"\xff\xfe", "text/plain; charset=utf-16le"),
    (b"\xef\xbb\xbf", "text/plain; charset=utf-8"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"BM", "image/bmp"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1a\x07\x00", "application/x-rar-compressed"),
    (b"Rar!\x1a\x07\x01\x00", "application/x-rar-compressed"),
    (b"\x00asm", "application/wasm"),
)
_BINARY = rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]"
_HTML = (
    rb"(?i)[\t\n\x0c\r ]*"
    rb"<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P|!--)[ >]"
)


def _content_type(start: bytes) -> str:
    """Return what Go's ``http.DetectContentType`` makes of the kinds of file that users mistake for charts."""
    import re

    if re.match(_HTML, start):
        return "text/html; charset=utf-8"
    if start.lstrip(b"\t\n\x0c\r ").startswith(b"<?xml"):
        return "text/xml; charset=utf-8"
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    return "application/octet-stream" if re.search(_BINARY, start) else "text/plain; charset=utf-8"
