"""Versions and constraints in templates."""

from __future__ import annotations

from functools import lru_cache

from pilothouse.golang.functions import NIL_POINTER, Function, FunctionError
from pilothouse.golang.kinds import Uint64
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import SemverError
from pilothouse.semver.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import GoValue
    from pilothouse.sprig.settings import Settings

_POINTER = "*semver.Version"


class VersionPointer:
    """Go's ``*semver.Version``: a version with the methods that templates can call."""

    __slots__ = ("helm", "version")

    go_type = _POINTER
    go_kind = "ptr"
    go_fields = {
        "major": "major",
        "minor": "minor",
        "patch": "patch",
        "pre": "prerelease",
        "metadata": "metadata",
        "original": "original",
    }
    go_methods: dict[str, Function] = {}

    def __init__(self, version: Version, helm: int) -> None:
        self.version = version
        self.helm = helm

    def __getattr__(self, name: str) -> GoValue:
        """Return a part of the version, for printing."""
        part = getattr(self.version, name)
        return Uint64(part) if isinstance(part, int) else part

    def go_json(self) -> str:
        """Return how JSON shows the version."""
        return str(self.version)

    def __str__(self) -> str:
        return str(self.version)

    def deep_equals(self, other: VersionPointer) -> bool:
        """Return whether all parts and the original text are the same; ``==`` compares pointers."""
        return str(self) == str(other) and self.version.original == other.version.original


class VersionValue(VersionPointer):
    """Go's ``semver.Version``, which the methods that make new versions return."""

    __slots__ = ()

    go_type = "semver.Version"
    go_kind = "struct"

    def __eq__(self, other: object) -> bool:
        """Return whether all parts and the original text are the same."""
        return isinstance(other, VersionValue) and self.deep_equals(other)

    def __hash__(self) -> int:
        return hash(str(self))


def semver(settings: Settings, text: str) -> VersionPointer:
    """Read a version."""
    return VersionPointer(_version(text, settings.helm), settings.helm)


def semver_compare(settings: Settings, constraint: str, text: str) -> bool:
    """Return whether a version satisfies a constraint."""
    parsed = _constraint(constraint, settings.helm)
    return parsed.check(_version(text, settings.helm))


@lru_cache(maxsize=512)
def _constraint(text: str, helm: int) -> Constraints:
    try:
        return Constraints.parse(text, helm=helm)
    except SemverError as error:
        raise FunctionError(error.message) from None


@lru_cache(maxsize=512)
def _version(text: str, helm: int) -> Version:
    try:
        return Version.parse(text, helm=helm)
    except SemverError as error:
        raise FunctionError(error.message) from None


def _getter(name: str) -> Function:
    return Function(lambda own: getattr(own.version, name))


def _number(name: str) -> Function:
    return Function(lambda own: Uint64(getattr(own.version, name)))


def _compare(own: VersionPointer, other: VersionPointer | None) -> int:
    if other is None:
        raise FunctionError(NIL_POINTER)
    return own.version.compare(other.version)


def _comparison(test: Callable[[int], bool]) -> Function:
    return Function(lambda own, other: test(_compare(own, other)), _POINTER)


def _change(method: Callable[..., Version], params: str = "") -> Function:
    def call(own: VersionPointer, *arguments: str) -> VersionValue:
        options = {"helm": own.helm} if params else {}
        try:
            return VersionValue(method(own.version, *arguments, **options), own.helm)
        except SemverError as error:
            raise FunctionError(error.message) from None

    return Function(call, params)


VersionPointer.go_methods = {
    "Compare": Function(_compare, _POINTER),
    "Equal": _comparison(lambda order: order == 0),
    "GreaterThan": _comparison(lambda order: order > 0),
    "GreaterThanEqual": _comparison(lambda order: order >= 0),
    "IncMajor": _change(Version.next_major),
    "IncMinor": _change(Version.next_minor),
    "IncPatch": _change(Version.next_patch),
    "LessThan": _comparison(lambda order: order < 0),
    "LessThanEqual": _comparison(lambda order: order <= 0),
    "Major": _number("major"),
    "MarshalJSON": Function(lambda own: f'"{own}"'.encode()),
    "MarshalText": Function(lambda own: str(own).encode()),
    "Metadata": _getter("metadata"),
    "Minor": _number("minor"),
    "Original": _getter("original"),
    "Patch": _number("patch"),
    "Prerelease": _getter("prerelease"),
    "SetMetadata": _change(Version.with_metadata, "string"),
    "SetPrerelease": _change(Version.with_prerelease, "string"),
    "String": Function(str),
}
VersionPointer.go_methods["Value"] = VersionPointer.go_methods["String"]
# Methods of a pointer that a plain value in an interface does not have.
_POINTER_ONLY = frozenset(
    ("Compare", "Equal", "GreaterThan", "GreaterThanEqual", "LessThan", "LessThanEqual", "Original")
)
VersionValue.go_methods = {
    name: method for name, method in VersionPointer.go_methods.items() if name not in _POINTER_ONLY
}
