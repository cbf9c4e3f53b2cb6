"""Archives of plugins: read into memory with strict rules, written in one step, packed.

Nothing of an archive decides where it is written: names with ``..``, absolute names and links are refused before the
first file is made (``installer.cleanJoin``).
"""

from __future__ import annotations

import os

from pilothouse.errors import reason_of
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.manifest import FILE_NAME, Manifest, decode_manifest
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from tarfile import TarFile, TarInfo

SUFFIXES = (".tar.gz", ".tgz")
_LIMIT = 512 << 20
_COUNT = 100_000


class Entry(Record):
    """A file or folder of an archive.

    Attributes:
        name: Its path with ``/``, without ``.`` or ``..``.
        mode: Permissions.
        data: Content of a file, ``None`` for a folder.
    """

    name: str
    mode: int
    data: bytes | None


def is_archive(name: str) -> bool:
    """Return whether a file or URL is an archive by its name."""
    return name.endswith(SUFFIXES)


def read_archive(content: bytes) -> list[Entry]:
    """Return everything in an archive.

    Raises:
        PluginInvalid: It is no archive, larger than allowed, or wants to be written elsewhere.
    """
    import io
    import tarfile

    if content[:2] != b"\x1f\x8b":
        raise PluginInvalid("plugin data is not a gzip compressed archive")
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            return _all(archive)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        text = "unexpected EOF" if isinstance(error, EOFError) else str(error)
        raise PluginInvalid(text) from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise PluginInvalid("gzip: invalid header") from error
        raise


def _all(archive: TarFile) -> list[Entry]:
    """Return everything in an open archive; a name that stands twice is refused, since readers would disagree on it."""
    found: dict[str, Entry] = {}
    size = 0
    for member in archive:
        entry = _entry(member)
        size += member.size
        if size > _LIMIT or len(found) >= _COUNT:
            raise PluginInvalid(f"decompressed plugin is larger than the maximum size {_LIMIT}")
        if entry.data is not None:
            if entry.name in found:
                raise PluginInvalid(f"the archive holds {entry.name} twice")
            stream = archive.extractfile(member)
            entry = entry.replace(data=stream.read() if stream else b"")
        found[entry.name] = entry
    return list(found.values())


def _entry(member: TarInfo) -> Entry:
    name = safe_name(member.name)
    if member.isdir():
        return Entry(name=name, mode=0o755, data=None)
    if not member.isfile():
        raise PluginInvalid(f"unknown type: {member.type[0]:b} in {member.name}")
    return Entry(name=name, mode=member.mode & 0o777, data=b"")


def safe_name(name: str) -> str:
    """Return the path of an entry below the archive's folder.

    Raises:
        PluginInvalid: It would be elsewhere.
    """
    if ":" in name:
        raise PluginInvalid("path contains ':', which is illegal")
    name = name.replace("\\", "/")
    parts = name.split("/")
    if ".." in parts:
        raise PluginInvalid("path contains '..', which is illegal")
    if name.startswith("/"):
        raise PluginInvalid("path is absolute, which is illegal")
    return "/".join(part for part in parts if part not in ("", "."))


def manifest_in(entries: list[Entry]) -> Manifest:
    """Return the manifest of an archive: the one of the folder that would be installed (``ExtractTgzPluginMetadata``).

    Raises:
        PluginInvalid: There is none, or Helm does not take it.
    """
    root = root_of(entries)
    path = f"{root}/{FILE_NAME}" if root else FILE_NAME
    return decode_manifest(next(entry.data for entry in entries if entry.name == path and entry.data is not None))


def root_of(entries: list[Entry]) -> str:
    """Return the folder of an archive that holds plugin.yaml: the top or one right below it (``detectPluginRoot``).

    Raises:
        PluginInvalid: There is none.
    """
    folders = [
        entry.name.rpartition("/")[0]
        for entry in entries
        if entry.data is not None and entry.name.rpartition("/")[2] == FILE_NAME
    ]
    shallow = sorted(folder for folder in folders if "/" not in folder)
    if not shallow:
        raise PluginInvalid("plugin.yaml not found in tarball")
    return shallow[0]


def write_entries(entries: list[Entry], root: str, folder: str) -> None:
    """Write what is below ``root`` in an archive into a new folder, in full or not at all."""
    import shutil
    import tempfile

    parent = os.path.dirname(folder)
    os.makedirs(parent, 0o755, exist_ok=True)
    unfinished = tempfile.mkdtemp(prefix=".installing-", dir=parent)
    prefix = f"{root}/" if root else ""
    try:
        os.chmod(unfinished, 0o755)  # noqa: S103 - as the folders of other plugins are
        for entry in entries:
            if not entry.name.startswith(prefix) or entry.name == root:
                continue
            _write(entry, os.path.join(unfinished, entry.name[len(prefix) :]))
        os.rename(unfinished, folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise PluginInvalid(f"failed to install to {folder}: {reason_of(error)}") from error


def _write(entry: Entry, path: str) -> None:
    if entry.data is None:
        os.makedirs(path, 0o755, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, entry.mode | 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(entry.data)


def pack(folder: str, name: str) -> bytes:
    """Return the archive of a plugin's folder, with ``name`` as its top folder (``CreatePluginTarball``).

    Raises:
        PluginInvalid: A link is in it, which no Helm would install.
    """
    import gzip
    import io
    import tarfile

    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, below in _walk(folder, ""):
            info = archive.gettarinfo(path, arcname=f"{name}/{below}" if below else name)
            if info.issym() or info.islnk() or not (info.isfile() or info.isdir()):
                raise PluginInvalid(f"{path} is a link or no regular file, which cannot be installed from an archive")
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = int(info.mtime)
            if info.isfile():
                with open(path, "rb") as file:
                    archive.addfile(info, file)
            else:
                archive.addfile(info)
    return packed.getvalue()


def _walk(folder: str, below: str) -> Iterator[tuple[str, str]]:
    """Yield each path in lexical order, with its path below the top (``filepath.Walk``)."""
    yield folder, below
    if os.path.isdir(folder) and (not below or not os.path.islink(folder)):
        for name in sorted(os.listdir(folder)):
            yield from _walk(os.path.join(folder, name), f"{below}/{name}" if below else name)
