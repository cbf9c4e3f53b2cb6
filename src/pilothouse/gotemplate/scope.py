"""The variables of a template function: a stack, as ``text/template``'s execution keeps one."""

from __future__ import annotations

#: What is known about how Go holds a value: dug out of its interface (or absent), or still inside an interface.
#: A third case is the name of a Python local that holds the container whose element it is.
DUG = "False"
INTERFACE = "True"


class Variable:
    """A template variable: its name there, the Python local that stands for it, and how Go holds its value."""

    __slots__ = ("known", "name", "python")

    def __init__(self, name: str, python: str, known: str = DUG) -> None:
        self.name = name
        self.python = python
        self.known = known


class Scope:
    """Variables in the order of their declaration, and fresh names for Python locals."""

    __slots__ = ("_count", "_variables")

    def __init__(self, root: str) -> None:
        self._variables = [Variable("$", root)]
        self._count = 0

    @property
    def count(self) -> int:
        """The number of the newest name."""
        return self._count

    def fresh(self, prefix: str) -> str:
        """A Python name that no other value of the function has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def declare(self, name: str, known: str = DUG) -> Variable:
        """Push a variable; an older one of the same name is hidden until ``release``."""
        variable = Variable(name, self.fresh("v"), known)
        self._variables.append(variable)
        return variable

    def find(self, name: str) -> Variable | None:
        """The youngest variable of that name."""
        for variable in reversed(self._variables):
            if variable.name == name:
                return variable
        return None

    def mark(self) -> int:
        """The height of the stack."""
        return len(self._variables)

    def release(self, mark: int) -> None:
        """Forget the variables declared since ``mark``."""
        del self._variables[mark:]
