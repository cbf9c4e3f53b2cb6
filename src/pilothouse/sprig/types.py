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


class PlainMap(_Map):
    """What Go makes of a named map, such as ``.Values``, that is given to a parameter of the unnamed type.

    It is the same map without its methods: ``twin`` is the original, and what changes one changes the other.
    """

    __slots__ = ("twin",)
    go_type = "map[string]interface {}"
    go_kind = "map"

    def __init__(self, twin: GoValue) -> None:
        super().__init__(twin)
        self.twin = twin

    @staticmethod
    def of(mapping: GoValue) -> GoValue:
        """Return ``mapping`` as a function with a parameter of the unnamed type returns it."""
        if type(mapping) is dict or getattr(type(mapping), "go_underlying", "") != PlainMap.go_type:
            return mapping
        plain = mapping.twin
        if plain is None:
            plain = mapping.twin = PlainMap(mapping)
        else:
            update_twin(mapping)
        return plain


def update_twin(mapping: GoValue) -> None:
    """Carry what was changed in a map over to its other form, if it has one."""
    twin = getattr(mapping, "twin", None)
    if twin is not None:
        twin.clear()
        twin.update(mapping)
