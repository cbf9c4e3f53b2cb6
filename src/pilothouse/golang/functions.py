"""Functions that templates can call: a Python callable with the signature Go's reflection would see."""

from __future__ import annotations

from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import GoValue


#: What Go panics with where a nil pointer is followed.
NIL_POINTER = "runtime error: invalid memory address or nil pointer dereference"


class FunctionError(PilothouseError):
    """What a Go template function returns as its error, or panics with; ``message`` is the Go text."""

    reference = "template-function"


class Function:
    """One function of a template set.

    Args:
        call: Takes the arguments as Go values and returns a Go value; raises :class:`FunctionError`.
        params: Go types of the parameters, separated by commas: ``"string, int"``, ``"string, ...interface {}"``.
            The caller has checked and converted the arguments as ``text/template``'s ``evalArg`` does.
        role: ``""`` for ordinary functions; ``"include"`` marks the function that executes a template by name
            (its compiled form may call the template directly), ``"context"`` functions are handed the running
            execution as their first Python argument, which ``params`` does not count.
        result: Go type of the result where it is fixed and the compiler can use it (``"string"``), else empty. Several
            types, separated by commas, are a method that no template can call.
    """

    __slots__ = ("call", "params", "result", "role", "signature", "variadic")

    def __init__(self, call: Callable[..., GoValue], params: str = "", *, role: str = "", result: str = "") -> None:
        self.call = call
        names = [name.strip() for name in params.split(",")] if params else []
        self.variadic = ""
        if names and names[-1].startswith("..."):
            self.variadic = names.pop()[3:]
        self.params = tuple(names)
        self.role = role
        self.result = result
        #: What compiled templates depend on: they stay valid for another function of equal signature.
        self.signature = f"{params} {role} {result}"
