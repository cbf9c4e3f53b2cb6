"""The revisions of one release: which is newest, which are deployed, which are too old (Go's ``storage.Storage``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.releases.errors import PruneFailed, RecordsUnreadable, ReleaseNotFound
from pilothouse.releases.labels import custom_labels
from pilothouse.releases.release import DEPLOYED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pilothouse.releases.release import Release
    from pilothouse.releases.store import RecordSummary, ReleaseStore


def newest(store: ReleaseStore, name: str) -> Release:
    """Return the highest revision that can be read; only that one is decoded (``Storage.Last``).

    Raises:
        ReleaseNotFound: There is none.
    """
    summaries = sorted(store.summaries(name=name), key=_revision, reverse=True)
    for summary in summaries:
        found = store.load([summary])
        if found:
            return found[0]
    if summaries:
        raise RecordsUnreadable(name, tuple(f"revision {summary.revision}" for summary in summaries))
    raise ReleaseNotFound


def deployed_revisions(store: ReleaseStore, name: str) -> list[Release]:
    """Return the revisions marked as deployed, oldest first; normally one at most (``Storage.DeployedAll``)."""
    return store.load([summary for summary in store.summaries(name=name) if summary.status == DEPLOYED])


def surplus(store: ReleaseStore, name: str, limit: int) -> list[RecordSummary]:
    """Return the revisions that have to go so that there is room for one more; a limit of 0 keeps everything."""
    return too_old(store.summaries(name=name), limit - 1) if limit > 0 else []


def remove_all(store: ReleaseStore, summaries: Iterable[RecordSummary]) -> None:
    """Remove revisions.

    Raises:
        PilothouseError: What went wrong with the only revision that could not be removed.
        PruneFailed: More than one could not be removed.
    """
    faults: list[PilothouseError] = []
    for summary in summaries:
        try:
            store.delete(summary.name, summary.revision)
        except PilothouseError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        text = f"encountered {len(faults)} deletion errors. First is: {faults[0].message}"
        raise PruneFailed(text, hints=faults[0].hints) from faults[0]


def too_old(summaries: Iterable[RecordSummary], keep: int) -> list[RecordSummary]:
    """Return the oldest revisions beyond ``keep``, the newest deployed one never among them."""
    revisions = sorted(summaries, key=_revision)
    deployed = [summary for summary in revisions if summary.status == DEPLOYED]
    kept = deployed[-1] if deployed else None
    excess = max(0, len(revisions) - keep)
    return [summary for summary in revisions if summary is not kept][:excess]


def newest_of_each(
    store: ReleaseStore,
    *,
    all_namespaces: bool = False,
    wanted: Callable[[RecordSummary], bool] = lambda _summary: True,
    count: int = 0,
) -> list[Release]:
    """Return the newest revision of every release, by name and namespace, decoding only what is wanted.

    Args:
        store: Where the releases are kept.
        all_namespaces: Whether to look beyond the store's namespace.
        wanted: Chooses among the newest revisions by name, status and labels; older ones are not asked for.
        count: How many are needed, the first by name and namespace; 0 for all.
    """
    by_release: dict[tuple[str, str], list[RecordSummary]] = {}
    for summary in store.summaries(all_namespaces=all_namespaces):
        by_release.setdefault((summary.name, summary.namespace), []).append(summary)
    for revisions in by_release.values():
        revisions.sort(key=_revision)
    keys = sorted(key for key, revisions in by_release.items() if wanted(revisions[-1]))
    found: list[Release] = []
    while keys and (not count or len(found) < count):
        taken = keys[: count - len(found)] if count else keys
        keys = keys[len(taken) :]
        found += _newest_readable(store, {key: by_release[key] for key in taken}, wanted)
    return sorted(found, key=lambda release: (release.name, release.namespace))


def _newest_readable(
    store: ReleaseStore,
    by_release: dict[tuple[str, str], list[RecordSummary]],
    wanted: Callable[[RecordSummary], bool],
) -> list[Release]:
    """Return the newest revision of every release that can be decoded, from summaries sorted by revision."""
    found: list[Release] = []
    while by_release:
        newest_ones = [revisions[-1] for revisions in by_release.values()]
        chosen = [summary for summary in newest_ones if wanted(summary)]
        loaded = store.load(chosen)
        found += loaded
        readable = {(release.name, release.namespace) for release in loaded}
        # Where the newest record cannot be decoded, Helm shows the one before.
        by_release = {
            (summary.name, summary.namespace): by_release[summary.name, summary.namespace][:-1]
            for summary in chosen
            if (summary.name, summary.namespace) not in readable
            and len(by_release[summary.name, summary.namespace]) > 1
        }
    return found


def merged_labels(current: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the user's labels of the next revision; the value ``null`` takes one away (``mergeCustomLabels``)."""
    merged = {**custom_labels(current), **wanted}
    return {name: value for name, value in merged.items() if value != "null"}


def _revision(summary: RecordSummary) -> int:
    return summary.revision
