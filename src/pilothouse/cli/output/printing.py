"""Printing a result in the format that ``--output`` chose (``pkg/cli/output``)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.golang.kinds import YamlValue

    _Base = dict[str, YamlValue]
else:
    _Base = dict


class Fields(_Base):
    """A JSON object whose keys keep their order, as the fields of a Go struct do."""

    __slots__ = ()
    go_type = "struct"
    go_kind = "struct"


def show(session: Session, invocation: Invocation, *, table: Callable[[], str], data: Callable[[], YamlValue]) -> None:
    """Print a result.

    Args:
        session: Where to print.
        invocation: Holds the value of ``--output``.
        table: Returns the text for people, line feeds included.
        data: Returns the data for programs.
    """
    chosen = invocation.text("output") or "table"
    if chosen == "table":
        session.streams.out.write(table())
    elif chosen == "json":
        session.streams.out.write(json_text(data()))
    else:
        session.streams.out.write(yaml_text(data()))


def json_text(value: YamlValue) -> str:
    """Return one line of JSON (``output.EncodeJSON``)."""
    from pilothouse.formats.json_text import encode

    return encode(value) + "\n"


def yaml_text(value: YamlValue) -> str:
    """Return YAML with sorted keys (``output.EncodeYAML``)."""
    from pilothouse.formats.yaml_emitter import encode

    return encode(value)
