"""What completion offers for arguments: charts, releases, revisions, namespaces, contexts."""

from __future__ import annotations

from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.commandline.options import Completer

DEFAULT, ERROR, NO_SPACE, NO_FILES = 0, 1, 2, 4
_NO_MORE = "_activeHelp_ This command does not take any more arguments (but may accept flags)."
_PREFIXES = (
    ("oci://", "Chart OCI prefix"),
    ("https://", "Chart URL prefix"),
    ("http://", "Chart URL prefix"),
    ("file://", "Chart local URL prefix"),
)
#: Commands whose first argument is the chart.
_WITHOUT_RELEASE = ("all", "chart", "crds", "pull", "readme", "values")
_PATHS = (("./", "Relative path prefix to local chart"), ("/", "Absolute path prefix to local chart"))


def no_more(_invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    """Offer nothing and say that no argument is missing."""
    return [_NO_MORE], NO_FILES


def nothing(_invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    """Offer nothing, not even files."""
    return [], NO_FILES


def files(_invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    """Leave it to the shell to offer files."""
    return [], DEFAULT


def first_file(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    """Offer files for the first argument and nothing after it."""
    return no_more(invocation, typed) if invocation.arguments else files(invocation, typed)


def charts(session: Session, invocation: Invocation, typed: str, *, local: bool = True) -> tuple[list[str], int]:
    """Offer what a chart reference can begin with, and the charts of a repository that is named."""
    from pilothouse.actions.chart_offers import chart_names
    from pilothouse.actions.repo import repositories
    from pilothouse.cli.places import places

    session.settle(invocation)
    own, generation = places(session), session.environment.compatibility
    offers: list[str] = []
    directive = DEFAULT
    for entry in repositories(own, helm=generation):
        if typed.startswith(f"{entry.name}/"):
            offers += chart_names(own, entry.name, helm=generation)
            directive = DEFAULT
            break
        if entry.name.startswith(typed):
            offers.append(f"{entry.name}/\t{entry.url}")
            directive = NO_SPACE
    prefixes = [f"{prefix}\t{text}" for prefix, text in _PREFIXES if f"{prefix}\t{text}".startswith(typed)]
    offers += prefixes
    directive = NO_SPACE if prefixes else directive
    if local and offers and typed:
        offers += _files_here(session, typed)
    if local and not typed:
        offers += [f"{prefix}\t{text}" for prefix, text in _PATHS]
    return offers, directive if local else directive | NO_FILES


def _files_here(session: Session, typed: str) -> list[str]:
    import os

    try:
        return [name for name in sorted(os.listdir(session.environment.working_directory)) if name.startswith(typed)]
    except OSError:
        return []


def first_chart(session: Session) -> Completer:
    """Return a completer that offers a chart for the first argument and nothing after it."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        return no_more(invocation, typed) if invocation.arguments else charts(session, invocation, typed)

    return complete


def chart_versions(session: Session) -> Completer:
    """Return a completer of the versions of the chart that is named last."""

    def complete(invocation: Invocation, _typed: str) -> tuple[list[str], int]:
        from pilothouse.actions.chart_offers import chart_versions as known
        from pilothouse.cli.places import places

        session.settle(invocation)
        needed = 1 if invocation.command.name in _WITHOUT_RELEASE or invocation.flag("generate-name") else 2
        if len(invocation.arguments) != needed:
            return [], NO_FILES
        reference = invocation.arguments[-1]
        return known(places(session), reference, helm=session.environment.compatibility), NO_FILES

    return complete


def releases(session: Session, *, many: bool = False) -> Completer:
    """Return a completer of release names."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if invocation.arguments and not many:
            return no_more(invocation, typed)
        return release_names(session, invocation, typed)

    return complete


def release_names(session: Session, invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    """Offer the names of releases that are not named yet."""
    from pilothouse.actions.listing import ListOptions, list_releases

    session.settle(invocation)
    try:
        found = list_releases(session.context(), ListOptions(maximum=0))
    except (PilothouseError, OSError):
        return [], DEFAULT
    offers = []
    for release in found:
        metadata = release.chart.metadata if release.chart else None
        described = f"{metadata.name}-{metadata.version} -> {release.info.status}" if metadata else release.info.status
        if release.name not in invocation.arguments:  # what was typed is for the shell to look at, as in Helm
            offers.append(f"{release.name}\t{described}")
    return offers, NO_FILES


def revisions(session: Session, invocation: Invocation, name: str) -> tuple[list[str], int]:
    """Offer the revisions of the release ``name``."""
    from pilothouse.actions.history import history

    session.settle(invocation)
    try:
        found = history(session.context(), name)
    except (PilothouseError, OSError):
        return [], ERROR
    offers = []
    for release in found:
        metadata = release.chart.metadata if release.chart else None
        described = f"App: {metadata.app_version}, Chart: {metadata.name}-{metadata.version}" if metadata else ""
        offers.append(f"{release.revision}\t{described}")
    return offers, NO_FILES


def revision_flag(session: Session) -> Completer:
    """Return a completer of the revisions of the release that is named."""

    def complete(invocation: Invocation, _typed: str) -> tuple[list[str], int]:
        if len(invocation.arguments) != 1:
            return [], NO_FILES
        return revisions(session, invocation, invocation.arguments[0])

    return complete


def namespaces(session: Session, invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    """Offer the namespaces of the cluster; without one that answers the shell is left its default."""
    session.settle(invocation)
    try:
        cluster = session.context().cluster
        found = cluster.list(cluster.mapping("v1", "Namespace"))
    except (PilothouseError, OSError):
        return [], DEFAULT
    return sorted(str((item.get("metadata") or {}).get("name", "")) for item in found), NO_FILES


def kube_contexts(session: Session, invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    """Offer the contexts of the kubeconfig with their clusters, whatever was typed, as Helm does."""
    from pilothouse.actions.contexts import contexts

    session.settle(invocation)
    try:
        found = contexts(session.environment, session.settings.kubeconfig)
    except PilothouseError:
        return [], DEFAULT
    return [f"{name}\t{cluster}" for name, cluster in found], NO_FILES


def registries(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    """Offer files for the first argument and what a registry's reference begins with for the second."""
    if not invocation.arguments:
        return files(invocation, typed)
    if len(invocation.arguments) > 1:
        return no_more(invocation, typed)
    return ["oci://"], NO_SPACE | NO_FILES
