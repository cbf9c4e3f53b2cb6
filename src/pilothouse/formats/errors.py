"""Errors of reading and writing text formats.

::

    Invalid
    └── FormatError   text of some format is wrong, at a line and column
        ├── YamlError
        ├── JsonError
        └── TomlError
"""

from __future__ import annotations

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue


class FormatError(Invalid):
    """Text that does not follow its format.

    Attributes:
        line: Line of the problem, from 1; 0 when it has no place.
        column: Column of the problem, from 1; 0 when it has no place.
    """

    reference = "format"

    def __init__(self, message: str, line: int = 0, column: int = 0, *, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=hints)
        self.line = line
        self.column = column


class YamlError(FormatError):
    """Text that is no YAML, or no value that YAML can show; ``message`` is the one of ``sigs.k8s.io/yaml``."""

    reference = "yaml"


class JsonError(FormatError):
    """Text that is no JSON, or no value that JSON can show; ``message`` is the one of ``encoding/json``.

    Attributes:
        partial: What Go had decoded all the same when only a number was out of range, else None.
        kind: What kind of value that is, in the words of ``encoding/json``; empty if the text is no JSON.
    """

    reference = "json"
    partial: YamlValue = None
    kind = ""


class TomlError(FormatError):
    """Text that is no TOML, or no value that TOML can show; ``message`` is the one of ``BurntSushi/toml``."""

    reference = "toml"
