"""The values that a user gives on the command line (``cli/values.Options``)."""

from __future__ import annotations

import os

from pilothouse.progress import SILENT
from pilothouse.values.layers import ValueOptions, merge_user_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

__all__ = ["ValueOptions", "merged_values"]


def merged_values(
    options: ValueOptions,
    environment: Environment,
    *,
    read_input: Callable[[], bytes],
    reporter: Reporter = SILENT,
) -> dict[str, YamlValue]:
    """Return the values that files and flags give together.

    Args:
        options: Files and assignments.
        environment: Says what relative paths are relative to.
        read_input: Returns standard input, which the file ``-`` means.
        reporter: Hears what is fetched.

    Raises:
        PilothouseError: A file cannot be read or fetched, or an assignment is wrong.
    """

    def read_file(path: str) -> bytes:
        if path.strip() == "-":
            return read_input()
        if ":" in path:
            content = _fetched(path, environment, reporter)
            if content is not None:
                return content
        with open(os.path.join(environment.working_directory, path), "rb") as file:
            return file.read()

    return merge_user_values(options, read_file=read_file, helm=environment.generation)


def _fetched(path: str, environment: Environment, reporter: Reporter) -> bytes | None:
    """Return what is at a URL, nothing for a path or a URL of a scheme that nothing fetches."""
    from pilothouse.actions.sources import getters
    from pilothouse.errors import Invalid
    from pilothouse.golang.urls import UrlSyntaxError, parse
    from pilothouse.transport.access import Access

    try:
        scheme = parse(path).scheme
    except UrlSyntaxError as error:
        raise Invalid(str(error)) from error
    found = getters(environment, reporter=reporter)
    return found.get(path, Access(url=path)).data if found.supports(scheme) else None
