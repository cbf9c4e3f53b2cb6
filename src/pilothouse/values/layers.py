"""The layers of a user's values: files and the ``--set`` family, in Helm's order (``values.Options.MergeValues``)."""

from __future__ import annotations

from pilothouse.charts.load import load_values, merge_maps
from pilothouse.errors import PilothouseError, read_fault
from pilothouse.formats.errors import YamlError
from pilothouse.records import Record
from pilothouse.values.errors import ValuesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import YamlValue


class ValueOptions(Record):
    """What a command line says about values, each group in its order.

    Attributes:
        files: Arguments of ``-f``: paths, URLs, or ``-`` for standard input.
        json: Arguments of ``--set-json``.
        assignments: Arguments of ``--set``.
        strings: Arguments of ``--set-string``.
        file_contents: Arguments of ``--set-file``.
        literals: Arguments of ``--set-literal``.
    """

    files: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    file_contents: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()


def merge_user_values(
    options: ValueOptions, *, read_file: Callable[[str], bytes], helm: int = 4
) -> dict[str, YamlValue]:
    """Return the values that the options give together; later layers win.

    Args:
        options: Files and assignments.
        read_file: Returns what a path, a URL or ``-`` names; it raises a PilothouseError or an OSError.
        helm: Whose rules, 3 or 4.

    Raises:
        ValuesError: A file or an assignment is wrong; the message is Helm's.
    """
    values: dict[str, YamlValue] = {}
    for path in options.files:
        values = merge_maps(values, _file(path, read_file, helm))
    if options.json:
        values = _json_layer(values, options.json, helm)
    if options.assignments or options.strings or options.file_contents or options.literals:
        _assignment_layers(values, options, read_file, helm)
    return values


def _file(path: str, read_file: Callable[[str], bytes], helm: int) -> dict[str, YamlValue]:
    """Read one values file."""
    data = _read(path, read_file)
    try:
        return load_values(data, helm=helm)
    except YamlError as error:
        raise ValuesError(f"failed to parse {path}: {error.message}") from error


def _read(path: str, read_file: Callable[[str], bytes]) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise ValuesError(read_fault(error, path)) from error


def _json_layer(values: dict[str, YamlValue], arguments: tuple[str, ...], helm: int) -> dict[str, YamlValue]:
    """Apply ``--set-json``: assignments, or in Helm 4 a whole object that is merged."""
    from pilothouse.values.assignments import assign_json

    for argument in arguments:
        trimmed = argument.strip()
        if helm >= 4 and trimmed.startswith("{"):
            from pilothouse.formats.json_text import decode_mapping

            try:
                values = merge_maps(values, decode_mapping(trimmed))
            except PilothouseError as error:
                raise ValuesError(f"failed parsing --set-json data JSON: {argument}") from error
            continue
        try:
            assign_json(argument, values, helm=helm)
        except PilothouseError as error:
            raise ValuesError(f"failed parsing --set-json data {argument}") from error
    return values


def _assignment_layers(
    values: dict[str, YamlValue], options: ValueOptions, read_file: Callable[[str], bytes], helm: int
) -> None:
    """Apply the other flags of the family, group by group."""
    from pilothouse.values.assignments import assign, assign_files, assign_literal, assign_strings

    def read(path: str) -> str:
        return _read(path, read_file).decode("utf-8", "surrogateescape")

    def assign_contents(argument: str, into: dict[str, YamlValue], *, helm: int) -> None:
        assign_files(argument, into, read, helm=helm)

    groups = (
        ("--set", options.assignments, assign),
        ("--set-string", options.strings, assign_strings),
        ("--set-file", options.file_contents, assign_contents),
        ("--set-literal", options.literals, assign_literal),
    )
    for flag, arguments, apply in groups:
        for argument in arguments:
            try:
                apply(argument, values, helm=helm)
            except PilothouseError as error:
                raise ValuesError(f"failed parsing {flag} data: {error.message}") from error
