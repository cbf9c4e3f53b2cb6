"""The function that ``corpus/compare.py --inprocess corpus_adapter:run`` calls."""

from __future__ import annotations

import importlib

from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.progress import Event

#: Folder of the caches; none without the variable, so that every call compiles anew.
CACHE = Environment.of_process().get("PILOTHOUSE_CORPUS_CACHE")


def run(argv: list[str], cwd: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of ``helm`` with these arguments, as Helm 4.3.1."""
    return _run(argv, cwd, helm=4)


def run3(argv: list[str], cwd: str) -> tuple[int, str, str]:
    """Return the same as Helm 3.16.4."""
    return _run(argv, cwd, helm=3)


def _run(argv: list[str], cwd: str, *, helm: int) -> tuple[int, str, str]:
    log: list[Event] = []
    try:
        arguments = importlib.import_module("arguments")
        text = arguments.render(arguments.parse(argv[1:]), folder=cwd, helm=helm, cache_folder=CACHE, log=log)
    except PilothouseError as error:
        return 1, "", _warnings(log, helm) + f"Error: {error.message}\n"
    return 0, text, _warnings(log, helm)


def _warnings(log: list[Event], helm: int) -> str:
    from pilothouse.cli.logs import log_line

    lines = (log_line(event, generation=helm, debug=False) for event in log)
    return "".join(f"{line}\n" for line in lines if line)
