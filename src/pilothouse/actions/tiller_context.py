"""The ports of Tiller's actions, and what they share: looking releases up and recording them."""

from __future__ import annotations

import re

from pilothouse.actions.errors import InvalidOptions, NameInUse, NoDeployedRelease
from pilothouse.apply.cluster import Cluster
from pilothouse.apply.tiller_hooks import clear_hooks, run_hooks
from pilothouse.apply.tiller_objects import TillerObjects
from pilothouse.clock import Clock
from pilothouse.errors import Exists, NotFound, PilothouseError
from pilothouse.hapi.convert import TillerHook, TillerRelease
from pilothouse.hapi.messages import ReleaseMessage
from pilothouse.progress import SILENT, Reporter
from pilothouse.records import Record, field
from pilothouse.releases.names import LONGEST_NAME
from pilothouse.releases.release import DEPLOYED, FAILED, Release, ReleaseInfo
from pilothouse.version import HELM2_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.hapi.messages import Message
    from pilothouse.render.tiller_manifests import TillerHookManifest
    from pilothouse.storage.tiller_store import TillerStore

    Releases = list[Release]

_NAME_RULE = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])+$"
#: The same set of names as the rule's, without its nested repetition.
_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
#: What the released executable says of itself beside its version.
GIT_COMMIT = "a690bad98af45b015bd3da1a41f6218b1a451dbe"


class TillerContext(Record):
    """The ports of Tiller's actions.

    Attributes:
        cluster: The Kubernetes API.
        store: Where releases are kept.
        clock: Time and waiting.
        entropy: Returns that many random bytes.
        reporter: Hears what is done, by parts of Tiller: ``tiller``, ``storage``, ``kube``, ``log``.
        resolve_host: Resolves host names for templates.
        history_max: Revisions of a release to keep, 0 for all.
        version: Tiller's version, commit and state of the source tree.
        make_name: Makes up names for releases that are given none.
        cache_folder: Where compiled templates are kept, empty for nowhere.
        local_zone: Name of the local time zone.
    """

    cluster: Cluster
    store: TillerStore
    clock: Clock
    entropy: Callable[[int], bytes]
    make_name: Callable[[], str]
    reporter: Reporter = field(default_factory=lambda: SILENT)
    resolve_host: Callable[[str], list[str]] | None = None
    history_max: int = 0
    version: tuple[str, str, str] = (HELM2_VERSION, GIT_COMMIT, "clean")
    cache_folder: str = ""
    local_zone: str = ""

    def log(self, text: str) -> None:
        """Tell what Tiller itself does."""
        self.reporter.report("tiller", text)

    def objects(self) -> TillerObjects:
        """Return what changes objects of the cluster."""
        return TillerObjects(self.cluster, self.clock, self.reporter)

    def run_hooks(self, release: TillerRelease, event: str, timeout: float) -> TillerRelease:
        """Run the hooks of an event and return the release with their last runs."""
        return run_hooks(self.objects(), self.clock, release, event, timeout)

    def clear_hooks(self, releases: Sequence[TillerRelease]) -> None:
        """Delete the objects of hooks that were interrupted."""
        for release in releases:
            clear_hooks(self.objects(), release)

    # ── looking up ─────────────────────────────────────────────────────────────────────────────────────────────

    def revisions(self, name: str) -> list[TillerRelease]:
        """Return all revisions of a release, newest first.

        Raises:
            NotFound: There is none.
        """
        self.reporter.report("storage", f'getting release history for "{name}"')
        return _newest_first(self.store.query(name))

    def last(self, name: str) -> TillerRelease:
        """Return the newest revision of a release, whatever its status.

        Raises:
            NotFound: There is none.
        """
        self.reporter.report("storage", f'getting last revision of "{name}"')
        return self.revisions(name)[0]

    def deployed(self, name: str) -> TillerRelease:
        """Return the newest revision that is deployed.

        Raises:
            NoDeployedRelease: There is none.
        """
        self.reporter.report("storage", f'getting deployed releases from "{name}" history')
        try:
            return _newest_first(self.store.query(name, status=DEPLOYED))[0]
        except NotFound as error:
            raise NoDeployedRelease(f'"{name}" has no deployed releases') from error

    def revision(self, name: str, revision: int) -> TillerRelease:
        """Return one revision.

        Raises:
            NotFound: It is not stored.
        """
        return _as_tillers(self.store.get(name, revision))

    # ── recording ──────────────────────────────────────────────────────────────────────────────────────────────

    def create_record(self, release: Release) -> None:
        """Store a new revision, the oldest being removed where there are too many.

        Raises:
            Exists: This revision is stored already.
        """
        if self.history_max > 0:
            self._prune(release.name, self.history_max - 1)
        self.store.create(release)

    def withdraw(self, release: Release, text: str) -> None:
        """Take back a revision that was stored before it was made; where that is not possible, it failed."""
        try:
            self.store.delete(release.name, release.revision)
        except PilothouseError:
            self.record(release.with_info(status=FAILED, description=text))

    def record_new(self, release: Release) -> bool:
        """Store a new revision and return whether it is stored; a failure is only told of.

        Raises:
            NameInUse: Another operation has just made this revision; Helm 2 goes on here and loses one of the two.
        """
        try:
            try:
                self.create_record(release)
            except NotFound:  # the store keeps records in the release's own namespace, which is not there yet
                self.objects().ensure_namespace(release.namespace)
                self.create_record(release)
        except Exists as error:
            raise NameInUse(f"a release named {release.name} is in use: {error.message}") from error
        except PilothouseError as error:
            self.log(f"warning: Failed to record release {release.name}: {error.message}")
            return False
        return True

    def record(self, release: Release) -> None:
        """Store a known revision again; a failure is only told of."""
        try:
            self.store.update(release)
        except PilothouseError as error:
            self.log(f"warning: Failed to update release {release.name}: {error.message}")

    def _prune(self, name: str, maximum: int) -> None:
        """Remove the oldest revisions but never the deployed one; without one, nothing (``removeLeastRecent``)."""
        try:
            revisions = self.revisions(name)
            if len(revisions) <= maximum:
                return
            kept = self.deployed(name).revision
        except PilothouseError:
            return
        surplus = len(revisions) - maximum
        going = [one for one in reversed(revisions) if one.revision != kept][:surplus]
        failures = 0
        for one in going:
            try:
                self.store.delete(name, one.revision)
            except PilothouseError as error:
                failures += 1
                self.reporter.report(
                    "storage", f"error pruning {name}.v{one.revision} from release history: {error.message}"
                )
        self.reporter.report("storage", f"Pruned {len(going)} record(s) from {name} with {failures} error(s)")


def check_name(name: str) -> None:
    """Check the name that a request gives (``validateReleaseName``).

    Raises:
        InvalidOptions: It is empty or no name.
    """
    if not name:
        raise InvalidOptions("no release provided")
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidOptions(
            f"invalid release name, must match regex {_NAME_RULE} and the length must not be longer than {LONGEST_NAME}"
        )


def new_release(
    *,
    name: str,
    namespace: str,
    revision: int,
    info: ReleaseInfo,
    chart: Message,
    config: Message | None,
    manifest: str,
    hooks: tuple[TillerHookManifest, ...],
) -> TillerRelease:
    """Return a release that has just been rendered."""
    wire = ReleaseMessage()
    wire.chart.CopyFrom(chart)
    if config is not None:
        wire.config.CopyFrom(config)
    return TillerRelease(
        name=name,
        namespace=namespace,
        revision=revision,
        info=info,
        manifest=manifest,
        hooks=tuple(_hook(hook) for hook in hooks),
        wire=wire,
    )


def _hook(hook: TillerHookManifest) -> TillerHook:
    return TillerHook(
        name=hook.name,
        kind=hook.kind,
        path=hook.path,
        manifest=hook.manifest,
        events=hook.events,
        weight=hook.weight,
        delete_policies=hook.delete_policies,
        delete_timeout=hook.delete_timeout,
    )


def _as_tillers(release: Release) -> TillerRelease:
    assert isinstance(release, TillerRelease), "Tiller's stores hold releases of Helm 2"
    return release


def _newest_first(found: Releases) -> list[TillerRelease]:
    return sorted(map(_as_tillers, found), key=lambda release: release.revision, reverse=True)
