"""One run of the command: where it was started, what it may print, and how it reaches the actions."""

from __future__ import annotations

from pilothouse.cli.settings import Settings, settle
from pilothouse.progress import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.context import Context
    from pilothouse.commandline.command import Invocation
    from pilothouse.commandline.terminal import Streams
    from pilothouse.environment import Environment
    from pilothouse.progress import Event


class Session:
    """What every command works with.

    Args:
        environment: What the process was started with.
        streams: Standard input, output and error.

    Attributes:
        generation: The Helm generation whose texts are printed, 3 or 4.
        colour: Whether output is coloured.
        settings: What the global flags settled; the defaults until a command was understood.
    """

    __slots__ = ("colour", "environment", "generation", "reporter", "settings", "streams")

    def __init__(self, environment: Environment, streams: Streams) -> None:
        self.environment = environment
        self.streams = streams
        self.generation = environment.compatibility
        self.colour = False
        self.settings = Settings()
        self.reporter = Reporter(self._log)

    def runs(self, function: Callable[[Session, Invocation], None]) -> Callable[[Invocation], None]:
        """Return ``function`` as the ``run`` of a command of this session."""

        def run(invocation: Invocation) -> None:
            self.settle(invocation)
            function(self, invocation)

        return run

    def settle(self, invocation: Invocation) -> None:
        """Take the values of the global flags."""
        self.settings = settle(invocation.values)

    def context(self, *, all_namespaces: bool = False) -> Context:
        """Return the ports of the release actions for the cluster that the settings name."""
        from pilothouse.assembly import Assembly

        assembly = Assembly(self.environment, self.settings, reporter=self.reporter)
        return assembly.context(namespace="" if all_namespaces else None)

    def namespace(self) -> str:
        """Return the namespace of the request: flag, variable or the kubeconfig context's."""
        if self.settings.namespace:
            return self.settings.namespace
        from pilothouse.assembly import Assembly

        return Assembly(self.environment, self.settings, reporter=self.reporter).namespace()

    def warn(self, text: str, **fields: str) -> None:
        """Show a warning in the way of the generation."""
        self.reporter.report("warning", text, **fields)

    def _log(self, event: Event) -> None:
        from pilothouse.cli.diagnostics import log_line

        line = log_line(event, generation=self.generation, debug=self.settings.debug)
        if line:
            self.streams.warn(line)
