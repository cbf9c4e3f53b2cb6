"""Moving releases between Tiller's records and those of Helm 3 and 4; nothing is removed that was not read back."""

from __future__ import annotations

from pilothouse.errors import Conflict, Exists, Invalid, NotFound, PilothouseError
from pilothouse.hapi.convert import TillerRelease, release_message
from pilothouse.hapi.generations import to_helm2, to_helm3
from pilothouse.hapi.messages import serialize
from pilothouse.records import Record
from pilothouse.releases.release import PENDING_STATUSES, UNINSTALLING, Release
from pilothouse.storage import records
from pilothouse.storage.memory import MemoryStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from pilothouse.releases.store import ReleaseStore
    from pilothouse.storage.tiller_store import TillerStore

    Releases = list[Release]

    class Side(Protocol):
        """Where releases are, of one generation or the other."""

        def found(self, names: Sequence[str]) -> dict[str, Releases]:
            """Return the revisions of the releases with these names, of all without names; oldest first."""

        def revision(self, like: Release) -> Release | None:
            """Return the stored revision of the same name, number and namespace, none when there is none."""

        def newest(self, like: Release) -> int:
            """Return the number of the newest revision that is stored, 0 without any."""

        def create(self, release: Release) -> None:
            """Store a revision."""

        def delete(self, release: Release) -> None:
            """Remove a revision."""

        def converted(self, release: Release) -> Release:
            """Return a release of the other side as it is kept on this one."""

        def image(self, release: Release) -> object:
            """Return all that is stored of a release, to be compared."""


COPIED, PRESENT, REMOVED, FAILED, PLANNED = "converted", "present", "moved", "failed", "would be converted"


class ConvertOptions(Record):
    """What is moved.

    Attributes:
        names: The releases, none for all of them.
        dry_run: Whether nothing is written.
        delete_converted: Whether the records that were copied are removed.
        include_pending: Whether releases go too on which an operation has not ended.
    """

    names: tuple[str, ...] = ()
    dry_run: bool = False
    delete_converted: bool = False
    include_pending: bool = False


class Conversion(Record):
    """What became of one release.

    Attributes:
        state: ``converted``; ``present``, when all of it was there already; ``moved``, when the records that were
            copied are removed; ``would be converted``; or ``failed``.
        revisions: The revisions that the release has.
        copied: Those that were copied now.
        problem: Why it failed.
    """

    name: str
    namespace: str
    revisions: tuple[int, ...]
    state: str
    copied: tuple[int, ...] = ()
    problem: str = ""


def convert(source: Side, target: Side, options: ConvertOptions, tell: Callable[[str], None]) -> list[Conversion]:
    """Move releases from one side to the other, one after the other; a fault of one does not stop the others.

    It can be interrupted and called again: what is there already and the same is passed over.

    Args:
        source: Where they are.
        target: Where they go.
        options: Which, and how.
        tell: Hears what is done.

    Raises:
        NotFound: A release that is named is not there.
    """
    found = source.found(options.names)
    missing = [name for name in options.names if name not in found]
    if missing:
        raise NotFound("".join(f'release: "{name}" not found' for name in missing[:1]))
    return [_release(source, target, options, found[name], tell) for name in sorted(found)]


def _release(
    source: Side, target: Side, options: ConvertOptions, revisions: Releases, tell: Callable[[str], None]
) -> Conversion:
    newest = revisions[-1]
    result = Conversion(
        name=newest.name,
        namespace=newest.namespace,
        revisions=tuple(release.revision for release in revisions),
        state=PRESENT,
    )
    copied: list[int] = []
    try:
        _check(target, options, newest)
        for release in revisions:
            if _copy(target, release, dry_run=options.dry_run):
                copied.append(release.revision)
                tell(f"{release.name}.v{release.revision}: copied and read back")
        if options.dry_run:
            return result.replace(state=PLANNED if copied else PRESENT, copied=tuple(copied))
        result = result.replace(state=COPIED if copied else PRESENT, copied=tuple(copied))
        if not options.delete_converted:
            return result
        for release in revisions:
            _remove(source, target, release)
            tell(f"{release.name}.v{release.revision}: removed where it was")
        return result.replace(state=REMOVED)
    except PilothouseError as error:
        return result.replace(state=FAILED, copied=tuple(copied), problem=error.message)


def _check(target: Side, options: ConvertOptions, newest: Release) -> None:
    """Refuse a release that is being changed, or that has gone on where it is to go."""
    status = newest.info.status
    if status in (*PENDING_STATUSES, UNINSTALLING) and not options.include_pending:
        raise Conflict(
            f"an operation on revision {newest.revision} has not ended ({status}); finish it, or give --include-pending"
        )
    there = target.newest(newest)
    if there > newest.revision:
        raise Conflict(f"revision {there} is there already, and newer than revision {newest.revision} here")


def _copy(target: Side, release: Release, *, dry_run: bool) -> bool:
    """Copy a revision and read it back; return whether it was not there yet."""
    wanted = target.converted(release)
    there = target.revision(wanted)
    if there is not None:
        _compare(target, wanted, there, "is there already, and different")
        return False
    if dry_run:
        return True
    target.create(wanted)
    _compare(target, wanted, target.revision(wanted), "was written, and read back differently")
    return True


def _compare(side: Side, wanted: Release, there: Release | None, problem: str) -> None:
    if there is None or side.image(there) != side.image(wanted):
        raise Conflict(f"revision {wanted.revision} {problem}; nothing was removed")


def _remove(source: Side, target: Side, release: Release) -> None:
    """Remove a revision where it was, if it still is what was copied and the copy is there."""
    _compare(source, release, source.revision(release), "was changed meanwhile")
    wanted = target.converted(release)
    _compare(target, wanted, target.revision(wanted), "was changed where it went")
    source.delete(release)


# ── the two sides ──────────────────────────────────────────────────────────────────────────────────────────────────


class TillerSide:
    """Tiller's records.

    Args:
        store: Where they are.
    """

    def __init__(self, store: TillerStore) -> None:
        if store.name == "Memory":
            raise Invalid("releases in a Tiller's memory are in no other process")
        self._store = store

    def found(self, names: Sequence[str]) -> dict[str, Releases]:
        """Return the revisions of the releases with these names, of all without names; oldest first."""
        if not names:
            return _by_name(self._store.list())
        found: Releases = []
        for name in names:
            try:
                found += self._store.query(name)
            except NotFound:
                continue
        return _by_name(found)

    def revision(self, like: Release) -> Release | None:
        """Return the stored revision of the same name and number, none when there is none."""
        try:
            return self._store.get(like.name, like.revision)
        except NotFound:
            return None

    def newest(self, like: Release) -> int:
        """Return the number of the newest revision that is stored, 0 without any."""
        try:
            return max(release.revision for release in self._store.query(like.name))
        except NotFound:
            return 0

    def create(self, release: Release) -> None:
        """Store a revision."""
        self._store.create(release)

    def delete(self, release: Release) -> None:
        """Remove a revision."""
        self._store.delete(release.name, release.revision)

    def converted(self, release: Release) -> Release:
        """Return a release of Helm 3 as Tiller keeps it."""
        return to_helm2(release)

    def image(self, release: Release) -> object:
        """Return the bytes of the message."""
        return serialize(release_message(release))


class HelmSide:
    """The records of Helm 3 and 4.

    Args:
        store_of: Returns the store of a namespace.
        namespace: Where releases are looked for, empty for all namespaces.
        ensure_namespace: Makes a namespace that is not there yet.
    """

    def __init__(
        self, store_of: Callable[[str], ReleaseStore], namespace: str, ensure_namespace: Callable[[str], None]
    ) -> None:
        if isinstance(store_of(namespace), MemoryStore):
            raise Invalid("releases in memory are in no other process", hints=("HELM_DRIVER names another driver",))
        self._store_of = store_of
        self._namespace = namespace
        self._ensure_namespace = ensure_namespace

    def found(self, names: Sequence[str]) -> dict[str, Releases]:
        """Return the revisions of the releases with these names, of all without names; oldest first.

        Raises:
            Conflict: Two namespaces have a release of the same name.
        """
        store = self._store_of(self._namespace)
        everything = store.list(all_namespaces=not self._namespace)
        found = _by_name([release for release in everything if not names or release.name in names])
        for name, revisions in found.items():
            namespaces = sorted({release.namespace for release in revisions})
            if len(namespaces) > 1:
                raise Conflict(
                    f'"{name}" is the name of releases in the namespaces {", ".join(namespaces)}, and Tiller knows '
                    f"each name once",
                    hints=("-n NAMESPACE with the names of releases moves those of one namespace",),
                )
        return found

    def revision(self, like: Release) -> Release | None:
        """Return the stored revision of the same name, number and namespace, none when there is none."""
        try:
            return self._store_of(like.namespace).get(like.name, like.revision)
        except NotFound:
            return None

    def newest(self, like: Release) -> int:
        """Return the number of the newest revision that is stored, 0 without any."""
        found = self._store_of(like.namespace).summaries(name=like.name)
        return max((summary.revision for summary in found), default=0)

    def create(self, release: Release) -> None:
        """Store a revision, in a namespace that is made if it is not there."""
        store = self._store_of(release.namespace)
        try:
            store.create(release)
        except Exists:
            raise
        except NotFound:
            self._ensure_namespace(release.namespace)
            store.create(release)

    def delete(self, release: Release) -> None:
        """Remove a revision."""
        self._store_of(release.namespace).delete(release.name, release.revision)

    def converted(self, release: Release) -> Release:
        """Return a release of Tiller as Helm 3 keeps it."""
        assert isinstance(release, TillerRelease), "the other side is Tiller's"
        return to_helm3(release)

    def image(self, release: Release) -> object:
        """Return what a reader finds in the record, whichever of the two generations' forms it has."""
        found = records.decode(records.encode(release))
        return found if found.chart is None else found.replace(chart=found.chart.replace())


def _by_name(found: Releases) -> dict[str, Releases]:
    grouped: dict[str, Releases] = {}
    for release in sorted(found, key=lambda one: one.revision):
        grouped.setdefault(release.name, []).append(release)
    return grouped
