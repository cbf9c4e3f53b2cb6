"""The values that a user gives on the command line (``cli/values.Options``)."""

from __future__ import annotations

import os

from pilothouse.errors import Unsupported
from pilothouse.values.layers import ValueOptions, merge_user_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue

__all__ = ["ValueOptions", "merged_values"]


def merged_values(
    options: ValueOptions, environment: Environment, *, read_input: Callable[[], bytes]
) -> dict[str, YamlValue]:
    """Return the values that files and flags give together.

    Args:
        options: Files and assignments.
        environment: Says what relative paths are relative to.
        read_input: Returns standard input, which the file ``-`` means.

    Raises:
        Unsupported: A file is named by a URL.
    """

    def read_file(path: str) -> bytes:
        if path.strip() == "-":
            return read_input()
        if "://" in path:
            raise Unsupported(f"{path}: values cannot be fetched from URLs yet; give a file")
        with open(os.path.join(environment.working_directory, path), "rb") as file:
            return file.read()

    return merge_user_values(options, read_file=read_file, helm=environment.compatibility)
