"""Version constraints as Helm reads them: github.com/Masterminds/semver, ``NewConstraint``.

::

    constraints = group *("||" group)               any group suffices
    group       = comparison *((" " / ",") comparison)   all comparisons hold
    comparison  = [operator] version                version may miss parts or have x, X, * in their place
    range       = version " - " version             stands for ">= a, <= b"

Release 3.5.0 (Helm 4) lets one pre-release in a group admit pre-releases for the whole group; 3.3.0 (Helm 3) asks it
of each comparison. ``helm=3`` chooses the older rules and texts.
"""

from __future__ import annotations

from pilothouse.semver.errors import InvalidConstraint, InvalidVersion
from pilothouse.semver.versions import Scanned, Version, compare_prereleases, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Kept as loose as the original, whose character class also takes a vertical bar.
_NUMERALS = frozenset("0123456789xX*|")
_BLANKS = "\t\n\f\r "
_OPERATORS = ("!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^")
_LONGEST_VERSION = 512
_WILDCARDS = frozenset(("x", "X", "*", ""))


class Constraints:
    """A parsed constraint that versions can be checked against."""

    __slots__ = ("_groups", "_helm")

    def __init__(self, groups: list[list[Comparison]], *, helm: int = 4) -> None:
        self._groups = groups
        self._helm = helm

    @classmethod
    def parse(cls, text: str, *, helm: int = 4) -> Constraints:
        """Read a constraint (``NewConstraint``)."""
        groups = []
        for group in _rewrite_ranges(text).split("||"):
            found = _split_group(group)
            if found is None:
                shown = _quoted(group) if helm >= 4 else group
                raise InvalidConstraint(f"improper constraint: {shown}", text=text)
            groups.append([Comparison(operator, version, parts, helm) for operator, version, parts in found])
        return cls(groups, helm=helm)

    def check(self, version: Version) -> bool:
        """Return whether ``version`` satisfies the constraint."""
        for group in self._groups:
            admitted = self._admitted(group)
            if self._helm < 4:
                # Release 3.3.0 looks at pre-releases in a != of a complete version.
                admitted = [a or (c.operator == "!=" and not c.any_part) for a, c in zip(admitted, group, strict=True)]
            if not any(comparison.refuse(version, admits) for comparison, admits in zip(group, admitted, strict=True)):
                return True
        return False

    def validate(self, version: Version) -> tuple[bool, list[str]]:
        """Return whether ``version`` satisfies the constraint, and if not why (``Validate``)."""
        reasons: list[str] = []
        told = False
        for group in self._groups:
            joy = True
            for comparison, admits in zip(group, self._admitted(group), strict=True):
                if version.prerelease and not admits:
                    if not told:
                        reasons.append(_reason(_RELEASES_ONLY, str(version), comparison.text, self._helm))
                        told = True
                    joy = False
                    continue
                reason = comparison.refuse(version, admits)
                if reason:
                    reasons.append(_reason(reason, str(version), comparison.text, self._helm))
                    joy = False
            if joy:
                return True, []
        return False, reasons

    def _admitted(self, group: list[Comparison]) -> list[bool]:
        """Return for each comparison of a group whether it may look at pre-releases."""
        if self._helm >= 4:
            any_prerelease = any(comparison.version.prerelease for comparison in group)
            return [any_prerelease] * len(group)
        return [bool(comparison.version.prerelease) for comparison in group]

    def __str__(self) -> str:
        return " || ".join(" ".join(c.operator + c.text for c in group) for group in self._groups)

    def __repr__(self) -> str:
        return f"Constraints({str(self)!r})"


_RELEASES_ONLY = "%v is a prerelease version and the constraint is only looking for release versions"
_EQUAL = "%v is equal to %c"
_NOT_EQUAL = "%v is not equal to %c"
_AT_MOST = "%v is less than or equal to %c"
_AT_LEAST = "%v is greater than or equal to %c"
_LESS = "%v is less than %c"
_GREATER = "%v is greater than %c"
_OTHER_MAJOR = "%v does not have same major version as %c"
_OTHER_MINOR = "%v does not have same minor version as %c"
_OTHER_MAJOR_MINOR = "%v does not have same major and minor version as %c"
_MINORS_MUST_MATCH = _OTHER_MINOR + ". Expected minor versions to match when constraint major version is 0"
_MUST_EQUAL = "%v does not equal %c. Expect version and constraint to equal when major and minor versions are 0"


class Comparison:
    """One operator with one version, of which parts may be missing."""

    __slots__ = ("_test", "any_minor", "any_part", "any_patch", "operator", "text", "version")

    def __init__(self, operator: str, text: str, found: Scanned, helm: int) -> None:
        self.operator = operator
        self.text = text
        major, minor, patch = found.parts
        prerelease = f"-{found.prerelease}" if found.prerelease else ""
        self.any_part = self.any_minor = self.any_patch = False
        written = self.text
        if major in _WILDCARDS:
            written, self.any_part = f"0.0.0{prerelease}", True
        elif minor in _WILDCARDS:
            written, self.any_part, self.any_minor = f"{major}.0.0{prerelease}", True, True
        elif patch in _WILDCARDS:
            written, self.any_part, self.any_patch = f"{major}.{minor}.0{prerelease}", True, True
        try:
            self.version = Version.parse(written)
        except InvalidVersion:
            message = "constraint parser error" if helm >= 4 else "constraint Parser Error"
            raise InvalidConstraint(message, text=self.text) from None
        self._test = _TESTS[operator]

    def refuse(self, version: Version, admits: bool) -> str:  # noqa: FBT001 - a hot internal call
        """Return why ``version`` does not pass, as a text to fill in, or nothing if it does."""
        if version.prerelease and not admits:
            return _RELEASES_ONLY
        return self._test(self, version)


def _not_equal(own: Comparison, version: Version) -> str:
    bound = own.version
    if own.any_part:
        if bound.major != version.major or (bound.minor != version.minor and not own.any_minor):
            return ""
        if own.any_minor:
            return _EQUAL
        if bound.patch != version.patch and not own.any_patch:
            return ""
        if own.any_patch:
            if not version.prerelease and not bound.prerelease:
                return _EQUAL
            return "" if compare_prereleases(version.prerelease, bound.prerelease) else _EQUAL
    return _EQUAL if version == bound else ""


def _greater(own: Comparison, version: Version) -> str:
    bound = own.version
    if own.any_part and version.major != bound.major:
        return "" if version.major > bound.major else _AT_MOST
    if own.any_minor:
        return _AT_MOST
    if own.any_patch:
        return "" if version.minor > bound.minor else _AT_MOST
    return "" if version > bound else _AT_MOST


def _less(own: Comparison, version: Version) -> str:
    return "" if version < own.version else _AT_LEAST


def _greater_or_equal(own: Comparison, version: Version) -> str:
    return "" if version >= own.version else _LESS


def _less_or_equal(own: Comparison, version: Version) -> str:
    bound = own.version
    if not own.any_part:
        return "" if version <= bound else _GREATER
    if version.major > bound.major:
        return _GREATER
    if version.major == bound.major and version.minor > bound.minor and not own.any_minor:
        return _GREATER
    return ""


def _tilde(own: Comparison, version: Version) -> str:
    bound = own.version
    if version < bound:
        return _LESS
    # ~0.0.0 takes everything, as does a wildcard in the first place, which reads as 0.0.0.
    if not (bound.major or bound.minor or bound.patch or own.any_minor or own.any_patch):
        return ""
    if version.major != bound.major:
        return _OTHER_MAJOR
    if version.minor != bound.minor and not own.any_minor:
        return _OTHER_MAJOR_MINOR
    return ""


def _tilde_or_equal(own: Comparison, version: Version) -> str:
    if own.any_part:
        return _tilde(own, version)
    return "" if version == own.version else _NOT_EQUAL


def _caret(own: Comparison, version: Version) -> str:
    bound = own.version
    if version < bound:
        return _LESS
    if bound.major > 0 or own.any_minor or version.major > 0:
        return "" if version.major == bound.major else _OTHER_MAJOR
    if bound.minor > 0 or own.any_patch:
        return "" if version.minor == bound.minor else _MINORS_MUST_MATCH
    if version.minor > 0:
        return _OTHER_MINOR
    return "" if version.patch == bound.patch else _MUST_EQUAL


_TESTS: dict[str, Callable[[Comparison, Version], str]] = {
    "": _tilde_or_equal,
    "=": _tilde_or_equal,
    "!=": _not_equal,
    ">": _greater,
    "<": _less,
    ">=": _greater_or_equal,
    "=>": _greater_or_equal,
    "<=": _less_or_equal,
    "=<": _less_or_equal,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}


def _reason(template: str, version: str, constraint: str, helm: int) -> str:
    if helm >= 4:
        version, constraint = f'"{version}"', _quoted(constraint)
    return template.replace("%v", version).replace("%c", constraint)


def _rewrite_ranges(text: str) -> str:
    """Turn each ``a - b`` into two bounds, eating the blanks on both sides (``rewriteRange``)."""
    if not any(blank + "-" in text for blank in _BLANKS):
        return text
    import re

    parts: list[str] = []
    end = 0
    for dash in re.finditer(rf"(?<![{_BLANKS}])[{_BLANKS}]++-[{_BLANKS}]++", text):
        low = _version_before(text, end, dash.start())
        high = scan(text, dash.end(), _NUMERALS)
        if low and high:
            parts.append(text[end : dash.start() - len(low)].rstrip(_BLANKS))
            parts.append(f">= {low}, <= {text[dash.end() : high.end]} ")
            end = _skip_blanks(text, high.end)
    return "".join(parts) + text[end:]


def _version_before(text: str, start: int, end: int) -> str:
    """Return the longest version that ends at a place."""
    for position in range(max(start, end - _LONGEST_VERSION), end):
        found = scan(text, position, _NUMERALS)
        if found and found.end == end:
            return text[position:end]
    return ""


def _split_group(group: str) -> list[tuple[str, str, Scanned]] | None:
    """Return the operators and versions of a group of comparisons, or nothing if it is not well formed."""
    found: list[tuple[str, str, Scanned]] = []
    position, end = 0, len(group)
    while True:
        position = _skip_blanks(group, position)
        operator = next((sign for sign in _OPERATORS if group.startswith(sign, position)), "")
        start = _skip_blanks(group, position + len(operator))
        version = scan(group, start, _NUMERALS)
        if version is None:
            return None
        found.append((operator, group[start : version.end], version))
        position = _skip_blanks(group, version.end)
        if position == end:
            return found
        if group[position] == ",":
            position += 1
        elif position == version.end:
            return None


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANKS:
        position += 1
    return position


def _quoted(text: str) -> str:
    """Quote as Go's ``%q`` does what a constraint may hold."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    escapes = {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\t": "\\t",
        "\r": "\\r",
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\v": "\\v",
    }
    return '"' + "".join(escapes.get(char) or _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable():
        return char
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
