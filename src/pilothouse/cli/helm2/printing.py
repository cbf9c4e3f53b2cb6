"""Printing in the format that ``--output`` names, and what the messages of Tiller look like as data."""

from __future__ import annotations

from pilothouse.cli.output.printing import Fields, json_text, yaml_text
from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.hapi.messages import Message


class FormatUnknown(Invalid):
    """``--output`` names no format."""

    reference = "unknown-format"


def check_format(name: str) -> None:
    """Refuse a format that is neither a table nor JSON nor YAML.

    Raises:
        FormatUnknown: It is; the text is Helm's.
    """
    if name not in ("table", "json", "yaml"):
        raise FormatUnknown(f"unsupported format {name}")


def write(session: Session, output: str, *, table: Callable[[], str], data: Callable[[], YamlValue]) -> None:
    """Print a result (``write``).

    Args:
        session: Where to print.
        output: Name of the format.
        table: Returns the text for people, line feeds included.
        data: Returns the data for programs.

    Raises:
        FormatUnknown: There is no such format.
    """
    check_format(output)
    out = session.streams.out
    if output == "table":
        out.write(table())
    elif output == "json":
        out.write(json_text(data()))
    else:
        out.line(yaml_text(data()))


def document(message: Message) -> Fields:
    """Return a message as ``encoding/json`` shows the struct that golang/protobuf makes of it.

    Fields have the names of the definition and its order, empty ones are left out, enumerations are numbers.
    """
    found = Fields()
    for descriptor in message.DESCRIPTOR.fields:
        if descriptor.message_type is not None and not descriptor.is_repeated:
            if message.HasField(descriptor.name):
                found[descriptor.name] = document(getattr(message, descriptor.name))
            continue
        value = getattr(message, descriptor.name)
        if not value:
            continue
        found[descriptor.name] = _values(descriptor, value) if descriptor.is_repeated else _plain(value)
    return found


def _values(descriptor: Message, value: Message) -> YamlValue:
    kind = descriptor.message_type
    if kind is None:
        return [_plain(one) for one in value]
    if kind.GetOptions().map_entry:
        return {key: _plain(value[key]) for key in sorted(value)}
    return [document(one) for one in value]


def _plain(value: Message) -> YamlValue:
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    plain: YamlValue = value
    return plain
