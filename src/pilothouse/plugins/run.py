"""Running the program of a plugin: commands, hooks, post-renderers and what fetches URLs (``RuntimeSubprocess``)."""

from __future__ import annotations

import os

from pilothouse.errors import reason_of
from pilothouse.golang.quoting import quote
from pilothouse.plugins.commands import prepared
from pilothouse.plugins.errors import PluginFailed, PluginInvalid
from pilothouse.plugins.manifest import WASM
from pilothouse.progress import SILENT, Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.plugins.discovery import Plugin
    from pilothouse.transport.access import Access


def run_command(
    plugin: Plugin, arguments: Sequence[str], variables: Mapping[str, str], reporter: Reporter = SILENT
) -> None:
    """Run the command of a plugin with the streams of this process.

    Args:
        plugin: Which plugin.
        arguments: What follows its name on the command line; nothing is handed on when it ignores flags.
        variables: Environment of the program.
        reporter: Hears what is run.

    Raises:
        PluginFailed: It ended with an error; the exit code is Helm's then.
    """
    if plugin.manifest.runtime == WASM:
        from pilothouse.plugins.wasm_messages import run_command as run_wasm

        run_wasm(plugin, arguments, variables)
        return
    own = variables_of(plugin, variables)
    extra = () if plugin.manifest.ignore_flags else arguments
    try:
        words = prepared(plugin.manifest.commands, extra, own)
    except PluginInvalid as error:
        raise error.prefixed("failed to prepare plugin command: ") from error
    reporter.debug("executing plugin command", pluginName=plugin.name, command=" ".join(words))
    code = _run(words, own)
    if code:
        told = {"pluginName": plugin.name, "error": f"exit status {code}", "exitCode": str(code), "stderr": ""}
        reporter.debug("plugin execution failed", **told)
        raise PluginFailed(f"plugin {quote(plugin.name)} exited with error", code)


def run_hook(plugin: Plugin, event: str, variables: Mapping[str, str]) -> None:
    """Run what a plugin wants to be run on an event: ``install``, ``update`` or ``delete`` (``InvokeHook``).

    Raises:
        PluginFailed: It ended with an error.
    """
    commands = plugin.manifest.hooks.get(event, ())
    if not commands:
        return
    own = variables_of(plugin, variables)
    words = prepared(commands, (), own, expand=plugin.manifest.expand_hooks)
    if _run(words, own):
        raise PluginFailed(f"plugin {event} hook for {quote(plugin.name)} exited with error")


def run_post_renderer(plugin: Plugin, manifests: str, arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """Return manifests as a plugin changed them (``runPostrenderer``).

    Raises:
        PluginFailed: It ended with an error, or returned nothing.
    """
    if plugin.manifest.runtime == WASM:
        from pilothouse.plugins.wasm_messages import run_post_renderer as run_wasm

        return run_wasm(plugin, arguments, variables)
    own = variables_of(plugin, variables)
    start = f"failed to invoke post-renderer plugin {quote(plugin.name)}: "
    try:
        words = prepared(plugin.manifest.commands, arguments, own)
    except PluginInvalid as error:
        raise error.prefixed(f"{start}failed to prepare plugin command: ") from error
    code, output, _ = captured(words, own, manifests)
    if code:
        raise PluginFailed(f"{start}plugin {quote(plugin.name)} exited with error")
    if not output.strip():
        raise PluginFailed(f"post-renderer {quote(plugin.name)} produced empty output")
    return output.decode("utf-8", "surrogateescape")


def run_getter(plugin: Plugin, url: str, access: Access, variables: Mapping[str, str]) -> bytes:
    """Return what a plugin fetches (``runGetter``).

    Raises:
        PluginFailed: It ended with an error.
    """
    if plugin.manifest.runtime == WASM:
        from pilothouse.plugins.wasm_messages import run_getter as run_wasm

        return run_wasm(plugin, url, access, variables)
    scheme = url.partition(":")[0].lower()
    own = {
        **variables_of(plugin, variables),
        "HELM_PLUGIN_USERNAME": access.username,
        "HELM_PLUGIN_PASSWORD": access.password,
        "HELM_PLUGIN_PASS_CREDENTIALS_ALL": "true" if access.pass_credentials else "false",
    }
    start = f"plugin {quote(plugin.name)} failed to invoke: "
    entry = next((entry for entry in plugin.manifest.protocol_commands if scheme in entry.protocols), None)
    if entry is None:
        raise PluginFailed(f"{start}no downloader found for protocol {quote(scheme)}")
    last = (access.cert_file, access.key_file, access.ca_file, url)
    words = prepared(entry.commands, last, own, expand=False)
    words[0] = os.path.join(plugin.folder, words[0])
    code, output, _ = captured(words, own, None, show_errors=True)
    if code:
        raise PluginFailed(f"{start}plugin {quote(plugin.name)} exited with error")
    return output


def variables_of(plugin: Plugin, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a plugin's program."""
    return {**variables, "HELM_PLUGIN_NAME": plugin.name, "HELM_PLUGIN_DIR": plugin.folder}


def captured(
    words: Sequence[str], variables: Mapping[str, str], given: str | None, *, show_errors: bool = False
) -> tuple[int, bytes, bytes]:
    """Run a program on some input and return its exit code, output and error output.

    Raises:
        PluginFailed: It cannot be started.
    """
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - running programs is what plugins are for
            [_found(words[0], variables), *words[1:]],
            input=None if given is None else given.encode("utf-8", "surrogateescape"),
            stdin=subprocess.DEVNULL if given is None else None,
            stdout=subprocess.PIPE,
            stderr=None if show_errors else subprocess.PIPE,
            env=dict(variables),
            check=False,
        )
    except OSError as error:
        raise _unstarted(words[0], error) from error
    return _code(done.returncode), done.stdout, done.stderr or b""


def _run(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program with the streams of this process and return its exit code."""
    import subprocess

    try:
        with (
            subprocess.Popen(  # noqa: S603 - running programs is what plugins are for
                [_found(words[0], variables), *words[1:]], env=dict(variables)
            ) as process
        ):
            while True:
                try:
                    return _code(process.wait())
                except KeyboardInterrupt:
                    continue  # the program got the signal as well and decides
    except OSError as error:
        raise _unstarted(words[0], error) from error


def _code(code: int) -> int:
    return code if code >= 0 else 255  # Go reports -1 for a program that a signal ended, which the system cuts to 255


def _found(program: str, variables: Mapping[str, str]) -> str:
    """Return the path of a program, looked up in the caller's ``PATH``; never in the current folder by accident."""
    import shutil

    if os.path.dirname(program):
        return program
    found = shutil.which(program, path=variables.get("PATH", ""))
    if found is None:
        raise PluginFailed(f"exec: {quote(program)}: executable file not found in $PATH")
    return found


def _unstarted(program: str, error: OSError) -> PluginFailed:
    return PluginFailed(f"fork/exec {program}: {reason_of(error)}")
