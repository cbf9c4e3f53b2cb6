"""Helm 2's calls: each takes a request message, runs an action and returns the answer. Knows nothing of sockets."""

from __future__ import annotations

from pilothouse.actions import tiller_queries as queries
from pilothouse.actions.tiller_install import TillerInstallOptions, install
from pilothouse.actions.tiller_rollback import TillerRollbackOptions, rollback
from pilothouse.actions.tiller_test import TillerTestOptions, run_tests
from pilothouse.actions.tiller_uninstall import TillerUninstallOptions, uninstall
from pilothouse.actions.tiller_upgrade import TillerUpgradeOptions, upgrade
from pilothouse.hapi.convert import STATUSES, release_message
from pilothouse.hapi.messages import SERVICE, calls_of, copy_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.hapi.messages import Message

#: Bytes of a message at most, in both directions.
LARGEST_MESSAGE = 20 << 20
CALLS = calls_of(SERVICE)


class ReleaseService:
    """``hapi.services.tiller.ReleaseService``; the methods have the names of the calls.

    Args:
        context: The ports of the actions.
    """

    def __init__(self, context: TillerContext) -> None:
        self._context = context

    # ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

    def list_releases(self, request: Message) -> Iterator[Message]:
        """Yield the releases in messages that are not too large; none when there is no release."""
        options = queries.TillerListOptions(
            statuses=tuple(STATUSES[code] for code in request.status_codes if 0 <= code < len(STATUSES)),
            namespace=request.namespace,
            filter=request.filter,
            sort_by=request.sort_by,
            descending=request.sort_order == 1,
            offset=request.offset,
            limit=request.limit,
        )
        listing = queries.list_releases(self._context, options)
        head = CALLS["ListReleases"].response(count=len(listing.releases), next=listing.next, total=listing.total)
        room = LARGEST_MESSAGE - head.ByteSize()
        answer, size = copy_of(head), 0
        for release in listing.releases:
            message = release_message(release)
            needed = message.ByteSize() + 8
            if answer.releases and size + needed > room:
                yield answer
                answer, size = copy_of(head), 0
            answer.releases.append(message)
            size += needed
        if answer.releases:
            yield answer

    def get_release_status(self, request: Message) -> Message:
        """Return the state of a release and of its objects."""
        found = queries.status(self._context, request.name, request.version)
        release = found.release
        answer = CALLS["GetReleaseStatus"].response(name=release.name, namespace=release.namespace)
        answer.info.CopyFrom(release_message(release).info)
        answer.info.status.resources = found.resources
        return answer

    def get_release_content(self, request: Message) -> Message:
        """Return a revision as it is stored."""
        release = queries.content(self._context, request.name, request.version)
        return CALLS["GetReleaseContent"].response(release=release_message(release))

    def get_history(self, request: Message) -> Message:
        """Return the newest revisions of a release."""
        found = queries.history(self._context, request.name, request.max)
        return CALLS["GetHistory"].response(releases=map(release_message, found))

    def get_version(self, request: Message) -> Message:
        """Return Tiller's version."""
        del request
        answer = CALLS["GetVersion"].response()
        own = answer.Version
        own.sem_ver, own.git_commit, own.git_tree_state = self._context.version
        return answer

    # ── changing ───────────────────────────────────────────────────────────────────────────────────────────────

    def install_release(self, request: Message) -> Message:
        """Install a chart."""
        options = TillerInstallOptions(
            chart=_given(request, "chart"),
            config=_given(request, "values"),
            name=request.name,
            namespace=request.namespace,
            dry_run=request.dry_run,
            disable_hooks=request.disable_hooks,
            disable_crd_hook=request.disable_crd_hook,
            reuse_name=request.reuse_name,
            wait=request.wait,
            timeout=request.timeout,
            description=request.description,
            subchart_notes=request.subNotes,
        )
        return CALLS["InstallRelease"].response(release=release_message(install(self._context, options)))

    def update_release(self, request: Message) -> Message:
        """Upgrade a release."""
        options = TillerUpgradeOptions(
            name=request.name,
            chart=_given(request, "chart"),
            config=_given(request, "values"),
            dry_run=request.dry_run,
            disable_hooks=request.disable_hooks,
            recreate=request.recreate,
            timeout=request.timeout,
            reset_values=request.reset_values,
            reuse_values=request.reuse_values,
            wait=request.wait,
            force=request.force,
            description=request.description,
            subchart_notes=request.subNotes,
            cleanup_on_fail=request.cleanup_on_fail,
        )
        return CALLS["UpdateRelease"].response(release=release_message(upgrade(self._context, options)))

    def rollback_release(self, request: Message) -> Message:
        """Bring a release back to an earlier revision."""
        options = TillerRollbackOptions(
            name=request.name,
            revision=request.version,
            dry_run=request.dry_run,
            disable_hooks=request.disable_hooks,
            recreate=request.recreate,
            timeout=request.timeout,
            wait=request.wait,
            force=request.force,
            description=request.description,
            cleanup_on_fail=request.cleanup_on_fail,
        )
        return CALLS["RollbackRelease"].response(release=release_message(rollback(self._context, options)))

    def uninstall_release(self, request: Message) -> Message:
        """Delete a release."""
        options = TillerUninstallOptions(
            name=request.name,
            disable_hooks=request.disable_hooks,
            purge=request.purge,
            timeout=request.timeout,
            description=request.description,
        )
        removal = uninstall(self._context, options)
        return CALLS["UninstallRelease"].response(release=release_message(removal.release), info=removal.info)

    def run_release_test(self, request: Message) -> Iterator[Message]:
        """Run the tests of a release and yield what happens."""
        options = TillerTestOptions(
            name=request.name,
            timeout=request.timeout,
            cleanup=request.cleanup,
            parallel=request.parallel,
            max_parallel=request.max_parallel,
            logs=request.logs,
        )
        for message in run_tests(self._context, options):
            yield CALLS["RunReleaseTest"].response(msg=message.text, status=message.status)


def _given(request: Message, field: str) -> Message | None:
    return getattr(request, field) if request.HasField(field) else None


#: The method of :class:`ReleaseService` for each call.
METHODS = {
    "ListReleases": ReleaseService.list_releases,
    "GetReleaseStatus": ReleaseService.get_release_status,
    "GetReleaseContent": ReleaseService.get_release_content,
    "UpdateRelease": ReleaseService.update_release,
    "InstallRelease": ReleaseService.install_release,
    "UninstallRelease": ReleaseService.uninstall_release,
    "GetVersion": ReleaseService.get_version,
    "RollbackRelease": ReleaseService.rollback_release,
    "GetHistory": ReleaseService.get_history,
    "RunReleaseTest": ReleaseService.run_release_test,
}
