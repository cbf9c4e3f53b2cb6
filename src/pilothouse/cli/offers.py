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


def charts(invocation: Invocation, typed: str, *, local: bool = True) -> tuple[list[str], int]:
    """Offer what a chart reference can begin with."""
    prefixes = (*_PREFIXES, *_PATHS) if local and not typed else _PREFIXES
    offers = [f"{prefix}\t{text}" for prefix, text in prefixes if prefix.startswith(typed)]
    del invocation
    directive = NO_SPACE if local else NO_SPACE | NO_FILES
    if not offers and local:
        return [], DEFAULT
    return offers, directive


def first_chart(invocation: Invocation, typed: str) -> tuple[list[str], int]:
    """Offer a chart for the first argument and nothing after it."""
    return no_more(invocation, typed) if invocation.arguments else charts(invocation, typed)


def releases(session: Session, *, many: bool = False) -> Completer:
    """Return a completer of release names."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if invocation.arguments and not many:
            return no_more(invocation, typed)
        return release_names(session, invocation, typed)

    return complete


def release_names(session: Session, invocation: Invocation, typed: str) -> tuple[list[str], int]:
    """Offer the names of releases that begin with what was typed and are not named yet."""
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
        if release.name.startswith(typed) and release.name not in invocation.arguments:
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


def namespaces(session: Session, invocation: Invocation, typed: str) -> tuple[list[str], int]:
    """Offer the namespaces of the cluster; without one that answers the shell is left its default."""
    session.settle(invocation)
    try:
        cluster = session.context().cluster
        found = cluster.list(cluster.mapping("v1", "Namespace"))
    except (PilothouseError, OSError):
        return [], DEFAULT
    names = sorted(str((item.get("metadata") or {}).get("name", "")) for item in found)
    return [name for name in names if name.startswith(typed)], NO_FILES


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
    return [prefix for prefix in ("oci://",) if prefix.startswith(typed)], NO_SPACE | NO_FILES
