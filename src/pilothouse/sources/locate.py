"""From a reference to an archive: ``repository/chart``, a URL or a registry's reference (``ChartDownloader``)."""

from __future__ import annotations

import os

from pilothouse.charts.files import make_folder, write_file
from pilothouse.errors import PilothouseError, Unsupported
from pilothouse.golang.quoting import quote
from pilothouse.golang.urls import UrlSyntaxError, parse
from pilothouse.records import Record
from pilothouse.sources.cache import CHART, PROVENANCE, ContentCache, digest_of
from pilothouse.sources.errors import ChartUnknown, ReferenceInvalid, RepositoryUnknown
from pilothouse.sources.getters import ARCHIVES, Getters
from pilothouse.sources.reference import equal, file_name, is_registry, resolved, same_host
from pilothouse.sources.repositories.file import Entry, RepositoryFile
from pilothouse.sources.repositories.selection import choose
from pilothouse.sources.repositories.store import IndexStore
from pilothouse.transport.access import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from pilothouse.progress import Reporter
    from pilothouse.sources.places import Places
else:
    Protocol = object

NEVER = "never"
#: A provenance file is fetched when there is one, and checked.
IF_POSSIBLE = "if possible"
#: There must be a provenance file and it must fit.
ALWAYS = "always"
#: A provenance file is fetched when there is one, and not checked.
LATER = "later"


class Verified(Record):
    """What checking an archive against its provenance file found.

    Attributes:
        identities: Whose key signed it.
        fingerprint: Fingerprint of the key in hexadecimal digits.
        digest: Hash of the archive, with its kind in front.
    """

    identities: tuple[str, ...] = ()
    fingerprint: str = ""
    digest: str = ""


class Verifier(Protocol):
    """Checks archives."""

    def __call__(self, archive: str, provenance: str, name: str) -> Verified:
        """Check an archive against a provenance file.

        Args:
            archive: Path of the archive.
            provenance: Path of the provenance file.
            name: Name that the archive was published under.

        Raises:
            PilothouseError: It does not fit.
        """


class Registries(Protocol):
    """Knows the versions that registries have."""

    def reference(self, reference: str, version: str, access: Access) -> tuple[str, str]:
        """Return digest and full URL, tag included, of the version that a request means.

        Raises:
            PilothouseError: There is none.
        """

    def tags(self, reference: str, access: Access) -> list[str]:
        """Return the versions of a chart, newest first."""


class Resolved(Record):
    """Where an archive is.

    Attributes:
        url: Its URL.
        digest: Its SHA-256 as the index says it, empty where it does not.
        access: With what it may be fetched.
    """

    url: str
    digest: str = ""
    access: Access = Access()


class Downloaded(Record):
    """An archive that is here now.

    Attributes:
        path: Where it is.
        digest: Its SHA-256.
        verified: What checking its provenance found, if that was asked for.
        warning: What should be told of it on standard output.
    """

    path: str
    digest: str = ""
    verified: Verified | None = None
    warning: str = ""


class ChartSource:
    """Finds and fetches archives.

    Args:
        places: Where things are kept.
        getters: Fetch URLs.
        reporter: Hears what is done.
        helm: Helm generation to follow.
        registries: Knows registries.
        verifier: Checks provenance.
    """

    def __init__(
        self,
        places: Places,
        getters: Getters,
        *,
        reporter: Reporter,
        helm: int = 4,
        registries: Registries | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self._places = places
        self._getters = getters
        self._reporter = reporter
        self._helm = helm
        self._registries = registries
        self._verifier = verifier
        self.indexes = IndexStore(places.repository_cache, places.own_cache, getters, reporter=reporter, helm=helm)

    def repositories(self) -> RepositoryFile:
        """Return the configured repositories."""
        return RepositoryFile.load_or_empty(self._places.repository_config, helm=self._helm)

    def registries(self) -> Registries:
        """Return what knows registries.

        Raises:
            Unsupported: Nothing does.
        """
        if self._registries is None:
            raise Unsupported("charts in registries (oci://) are not part of this version of Pilothouse")
        return self._registries

    def resolve(self, reference: str, version: str, access: Access) -> Resolved:
        """Return where the archive is that a reference means (``ResolveChartVersion``).

        Raises:
            PilothouseError: It means none.
        """
        try:
            url = parse(reference)
        except UrlSyntaxError as error:
            raise ReferenceInvalid(f"invalid chart URL format: {reference}") from error
        if is_registry(str(url)):
            digest, found = self.registries().reference(reference, version, access)
            return Resolved(url=found, digest=digest, access=access)
        repositories = self.repositories()
        if url.scheme and url.host and url.path:
            owner = self._owner(reference, repositories)
            if owner is None:
                return Resolved(url=reference, access=access.replace(url=reference))
            return Resolved(url=str(url), access=_with(access, owner))
        name, slash, chart = url.path.partition("/")
        if not slash:
            raise ReferenceInvalid(
                f"non-absolute URLs should be in form of repo_name/path_to_chart, got: {url}",
                hints=(f"a chart in this folder is written ./{reference}",),
            )
        entry = _named(name, repositories)
        self.indexes.check(entry)
        return self._in_repository(entry, chart, version, reference, _with(access, entry))

    def _owner(self, url: str, repositories: RepositoryFile) -> Entry | None:
        """Return the repository whose index has a URL (``scanReposForURL``)."""
        for entry in repositories.entries:
            self.indexes.check(entry)
            try:
                urls = self.indexes.load(entry.name).all_urls()
            except PilothouseError as error:
                raise error.prefixed("no cached repo found. (try 'helm repo update'): ") from error
            base = url.rstrip("/").rpartition("/")[2]
            if base in urls and any(base in line and equal(url, line) for line in urls.split("\n")):
                return entry
        return None

    def _in_repository(self, entry: Entry, chart: str, version: str, reference: str, access: Access) -> Resolved:
        try:
            index = self.indexes.load(entry.name)
        except PilothouseError as error:
            raise error.prefixed("no cached repo found. (try 'helm repo update'): ") from error
        found = index.versions(chart)
        try:
            if found is None:
                raise ChartUnknown("no chart name found")
            place = choose(found.versions, version, chart, reporter=self._reporter, helm=self._helm)
        except PilothouseError as error:
            what = f"chart {quote(chart)} matching {version} not found in {entry.name} index."
            raise error.prefixed(f"{what} (try 'helm repo update'): ") from error
        if not found.urls[place]:
            raise ChartUnknown(f"chart {quote(reference)} has no downloadable URLs")
        try:
            url = resolved(entry.url, found.urls[place][0])
        except ReferenceInvalid as error:
            raise ReferenceInvalid(f"invalid chart URL format: {reference}") from error
        digest = found.digests[place] if self._helm >= 4 else ""
        return Resolved(url=url, digest=digest, access=access)

    def in_url(self, repository: str, chart: str, version: str, access: Access) -> tuple[str, Access]:
        """Return the URL of a chart in the repository at a URL, and with what it may be fetched (``--repo``).

        User name and password are left out when the archive is on another host, unless they may go anywhere.
        """
        entry = Entry(
            url=repository,
            username=access.username,
            password=access.password,
            pass_credentials=access.pass_credentials,
            ca_file=access.ca_file,
            cert_file=access.cert_file,
            key_file=access.key_file,
            insecure=access.insecure,
        )
        url = self.indexes.chart_url(entry, chart, version)
        if access.pass_credentials or same_host(repository, url):
            return url, access
        return url, access.replace(username="", password="")

    def download(self, reference: str, version: str, folder: str, access: Access, *, verify: str = NEVER) -> Downloaded:
        """Fetch an archive into a folder under the name that its URL ends with (``DownloadTo``).

        Raises:
            PilothouseError: It cannot be had, or does not fit its provenance.
        """
        self._tell_cache()
        self._check_verification(verify)
        found = self.resolve(reference, version, access)
        wanted = _digest(found.digest) if found.digest else ""
        data = self._cached(wanted, CHART) or self._fetched(found)
        path = os.path.join(folder, archive_name(found.url))
        write_file(path, data, 0o644)
        digest = digest_of(data)
        if verify == NEVER:
            return Downloaded(path=path, digest=digest)
        provenance = self._cached(wanted, PROVENANCE)
        try:
            provenance = provenance or self._provenance(found)
        except PilothouseError as error:
            if verify == ALWAYS:
                raise ChartUnknown(f"failed to fetch provenance {quote(found.url + '.prov')}") from error
            warning = f"WARNING: Verification not found for {reference}: {error.message}"
            return Downloaded(path=path, digest=digest, warning=warning)
        write_file(f"{path}.prov", provenance, 0o644)
        verified = None
        if verify != LATER and self._verifier is not None:
            verified = self._verifier(path, f"{path}.prov", os.path.basename(path))
        return Downloaded(path=path, digest=digest, verified=verified)

    def download_to_cache(self, reference: str, version: str, access: Access, *, verify: bool = False) -> str:
        """Return the path of an archive in the cache, fetched first when it is not there (``DownloadToCache``).

        Raises:
            PilothouseError: It cannot be had, or does not fit its provenance.
        """
        strategy = ALWAYS if verify else NEVER
        make_folder(self._places.repository_cache)
        if self._helm == 3:
            return self.download(reference, version, self._places.repository_cache, access, verify=strategy).path
        self._tell_cache()
        self._check_verification(strategy)
        found = self.resolve(reference, version, access)
        wanted = _digest(found.digest, prefix="unable to decode digest: ") if found.digest else ""
        cache = ContentCache(self._places.content_cache)
        if self._cached(wanted, CHART):
            self._reporter.debug("found chart in cache", id=found.digest)
            digest, path = wanted, cache.find(wanted)
        else:
            self._reporter.debug("attempting to download chart", ref=reference, version=version)
            data = self._fetched(found)
            digest = digest_of(data)
            path = cache.put(digest, data)
            self._reporter.debug("put downloaded chart in cache", id=digest)
        if verify:
            self._verify_cached(found, path, digest)
        return path

    def _tell_cache(self) -> None:
        if self._helm >= 4:
            self._reporter.debug("set up default downloader cache")

    def _verify_cached(self, found: Resolved, path: str, digest: str) -> None:
        """Check an archive in the cache, its provenance file fetched first when it is not there."""
        cache = ContentCache(self._places.content_cache)
        provenance = cache.find(digest, PROVENANCE)
        if not provenance:
            try:
                content = self._provenance(found)
            except PilothouseError as error:
                raise ChartUnknown(f"failed to fetch provenance {quote(found.url + '.prov')}") from error
            provenance = cache.put(digest, content, PROVENANCE)
        if self._verifier is not None:
            self._verifier(path, provenance, archive_name(found.url))

    def verify_local(self, path: str) -> Verified:
        """Check an archive against the provenance file beside it.

        Raises:
            PilothouseError: It does not fit.
        """
        if self._verifier is None:
            self._check_verification(ALWAYS)
            raise AssertionError
        return self._verifier(path, f"{path}.prov", os.path.basename(path))

    def _fetched(self, found: Resolved) -> bytes:
        return self._getters.get(found.url, found.access.replace(accept=ARCHIVES)).data

    def _provenance(self, found: Resolved) -> bytes:
        return self._getters.get(f"{found.url}.prov", found.access.replace(accept=ARCHIVES)).data

    def _check_verification(self, verify: str) -> None:
        if verify in (ALWAYS, IF_POSSIBLE) and self._verifier is None:
            raise Unsupported("--verify is not part of this version of Pilothouse: it cannot check provenance")

    def _cached(self, digest: str, kind: str) -> bytes:
        """Return what the cache keeps under a digest; a chart that has another one is not taken."""
        path = ContentCache(self._places.content_cache).find(digest, kind) if digest and self._helm >= 4 else ""
        if not path:
            return b""
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            return b""
        return data if kind != CHART or digest_of(data) == digest else b""


def _named(name: str, repositories: RepositoryFile) -> Entry:
    entry = repositories.get(name)
    if entry is None:
        raise RepositoryUnknown(f"repo {name} not found")
    if not entry.url:
        raise RepositoryUnknown(f"no URL found for repository {name}")
    return entry


def _with(access: Access, entry: Entry) -> Access:
    """Return an access with what is configured for a repository."""
    access = access.replace(url=entry.url)
    if entry.cert_file or entry.key_file or entry.ca_file:
        access = access.replace(cert_file=entry.cert_file, key_file=entry.key_file, ca_file=entry.ca_file)
    if entry.username and entry.password:
        access = access.replace(
            username=entry.username, password=entry.password, pass_credentials=entry.pass_credentials
        )
    return access


def archive_name(url: str) -> str:
    """Return the file name of the archive at a URL; a registry's is made of name and tag."""
    name = file_name(url)
    if not is_registry(url):
        return name
    chart, _, tag = name.rpartition(":")
    return f"{chart}-{tag}.tgz"


def _digest(text: str, *, prefix: str = "") -> str:
    """Return the hexadecimal digits of a SHA-256 without its kind.

    Raises:
        ReferenceInvalid: It is none; the text is Go's.
    """
    digits = text.partition(":")[2] if ":" in text else text
    wrong = next((char for char in digits if char not in "0123456789abcdefABCDEF"), "")
    if wrong:
        shown = f"'{wrong}'" if wrong.isprintable() else ""
        raise ReferenceInvalid(f"{prefix}encoding/hex: invalid byte: U+{ord(wrong):04X} {shown}".rstrip())
    if len(digits) % 2:
        raise ReferenceInvalid(f"{prefix}encoding/hex: odd length hex string")
    if len(digits) != 64:
        raise ReferenceInvalid(f"invalid digest length: {len(digits) // 2}")
    return digits.lower()
