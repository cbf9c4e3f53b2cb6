"""One run of the command: where it was started, what it may print, and how it reaches the actions."""

from __future__ import annotations

import os

from pilothouse.cli.settings import Settings, settle, settle_helm2
from pilothouse.clock import Clock
from pilothouse.progress import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.context import Context
    from pilothouse.assembly import Assembly
    from pilothouse.cli.waiting_table import WaitingTable
    from pilothouse.commandline.command import Invocation
    from pilothouse.commandline.terminal import Streams
    from pilothouse.environment import Environment
    from pilothouse.progress import Event

#: Commands that print a chart, or what was made of one.
_DATA_COMMANDS = ("helm show", "helm template")


class Session:
    """What every command works with.

    Args:
        environment: What the process was started with.
        streams: Standard input, output and error.

    Attributes:
        generation: The Helm generation whose dialect is spoken: 2, 3 or 4.
        clock: Time and waiting.
        colour: Whether output is coloured.
        data_output: Whether what the command prints is data, among which nothing else may stand.
        settings: What the global flags settled; the defaults until a command was understood.
    """

    __slots__ = (
        "_waiting",
        "clock",
        "colour",
        "data_output",
        "environment",
        "generation",
        "reporter",
        "settings",
        "streams",
    )

    def __init__(self, environment: Environment, streams: Streams) -> None:
        self.environment = environment
        self.streams = streams
        self.clock = Clock()
        self.generation = environment.generation
        self.colour = False
        self.data_output = False
        self.settings = Settings()
        self.reporter = Reporter(self._log, watched=streams.err.terminal and environment.get("TERM") != "dumb")
        self._waiting: WaitingTable | None = None

    def runs(self, function: Callable[[Session, Invocation], None]) -> Callable[[Invocation], None]:
        """Return ``function`` as the ``run`` of a command of this session."""

        def run(invocation: Invocation) -> None:
            self.settle(invocation)
            function(self, invocation)

        # functools.wraps has this convention; importing it costs start-up time
        run.__wrapped__ = function  # type: ignore[attr-defined]
        return run

    def settle(self, invocation: Invocation) -> None:
        """Take the values of the global flags."""
        if self.generation == 2:
            self.settings = settle_helm2(invocation.values, self.environment)
        else:
            self.settings = settle(invocation.values)
        self.data_output = invocation.command.path.startswith(_DATA_COMMANDS)

    def assembly(self) -> Assembly:
        """Return what builds contexts for the cluster that the settings name."""
        from pilothouse.assembly import Assembly, Overrides

        chosen = self.settings
        overrides = Overrides(
            kubeconfig=chosen.kubeconfig,
            context=chosen.kube_context,
            namespace=chosen.namespace,
            server=chosen.kube_apiserver,
            token=chosen.kube_token,
            as_user=chosen.kube_as_user,
            as_groups=chosen.kube_as_groups,
            ca_file=chosen.kube_ca_file,
            insecure=chosen.kube_insecure_skip_tls_verify,
            tls_server_name=chosen.kube_tls_server_name,
            qps=chosen.qps,
            burst=chosen.burst_limit,
        )
        return Assembly(self.environment, overrides, sandbox=chosen.sandbox, reporter=self.reporter)

    def context(self) -> Context:
        """Return the ports of the release actions for the cluster and namespace that the settings name."""
        return self.assembly().context()

    def namespace(self) -> str:
        """Return the namespace of the request: flag, variable or the kubeconfig context's."""
        if self.settings.namespace:
            return self.settings.namespace
        if not self._may_name_namespace():
            return "default"
        return self.assembly().namespace

    def kubeconfig(self) -> str:
        """Return the path of the kubeconfig that is meant, empty for the usual ones; nothing is started."""
        if self.settings.sandbox:
            return os.path.join(self.environment.sandbox_home, "kubeconfig")
        return self.settings.kubeconfig

    def _may_name_namespace(self) -> bool:
        """Return whether anything but the flag can choose a namespace, without loading what reads it."""
        environment, chosen = self.environment, self.settings
        named = chosen.kubeconfig or environment.get("KUBECONFIG")
        paths = named.split(os.pathsep) if named else [os.path.join(environment.home, ".kube", "config")]
        inside = environment.get("KUBERNETES_SERVICE_HOST") != ""
        return chosen.sandbox or inside or any(os.path.exists(path) for path in paths)

    def read_input(self) -> bytes:
        """Return all of standard input."""
        return self.streams.input.read() if self.streams.input else b""

    def warn(self, text: str, **fields: str) -> None:
        """Show a warning in the way of the generation."""
        self.reporter.report("warning", text, **fields)

    def registry_line(self, line: str) -> None:
        """Print a line about a registry: with Helm 3, or beside output that is data, on standard error."""
        if self.generation == 3 or self.data_output:
            self.streams.warn(line)
        else:
            self.streams.out.line(line)

    def clear_waiting(self) -> None:
        """Take the table of a wait away, if there is one."""
        if self._waiting is not None:
            self._waiting.clear()

    def _show_waiting(self, event: Event) -> None:
        """Show how objects are that are waited for: a table on a terminal, else lines for ``--debug``."""
        from pilothouse.cli.waiting_table import WaitingTable, plain_text

        if self.reporter.watched and not self.settings.debug:
            if self._waiting is None:
                self._waiting = WaitingTable(self.streams.err, self.clock, colour=self.colour)
            self._waiting.show(event)
        elif self.settings.debug:
            self.reporter.debug(event.message, objects=plain_text(event))

    def _log(self, event: Event) -> None:
        if event.objects:
            self._show_waiting(event)
            return
        self.clear_waiting()
        if event.kind == "registry":
            self.registry_line(event.message)
            return
        if event.kind == "debug" and not self.settings.debug:
            return
        from pilothouse.cli.logs import log_line

        line = log_line(event, generation=self.generation, debug=self.settings.debug)
        if line:
            self.streams.warn(line)
