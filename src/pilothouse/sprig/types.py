"""Go types that only sprig functions return."""

from __future__ import annotations

from pilothouse.golang.kinds import StringList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

    _Values = list[GoValue]
    _Lists = list[list[GoValue]]
    _Map = dict[str, GoValue]
else:
    _Values = _Lists = list
    _Map = dict


class IntList(list[int]):
    """Go's ``[]int``."""

    __slots__ = ()
    go_type = "[]int"
    go_kind = "slice"
    go_element = "int"


class ListList(_Lists):
    """Go's ``[][]interface {}``."""

    __slots__ = ()
    go_type = "[][]interface {}"
    go_kind = "slice"
    go_element = "[]interface {}"


class NilList(_Values):
    """A nil ``[]interface {}``: an empty list that JSON and YAML write as null."""

    __slots__ = ()
    go_type = "[]interface {}"
    go_kind = "slice"
    go_nil = True

    def go_json(self) -> None:
        """Return how JSON shows it: as null."""


class NilStringList(StringList):
    """A nil ``[]string``."""

    __slots__ = ()
    go_nil = True

    def go_json(self) -> None:
        """Return how JSON shows it: as null."""


class NilMap(_Map):
    """A nil ``map[string]interface {}``."""

    __slots__ = ()
    go_type = "map[string]interface {}"
    go_kind = "map"
    go_nil = True

    def go_json(self) -> None:
        """Return how JSON shows it: as null."""
