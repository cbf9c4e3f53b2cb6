"""Release records in objects of a cluster: what the drivers for Secrets and ConfigMaps share."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.errors import Conflict, Exists, Invalid, NotFound, PilothouseError
from pilothouse.kube.errors import ApiError
from pilothouse.kube.resources import ResourceMapping
from pilothouse.releases import journal as journals
from pilothouse.releases.errors import RecordTaken, ReleaseExists, ReleaseNotFound
from pilothouse.releases.labels import custom_labels
from pilothouse.storage import records
from pilothouse.storage.keys import OWNED, record_key, record_labels, release_selector, summary_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.resources import KubeObject
    from pilothouse.releases.journal import Journal
    from pilothouse.releases.release import Release
    from pilothouse.releases.store import RecordSummary

    Releases = list[Release]
    Summaries = list[RecordSummary]
    Objects = list[KubeObject]
else:
    Protocol = object

#: How often a record is read again because others wrote to its object, and the seconds by which each pause grows.
_CONFLICTS = 8
_CONFLICT_PAUSE = 0.05
#: Up to so many records are read one by one; more are read with one listing.
_SINGLE_READS = 6
#: Records a page; a server goes through all of them for each page, so those of few are read at once, as Helm reads all.
_PAGE = 500
#: Names of releases are put into the selector of a listing up to so many characters, which any server's limit allows.
_LONGEST_SELECTOR = 4_000


class ObjectPort(Protocol):
    """What the drivers need of a cluster; ``KubeClient`` fulfils it."""

    def get(self, mapping: ResourceMapping, namespace: str, name: str) -> KubeObject:
        """Return one object."""

    def list(
        self,
        mapping: ResourceMapping,
        namespace: str = "",
        *,
        label_selector: str = "",
        limit: int = _PAGE,
        form: str = "object",
    ) -> Objects:
        """Return the objects that a selector chooses; ``form="metadata"`` needs only their metadata."""

    def create(self, mapping: ResourceMapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Create an object."""

    def replace(self, mapping: ResourceMapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Replace an object."""

    def delete(self, mapping: ResourceMapping, namespace: str, name: str) -> None:
        """Delete an object."""


class ObjectStore:
    """Keeps each revision in one object; subclasses say of which kind and where in it.

    Args:
        cluster: The cluster.
        namespace: Namespace of the releases.
        clock: Stamps the records.
        compatibility: The Helm generation whose form is written.
    """

    name: str
    _mapping: ResourceMapping

    def __init__(
        self,
        cluster: ObjectPort,
        namespace: str,
        *,
        clock: Clock | None = None,
        compatibility: int = 4,
    ) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._clock = clock or Clock()
        self._compatibility = compatibility
        self._versions: dict[tuple[str, str], str] = {}  # by record and token, of those that carry a journal

    def close(self) -> None:
        """Close nothing: it has no connection of its own."""

    def _body(self, packed: str) -> KubeObject:
        """Return the part of the object that holds the packed record."""
        raise NotImplementedError

    def _packed(self, item: KubeObject) -> str | bytes:
        """Return the packed record in an object.

        Raises:
            Invalid: There is none.
        """
        raise NotImplementedError

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
        """
        try:
            stored = self._cluster.create(self._mapping, self._namespace, self._object(release, "createdAt"))
        except Exists as error:
            raise ReleaseExists from error
        except PilothouseError as error:
            raise _about("create: failed to create", error) from error
        self._remember(release, stored)

    def update(self, release: Release) -> None:
        """Replace a stored revision by writing the whole object anew.

        Raises:
            NotFound: It is not stored.
            RecordTaken: Another operation took it over.
        """
        item = self._object(release, "modifiedAt")
        try:
            if release.journal is not None and release.journal.claimed:
                self._replace_owned(release, release.journal, item)
            else:
                self._replace(release, item)
        except RecordTaken:
            raise
        except PilothouseError as error:
            raise _about("update: failed to update", error) from error

    def _replace(self, release: Release, item: KubeObject) -> None:
        self._remember(release, self._cluster.replace(self._mapping, self._namespace, item))

    def _remember(self, release: Release, stored: KubeObject) -> None:
        """Keep the version of a record that an operation wrote: who writes it next must have seen that one."""
        if release.journal is not None:
            key = record_key(release.name, release.revision)
            self._versions[key, release.journal.owner.token] = _metadata(stored, "resourceVersion")

    def _replace_owned(self, release: Release, journal: Journal, item: KubeObject) -> None:
        """Replace a record that carries a journal, unless it is no longer the journal's owner's."""
        key = record_key(release.name, release.revision)
        version = self._versions.get((key, journal.owner.token), "")
        for attempt in range(_CONFLICTS):
            if not version:
                found = self._cluster.get(self._mapping, self._namespace, key)
                if _says_the_same(found, item):
                    return  # the answer to an earlier attempt was lost
                if not journals.is_owned_by(_journal(found), journal):
                    raise RecordTaken(release.name, release.revision)
                version = _metadata(found, "resourceVersion")
            try:
                self._replace(release, {**item, "metadata": {**item["metadata"], "resourceVersion": version}})
            except Conflict:
                if attempt == _CONFLICTS - 1:
                    raise
                version = ""
                self._clock.sleep(_CONFLICT_PAUSE * attempt)
            else:
                return

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
            Invalid: What is stored cannot be read.
        """
        key = record_key(name, revision)
        try:
            item = self._cluster.get(self._mapping, self._namespace, key)
        except NotFound as error:
            raise ReleaseNotFound from error
        except PilothouseError as error:
            raise _about(f'get: failed to get "{key}"', error) from error
        try:
            release = self._release(item)
        except Invalid as error:
            raise _about(f'get: failed to decode data "{key}"', error) from error
        return release.replace(labels=custom_labels(release.labels))

    def history(self, name: str) -> Releases:
        """Return all revisions that can be read, oldest first."""
        return self._readable(self._list(release_selector(name), "query: failed to query with labels"))

    def list(self, *, all_namespaces: bool = False, selector: str = "") -> Releases:
        """Return the stored revisions of every release that can be read, by name and revision."""
        labels = f"{OWNED},{selector}" if selector else OWNED
        return self._readable(self._list(labels, "list: failed to list", all_namespaces=all_namespaces))

    def summaries(self, *, name: str = "", all_namespaces: bool = False) -> Summaries:
        """Return what is stored, from the objects' metadata alone."""
        if name:
            doing, selector = "query: failed to query with labels", release_selector(name)
        else:
            doing, selector = "list: failed to list", OWNED
        everywhere = all_namespaces and not name
        items = self._list(selector, doing, all_namespaces=everywhere, limit=0, form="metadata")
        found = [summary_of(item.get("metadata") or {}) for item in items]
        return sorted(
            (summary for summary in found if summary is not None),
            key=lambda summary: (summary.name, summary.namespace, summary.revision),
        )

    def load(self, summaries: Iterable[RecordSummary]) -> Releases:
        """Return the revisions that the summaries stand for; what is gone or cannot be read is left out."""
        wanted = list(summaries)
        if len(wanted) > _SINGLE_READS:
            return self._load_listed(wanted)
        items: Objects = []
        for summary in wanted:
            key = record_key(summary.name, summary.revision)
            try:
                items.append(self._cluster.get(self._mapping, summary.namespace or self._namespace, key))
            except NotFound:
                continue
            except PilothouseError as error:
                raise _about(f'get: failed to get "{key}"', error) from error
        return self._readable(items)

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        release = self.get(name, revision)
        try:  # noqa: SIM105 - contextlib costs start-up
            self._cluster.delete(self._mapping, self._namespace, record_key(name, revision))
        except NotFound:  # an earlier attempt whose answer was lost, or somebody else, removed it
            pass
        return release

    def _load_listed(self, wanted: Summaries) -> Releases:
        """Read many records with one listing that leaves out the statuses and releases nobody asked for."""
        namespaces = {summary.namespace for summary in wanted}
        keys = {(summary.namespace, record_key(summary.name, summary.revision)) for summary in wanted}
        statuses = sorted({summary.status for summary in wanted if summary.status})
        names = {summary.name for summary in wanted}
        selector = release_selector(names.pop()) if len(names) == 1 else OWNED
        if statuses:
            selector += f",status in ({','.join(statuses)})"
        if sum(map(len, names)) + len(names) <= _LONGEST_SELECTOR and names:
            selector += f",name in ({','.join(sorted(names))})"
        limit = _PAGE if len(wanted) > _PAGE else 0
        everywhere = namespaces != {self._namespace}
        items = self._list(selector, "list: failed to list", all_namespaces=everywhere, limit=limit)
        chosen = [item for item in items if (_metadata(item, "namespace"), _metadata(item, "name")) in keys]
        return self._readable(chosen)

    def _list(
        self,
        selector: str,
        doing: str,
        *,
        all_namespaces: bool = False,
        limit: int = _PAGE,
        form: str = "object",
    ) -> Objects:
        namespace = "" if all_namespaces else self._namespace
        try:
            return self._cluster.list(self._mapping, namespace, label_selector=selector, limit=limit, form=form)
        except PilothouseError as error:
            raise _about(doing, error) from error

    def _object(self, release: Release, stamp: str) -> KubeObject:
        labels = record_labels(release, stamp, int(self._clock.now()))
        packed = records.encode_packed(release, compatibility=self._compatibility)
        item: KubeObject = {
            "apiVersion": "v1",
            "kind": self._mapping.kind,
            "metadata": {
                "name": record_key(release.name, release.revision),
                "namespace": self._namespace,
                "labels": labels,
            },
        }
        journal = journals.kept(release.journal)
        if journal is not None:
            item["metadata"]["annotations"] = {journals.ANNOTATION: journal.encode()}
        item.update(self._body(packed))
        return item

    def _release(self, item: KubeObject) -> Release:
        labels = (item.get("metadata") or {}).get("labels") or {}
        release = records.decode_packed(self._packed(item), labels, compatibility=self._compatibility)
        release = release.replace(journal=_journal(item))
        if not release.namespace:  # records of Helm 3.0's first betas name none
            release = release.replace(namespace=_metadata(item, "namespace") or self._namespace)
        return release

    def _readable(self, items: Iterable[KubeObject]) -> Releases:
        """Return the releases that can be decoded; Helm, too, passes over the others."""
        found: Releases = []
        for item in items:
            try:
                found.append(self._release(item))
            except Invalid:
                continue
        return sorted(found, key=lambda release: (release.name, release.namespace, release.revision))


def _metadata(item: KubeObject, key: str) -> str:
    return str((item.get("metadata") or {}).get(key) or "")


def _journal(item: KubeObject) -> Journal | None:
    annotations = (item.get("metadata") or {}).get("annotations") or {}
    return journals.decode(annotations.get(journals.ANNOTATION))


def _says_the_same(found: KubeObject, item: KubeObject) -> bool:
    """Return whether a stored record is the one that is to be written."""
    labels, wanted = found["metadata"].get("labels") or {}, item["metadata"]["labels"]
    journal = ((one["metadata"].get("annotations") or {}).get(journals.ANNOTATION) for one in (found, item))
    return found.get("data") == item.get("data") and labels.get("status") == wanted["status"] and len({*journal}) == 1


def _about(doing: str, error: PilothouseError) -> PilothouseError:
    """Return an error of the same kind that says what was being done."""
    text = f"{doing}: {error.message}"
    if isinstance(error, ApiError):
        status: dict[str, YamlValue] = {**error.status, "message": text}
        return type(error)(status)
    return type(error)(text, hints=error.hints)
