"""Go values in Python: which Python type stands for which Go type, and what Go says about them.

========================  ==========================================
Go                        Python
========================  ==========================================
nil                       ``None``
bool                      ``bool``
string                    ``str`` (bytes that are no UTF-8 as surrogate escapes)
int                       ``int``
int64, uint8 …            a subclass of :class:`Sized`, such as :class:`Int64`
float64                   ``float``
complex128                ``complex``
[]byte                    ``bytes``
[]interface {}            ``list``
[]string …                a subclass of ``list`` with ``go_type``
map[string]interface {}   ``dict``
map[string]string …       a subclass of ``dict`` with ``go_type``
struct, pointer           any class with ``go_type`` and ``go_kind``
========================  ==========================================
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    GoValue = Any
    YamlValue = Any
else:
    GoValue = YamlValue = object


class Sized(int):
    """An integer of a Go type other than ``int``."""

    __slots__ = ()
    go_type = "int"
    go_kind = "int"


class Int64(Sized):
    """Go's ``int64``."""

    __slots__ = ()
    go_type = go_kind = "int64"


class StringList(list[str]):
    """Go's ``[]string``."""

    __slots__ = ()
    go_type = "[]string"
    go_kind = "slice"


class StringMap(dict[str, str]):
    """Go's ``map[string]string``."""

    __slots__ = ()
    go_type = "map[string]string"
    go_kind = "map"
