"""The list of repositories: ``repositories.yaml`` and the lock beside it (``repo.File``)."""

from __future__ import annotations

import os

from pilothouse.charts.decoding import Decoder, Struct
from pilothouse.charts.errors import ChartMissing
from pilothouse.charts.files import make_folder, os_error, read_file, write_file
from pilothouse.charts.timestamps import ZERO, normal_time
from pilothouse.errors import PilothouseError
from pilothouse.records import Record
from pilothouse.sources.errors import LockBusy, RepositoriesMissing
from pilothouse.transport.access import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from pilothouse.clock import Clock
    from pilothouse.golang.kinds import YamlValue

_PATIENCE = 30.0
_ENTRY = Struct(
    name="Entry",
    full_names=("repo.Entry", "repo.Entry"),
    fields={
        "name": "string",
        "url": "string",
        "username": "string",
        "password": "string",
        "certFile": "string",
        "keyFile": "string",
        "caFile": "string",
        "insecure_skip_tls_verify": "bool",
        "pass_credentials_all": "bool",
    },
)
_FILE = Struct(
    name="File",
    full_names=("repo.File", "repo.File"),
    fields={"apiVersion": "string", "generated": "any", "repositories": (_ENTRY,)},
)
#: Fields that Helm 2 does not have.
_ONLY_LATER = ("insecure_skip_tls_verify", "pass_credentials_all")
_ATTRIBUTES = {
    "certFile": "cert_file",
    "keyFile": "key_file",
    "caFile": "ca_file",
    "insecure_skip_tls_verify": "insecure",
    "pass_credentials_all": "pass_credentials",
}


class Entry(Record):
    """One repository.

    Attributes:
        password: ``repr`` never shows it.
        insecure: Whether the server's certificate is not checked.
        pass_credentials: Whether other hosts may see user name and password.
    """

    name: str = ""
    url: str = ""
    username: str = ""
    password: str = ""
    cert_file: str = ""
    key_file: str = ""
    ca_file: str = ""
    insecure: bool = False
    pass_credentials: bool = False

    def __repr__(self) -> str:
        return f"Entry(name={self.name!r}, url={self.url!r})"

    def access(self) -> Access:
        """Return with what the repository may be fetched from."""
        return Access(
            url=self.url,
            username=self.username,
            password=self.password,
            pass_credentials=self.pass_credentials,
            ca_file=self.ca_file,
            cert_file=self.cert_file,
            key_file=self.key_file,
            insecure=self.insecure,
        )


class RepositoryFile:
    """The configured repositories.

    Attributes:
        api_version: ``apiVersion`` as it was read, empty in files that ``repo add`` began.
        generated: ``generated`` as it was read.
        entries: The repositories in order.
    """

    def __init__(self, api_version: str = "", generated: str = ZERO, entries: tuple[Entry, ...] = ()) -> None:
        self.api_version = api_version
        self.generated = generated
        self.entries = entries

    @classmethod
    def load(cls, path: str, *, helm: int = 4, what: str | None = None) -> Self:
        """Return the repositories that a file lists.

        Args:
            path: The file.
            helm: Helm generation.
            what: What stands before the reason why it cannot be read, in place of Helm's usual words.

        Raises:
            RepositoriesMissing: There is no such file.
            PilothouseError: It cannot be read or is no such list.
        """
        what = f"couldn't load repositories file ({path}): " if what is None else what
        try:
            data = read_file(path, what=what)
        except ChartMissing as error:
            raise RepositoriesMissing(error.message) from error
        return cls.decode(data, helm=helm)

    @classmethod
    def load_or_empty(cls, path: str, *, helm: int = 4, what: str | None = None) -> Self:
        """Return the repositories that a file lists, none when there is no file (``loadRepoConfig``)."""
        try:
            return cls.load(path, helm=helm, what=what)
        except RepositoriesMissing:
            return cls()

    @classmethod
    def decode(cls, data: bytes, *, helm: int = 4) -> Self:
        """Return the repositories in the content of a file."""
        from pilothouse.formats.yaml_text import decode

        found = Decoder(helm).decode(decode(data, integers=True), _FILE)
        generated = found.get("generated", ZERO)
        entries = tuple(
            Entry(**{_ATTRIBUTES.get(name, name): value for name, value in item.items()})
            for item in found.get("repositories", ())
            if item is not None
        )
        return cls(found.get("apiVersion", ""), normal_time(str(generated)), entries)

    def get(self, name: str) -> Entry | None:
        """Return the repository with a name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def put(self, entry: Entry) -> None:
        """Put a repository in the place of the one with its name, or at the end."""
        if self.get(entry.name) is None:
            self.entries += (entry,)
            return
        replaced = False
        kept: list[Entry] = []
        for old in self.entries:
            take = old.name == entry.name and not replaced
            replaced = replaced or take
            kept.append(entry if take else old)
        self.entries = tuple(kept)

    def remove(self, name: str) -> bool:
        """Take repositories with a name out and return whether there were any."""
        kept = tuple(entry for entry in self.entries if entry.name != name)
        found = len(kept) < len(self.entries)
        self.entries = kept
        return found

    def encode(self) -> bytes:
        """Return the content of the file."""
        from pilothouse.formats.yaml_text import encode

        fields: dict[str, YamlValue] = {
            "apiVersion": self.api_version,
            "generated": self.generated,
            "repositories": [
                {name: getattr(entry, _ATTRIBUTES.get(name, name)) for name in _ENTRY.fields} for entry in self.entries
            ],
        }
        return encode(fields).encode("utf-8", "surrogateescape")

    def encode_for_helm2(self, cache: str) -> bytes:
        """Return the content of the file as Helm 2 wants it, with the paths of indexes in the folder ``cache``."""
        from pilothouse.formats.yaml_text import encode

        names = [name for name in _ENTRY.fields if name not in _ONLY_LATER]
        entries: list[YamlValue] = [
            {
                "cache": os.path.join(cache, f"{entry.name}-index.yaml"),
                **{name: getattr(entry, _ATTRIBUTES.get(name, name)) for name in names},
            }
            for entry in self.entries
        ]
        fields: dict[str, YamlValue] = {"apiVersion": "v1", "generated": self.generated, "repositories": entries}
        return encode(fields).encode("utf-8", "surrogateescape")

    def save(self, path: str) -> None:
        """Write the file for its owner's eyes alone; a link to it stays a link."""
        _save(path, self.encode())

    def save_for_helm2(self, path: str, cache: str, *, mode: int = 0o600) -> None:
        """Write the file as Helm 2 wants it; ``mode`` is that of a new file."""
        _save(path, self.encode_for_helm2(cache), mode)


def _save(path: str, data: bytes, mode: int = 0o600) -> None:
    target = os.path.realpath(path)
    make_folder(os.path.dirname(target))
    kept = os.stat(target).st_mode & 0o777 if os.path.exists(target) else mode
    write_file(target, data, kept)


def lock_path(path: str) -> str:
    """Return the name of the lock that belongs to a list of repositories."""
    stem, extension = os.path.splitext(path)
    return f"{stem}.lock" if extension and stem else f"{path}.lock"


class Locked:
    """Holds the lock of a list of repositories, which other Helm programs heed as well.

    Args:
        path: Path of the list.
        clock: Measures how long to wait.
    """

    def __init__(self, path: str, clock: Clock) -> None:
        self._path = lock_path(path)
        self._clock = clock
        self._descriptor = -1

    def __enter__(self) -> Self:
        import fcntl

        make_folder(os.path.dirname(self._path) or ".")
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise os_error(error, "open", self._path) from error
        for wait in self._waits():
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._clock.sleep(wait)
            else:
                return self
        os.close(self._descriptor)
        raise LockBusy("context deadline exceeded", hints=(f"another process keeps {self._path} locked",))

    def _waits(self) -> Iterator[float]:
        end = self._clock.monotonic() + _PATIENCE
        wait = 0.02
        while self._clock.monotonic() < end:
            yield wait
            wait = min(wait * 2, 1.0)

    def __exit__(self, *_failure: object) -> None:
        os.close(self._descriptor)


def readable(path: str, *, helm: int = 4) -> RepositoryFile:
    """Return the repositories of a file, none when it cannot be used, as completion and ``repo list`` want it."""
    try:
        return RepositoryFile.load(path, helm=helm)
    except PilothouseError:
        return RepositoryFile()
