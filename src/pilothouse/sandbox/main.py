"""The sandbox's command line: ``python -m pilothouse.sandbox start|stop|status|reset|kubeconfig|serve``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError, reason_of
from pilothouse.sandbox import control
from pilothouse.sandbox.home import Home

_COMMANDS = {
    "start": "start the server unless it runs, and print the kubeconfig's path",
    "stop": "stop the server; what it keeps stays",
    "status": "tell whether the server runs",
    "reset": "stop the server and remove everything it kept",
    "kubeconfig": "print the kubeconfig's path",
    "serve": "serve in the foreground",
}


def main(arguments: Sequence[str], environment: Environment) -> int:
    """Carry out a command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pilothouse.sandbox", description="A small Kubernetes for trying out"
    )
    parser.add_argument("command", choices=_COMMANDS, help="; ".join(f"{k}: {v}" for k, v in _COMMANDS.items()))
    parser.add_argument("--home", default=environment.sandbox_home, help="folder of the sandbox")
    parser.add_argument(
        "--port", type=int, default=0, help="port on loopback (default: that of last time, or a free one)"
    )
    options = parser.parse_args(arguments)
    try:
        return _run(options.command, options.home, options.port)
    except PilothouseError as error:
        sys.stderr.write(f"Error: {error.message}\n")
        for hint in error.hints:
            sys.stderr.write(f"hint: {hint}\n")
    except OSError as error:
        if error.filename:
            sys.stderr.write(f"Error: the sandbox cannot use {error.filename}: {reason_of(error)}\n")
            sys.stderr.write("hint: PILOTHOUSE_SANDBOX_HOME says in which folder its files are\n")
        else:
            sys.stderr.write(f"Error: the sandbox: {reason_of(error)}\n")
    return 1


def _run(command: str, folder: str, port: int) -> int:
    if command == "serve":
        from pilothouse.sandbox.serving import serve

        serve(Home(folder=folder), Clock(), port=port)
    elif command == "start":
        sys.stdout.write(control.start(folder, port=port).kubeconfig + "\n")
    elif command == "stop":
        control.stop(folder)
    elif command == "reset":
        control.reset(folder)
    elif command == "kubeconfig":
        sys.stdout.write(Home(folder=folder).kubeconfig + "\n")
    else:
        found = control.status(folder)
        if not found.running:
            sys.stdout.write("stopped\n")
            return 3
        sys.stdout.write(f"running, process {found.pid}, https://127.0.0.1:{found.port}\n")
    return 0
