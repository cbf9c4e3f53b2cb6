"""Plugins as commands of the root: found when a command line may mean one, run with Helm's handling of flags."""

from __future__ import annotations

from pilothouse.cli.settings import plugins_directory
from pilothouse.commandline.command import Command, Invocation
from pilothouse.commandline.options import BOOL, Option
from pilothouse.commandline.parser import FlagParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.cli.session import Session
    from pilothouse.commandline.options import Completer
    from pilothouse.plugins.completion import Offers
    from pilothouse.plugins.discovery import Plugin

#: Global flags that Helm takes out of a plugin's command line, each with its value (``manuallyProcessArgs``).
_TAKEN = (
    "--kube-context",
    "--namespace",
    "-n",
    "--kubeconfig",
    "--kube-apiserver",
    "--kube-token",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--registry-config",
    "--repository-cache",
    "--repository-config",
    "--kube-insecure-skip-tls-verify",
    "--kube-tls-server-name",
)


#: The same for Helm 2.
_TAKEN_2 = ("--host", "--kube-context", "--home", "--tiller-namespace")


def may_have_plugins(session: Session) -> bool:
    """Return whether plugins may be installed and wanted; it costs one look at their folders."""
    if session.environment.get("HELM_NO_PLUGINS") == "1":
        return False
    import os

    for folder in plugins_directory(session.environment).split(os.pathsep):
        try:
            with os.scandir(folder) as entries:
                if next(entries, None) is not None:
                    return True
        except OSError:
            continue
    return False


def add_plugins(session: Session, root: Command, *, offers: bool) -> None:
    """Add a command for each plugin that has one (``loadCLIPlugins``).

    Args:
        session: Knows where plugins are.
        root: The command to add to.
        offers: Whether what plugins describe for completion is read as well.
    """
    from pilothouse.errors import PilothouseError
    from pilothouse.plugins.discovery import find_plugins
    from pilothouse.plugins.manifest import CLI

    try:
        found = find_plugins(plugins_directory(session.environment), session.reporter, kind=CLI)
    except PilothouseError as error:
        session.reporter.report("error", "failed to load plugins", error=error.message)
        return
    names = {child.name for child in root.children}
    for plugin in found:
        if session.generation == 4:  # to look for conflicts, Helm 4 asks Cobra for its commands, which sorts them
            root.children.sort(key=lambda child: child.name)
        command = _command(session, plugin)
        if command.name in names:
            session.reporter.report("error", "failed to load plugins: name conflicts", name=command.name)
            return
        names.add(command.name)
        if offers:
            _describe(session, plugin, command)
        command.parent = root
        root.children.append(command)


def _command(session: Session, plugin: Plugin) -> Command:
    from pilothouse.golang.quoting import quote

    manifest = plugin.manifest

    def run(invocation: Invocation) -> None:
        from pilothouse.plugins.run import run_command

        unknown = _settled(session, invocation)
        variables = plugin_variables(session)

        def work(host: str) -> None:
            session.streams.out.flush()
            run_command(plugin, unknown, {**variables, "TILLER_HOST": host} if host else variables, session.reporter)

        if session.generation == 2 and manifest.use_tunnel:
            from pilothouse.cli.tiller_tunnel import with_tunnel

            with_tunnel(session, work)
        else:
            work("")

    return Command(
        manifest.usage or manifest.name,
        manifest.short or f"the {quote(manifest.name)} plugin",
        long=manifest.long,
        raw=True,
        run=run,
    )


def _settled(session: Session, invocation: Invocation) -> list[str]:
    """Take Helm's own flags out of a plugin's command line, settle them, and return the other words."""
    known, unknown = split_words(invocation.arguments, _TAKEN_2 if session.generation == 2 else _TAKEN)
    root = invocation.command
    while root.parent:
        root = root.parent
    parser = FlagParser(root.persistent, warn=session.streams.warn)
    parser.parse(known)
    session.settle(Invocation(invocation.command, unknown, parser.values, parser.changed, invocation.streams))
    return unknown


def split_words(words: Sequence[str], taken: Sequence[str] = _TAKEN) -> tuple[list[str], list[str]]:
    """Return the words that are Helm's global flags and those that a plugin gets (``manuallyProcessArgs``)."""
    known: list[str] = []
    unknown: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in taken:
            known += words[position - 1 : position + 1]
            position += 1
        elif word == "--debug" or word.startswith(tuple(f"{name}=" for name in taken)):
            known.append(word)
        else:
            unknown.append(word)
    return known, unknown


def plugin_variables(session: Session) -> dict[str, str]:
    """Return the environment of a plugin's program: the caller's and what ``helm env`` prints."""
    from pilothouse.cli.variables import helm2_variables, variables

    if session.generation == 2:
        return {**session.environment.variables, **helm2_variables(session)}
    return {**session.environment.variables, **variables(session, namespace=session.namespace())}


def plugin_names(session: Session) -> Completer:
    """Return a completer of the names of installed plugins."""

    def complete(invocation: Invocation, _typed: str) -> tuple[list[str], int]:
        from pilothouse.errors import PilothouseError
        from pilothouse.plugins.discovery import find_plugins
        from pilothouse.plugins.manifest import CLI

        try:
            found = find_plugins(plugins_directory(session.environment), session.reporter, kind=CLI)
        except PilothouseError:
            return [], 4
        offers = [
            f"{plugin.name}\t{plugin.manifest.short}" for plugin in found if plugin.name not in invocation.arguments
        ]
        return offers, 4

    return complete


def _describe(session: Session, plugin: Plugin, command: Command) -> None:
    from pilothouse.plugins.completion import static_offers

    _grow(session, plugin, command, static_offers(plugin), ())


def _grow(session: Session, plugin: Plugin, command: Command, offers: Offers, path: tuple[str, ...]) -> None:
    """Add to a command what completion.yaml describes, and the question to the plugin where nothing is below it."""
    from pilothouse.plugins.completion import paired_flags

    command.options += [Option(long, "", BOOL, shorthand=short) for long, short in paired_flags(offers.flags)]
    command.complete = _completer(session, plugin, offers, path)
    for child in offers.commands or ():
        if not child.name:
            continue
        below = Command(child.name, raw=True, run=lambda _invocation: None)
        below.parent = command
        command.children.append(below)
        _grow(session, plugin, below, child, (*path, below.name))


def _completer(session: Session, plugin: Plugin, offers: Offers, path: tuple[str, ...]) -> Completer | None:
    """Return what offers arguments: those described, else what the plugin's program says."""

    def ask(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        from pilothouse.plugins.completion import dynamic_offers

        if offers.arguments and not typed.startswith("-"):
            return [word for word in offers.arguments if word.startswith(typed)], 4
        unknown = _settled(session, invocation)
        return dynamic_offers(plugin, path, unknown, typed, plugin_variables(session))

    return ask if offers.commands is None else None
