"""``helm completion``: the scripts that teach a shell to complete Helm's commands."""

from __future__ import annotations

from pilothouse.cli.offers import no_more
from pilothouse.commandline.command import Command, no_arguments
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Prints a script for a shell; once the shell has read it, the tab key completes
Helm's commands, flags and arguments.
"""
_HOW = {
    "bash": """
Completes Helm's commands in bash. In the shell that runs now:

    source <(helm completion bash)

In every shell that starts later:
- Linux:

      helm completion bash > /etc/bash_completion.d/helm

- macOS:

      helm completion bash > /usr/local/etc/bash_completion.d/helm
""",
    "zsh": """
Completes Helm's commands in zsh. In the shell that runs now:

    source <(helm completion zsh)

In every shell that starts later:

    helm completion zsh > "${fpath[1]}/_helm"
""",
    "fish": """
Completes Helm's commands in fish. In the shell that runs now:

    helm completion fish | source

In every shell that starts later:

    helm completion fish > ~/.config/fish/completions/helm.fish
""",
    "powershell": """
Completes Helm's commands in PowerShell. In the shell that runs now:

    PS C:\\> helm completion powershell | Out-String | Invoke-Expression

For shells that start later, put this line into the profile.
""",
}


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "completion",
        long=_LONG,
        children=[
            Command(
                shell,
                f"generate autocompletion script for {shell}",
                long=_HOW[shell],
                options=[Option("no-descriptions", "disable completion descriptions", BOOL)],
                validate=no_arguments,
                complete=no_more,
                run=session.runs(_printer(shell)),
            )
            for shell in ("bash", "zsh", "fish", "powershell")
        ],
    )


def _printer(shell: str) -> Callable[[Session, Invocation], None]:
    def run(session: Session, invocation: Invocation) -> None:
        from pilothouse.commandline.completion_scripts import completion_script

        script = completion_script(shell, "helm", described=not invocation.flag("no-descriptions"))
        session.streams.out.write(script)

    return run
