"""Semantic versions as Helm reads them: github.com/Masterminds/semver.

Helm 4 uses release 3.5.0 of that library and Helm 3.16 release 3.3.0. They accept the same versions and differ in
the texts of their errors, which ``helm=3`` chooses.
"""

from __future__ import annotations

from pilothouse.semver.errors import InvalidVersion

_MAX_SEGMENT = (1 << 64) - 1
_DIGITS = frozenset("0123456789")
_IDENTIFIER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789")

# The texts of release 3.5.0, and of 3.3.0 where those differ.
_TEXTS_3 = {
    "invalid semantic version": "Invalid Semantic Version",
    "version string empty": "Version string empty",
    "invalid characters in version": "Invalid characters in version",
    "version segment starts with 0": "Version segment starts with 0",
    "invalid metadata string": "Invalid Metadata string",
    "invalid prerelease string": "Invalid Prerelease string",
}


class Version:
    """One version: three numbers, a pre-release and build metadata.

    Versions are ordered by precedence, which leaves build metadata out, so two equal versions may print differently.
    """

    __slots__ = ("major", "metadata", "minor", "original", "patch", "prerelease")

    def __init__(
        self, major: int, minor: int, patch: int, *, prerelease: str = "", metadata: str = "", original: str = ""
    ) -> None:
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
        self.metadata = metadata
        self.original = original or str(self)

    @classmethod
    def parse(cls, text: str, *, helm: int = 4) -> Version:
        """Read a version leniently: a leading ``v``, missing parts and leading zeros are accepted (``NewVersion``)."""
        found = scan(text, 0, _DIGITS)
        if found is None or found.end != len(text):
            raise _invalid("invalid semantic version", text, helm)
        numbers = [_segment(part, text, helm) for part in found.parts]
        prerelease, metadata = found.prerelease, found.metadata
        _check_prerelease(prerelease, text, helm)
        return cls(*numbers, prerelease=prerelease, metadata=metadata, original=text)

    @classmethod
    def parse_strict(cls, text: str, *, helm: int = 4) -> Version:
        """Read a version that follows the specification to the letter (``StrictNewVersion``)."""
        if not text:
            raise _invalid("version string empty", text, helm)
        parts = text.split(".", 2)
        if len(parts) != 3:
            raise _invalid("invalid semantic version", text, helm)
        parts[2], plus, metadata = parts[2].partition("+")
        if plus:
            _check_metadata(metadata, text, helm)
        parts[2], dash, prerelease = parts[2].partition("-")
        if dash:
            if not prerelease and helm >= 4:
                raise _invalid("invalid prerelease string", text, helm)
            _check_prerelease(prerelease, text, helm)
        for part in parts:
            if not _DIGITS.issuperset(part):
                raise _invalid("invalid characters in version", text, helm)
            if len(part) > 1 and part[0] == "0":
                raise _invalid("version segment starts with 0", text, helm)
        numbers = [_unsigned(part, text) for part in parts]
        return cls(*numbers, prerelease=prerelease, metadata=metadata, original=text)

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease:
            text += "-" + self.prerelease
        return f"{text}+{self.metadata}" if self.metadata else text

    def __repr__(self) -> str:
        return f"Version({self.original!r})"

    def compare(self, other: Version) -> int:
        """Return -1, 0 or 1 as this version is lower than, equal to or higher than ``other``."""
        mine = (self.major, self.minor, self.patch)
        theirs = (other.major, other.minor, other.patch)
        if mine != theirs:
            return -1 if mine < theirs else 1
        if self.prerelease == other.prerelease:
            return 0
        if not self.prerelease:
            return 1
        if not other.prerelease:
            return -1
        return compare_prereleases(self.prerelease, other.prerelease)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.compare(other) == 0

    def __hash__(self) -> int:
        return hash((self.major, self.minor, self.patch, self.prerelease))

    def __lt__(self, other: Version) -> bool:
        return self.compare(other) < 0

    def __le__(self, other: Version) -> bool:
        return self.compare(other) <= 0

    def __gt__(self, other: Version) -> bool:
        return self.compare(other) > 0

    def __ge__(self, other: Version) -> bool:
        return self.compare(other) >= 0

    def next_major(self) -> Version:
        """Return the next major version, without pre-release and metadata (``IncMajor``)."""
        return self._next(self.major + 1, 0, 0, "major")

    def next_minor(self) -> Version:
        """Return the next minor version, without pre-release and metadata (``IncMinor``)."""
        return self._next(self.major, self.minor + 1, 0, "minor")

    def next_patch(self) -> Version:
        """Return the next patch version, which is the release itself for a pre-release (``IncPatch``)."""
        step = 0 if self.prerelease else 1
        return self._next(self.major, self.minor, self.patch + step, "patch")

    def with_prerelease(self, prerelease: str, *, helm: int = 4) -> Version:
        """Return this version with another pre-release (``SetPrerelease``)."""
        _check_prerelease(prerelease, prerelease, helm)
        return self._copy(prerelease, self.metadata)

    def with_metadata(self, metadata: str, *, helm: int = 4) -> Version:
        """Return this version with other build metadata (``SetMetadata``)."""
        if metadata:
            _check_metadata(metadata, metadata, helm)
        return self._copy(self.prerelease, metadata)

    def _next(self, major: int, minor: int, patch: int, part: str) -> Version:
        if max(major, minor, patch) > _MAX_SEGMENT:
            raise InvalidVersion(f"{part} version increment would overflow uint64", text=self.original)
        made = Version(major, minor, patch)
        made.original = self._prefix() + str(made)
        return made

    def _copy(self, prerelease: str, metadata: str) -> Version:
        made = Version(self.major, self.minor, self.patch, prerelease=prerelease, metadata=metadata)
        made.original = self._prefix() + str(made)
        return made

    def _prefix(self) -> str:
        return "v" if self.original.startswith("v") else ""


class Scanned:
    """A version as it stands in a text: three parts, of which some may be empty, and where it ends."""

    __slots__ = ("end", "metadata", "parts", "prerelease")

    def __init__(self, parts: list[str], prerelease: str, metadata: str, end: int) -> None:
        self.parts = parts
        self.prerelease = prerelease
        self.metadata = metadata
        self.end = end


def scan(text: str, position: int, numerals: frozenset[str]) -> Scanned | None:
    """Read as much of a version as there is at a place, with parts made of ``numerals``; None without a first part."""
    if text[position : position + 1] == "v":
        position += 1
    size = len(text)
    parts = ["", "", ""]
    for index in range(3):
        start = position
        if index:
            if text[position : position + 1] != ".":
                break
            start += 1
        stop = start
        while stop < size and text[stop] in numerals:
            stop += 1
        if stop == start:
            break
        parts[index] = text[start:stop]
        position = stop
    if not parts[0]:
        return None
    prerelease, position = _identifiers(text, position, "-")
    metadata, position = _identifiers(text, position, "+")
    return Scanned(parts, prerelease, metadata, position)


def _identifiers(text: str, position: int, mark: str) -> tuple[str, int]:
    """Read identifiers divided by dots after a mark; return them and where they end."""
    size = len(text)
    start = position + 1
    while text[position : position + 1] == mark:
        stop = position + 1
        while stop < size and text[stop] in _IDENTIFIER:
            stop += 1
        if stop == position + 1:
            break
        position, mark = stop, "."
    return (text[start:position], position) if position >= start else ("", position)


def compare_prereleases(mine: str, theirs: str) -> int:
    """Order two pre-releases part by part; numbers are lower than words (``comparePrerelease``)."""
    first, second = mine.split("."), theirs.split(".")
    for index in range(max(len(first), len(second))):
        left = first[index] if index < len(first) else ""
        right = second[index] if index < len(second) else ""
        if left != right:
            return _compare_parts(left, right)
    return 0


def _compare_parts(left: str, right: str) -> int:
    if not left:
        return -1
    if not right:
        return 1
    left_number, right_number = _number(left), _number(right)
    if left_number is None and right_number is None:
        return 1 if left > right else -1
    if right_number is None:
        return -1
    if left_number is None:
        return 1
    return 1 if left_number > right_number else -1


def _number(part: str) -> int | None:
    """Return the number ``part`` spells if Go's ParseUint accepts it."""
    if not part or not _DIGITS.issuperset(part):
        return None
    number = int(part) if len(part) < 40 else _MAX_SEGMENT + 1
    return number if number <= _MAX_SEGMENT else None


def _segment(digits: str, text: str, helm: int) -> int:
    if not digits:
        return 0
    number = _number(digits.lstrip("0") or "0")
    if number is None:
        word = "error" if helm >= 4 else "Error"
        cause = f'strconv.ParseUint: parsing "{digits}": value out of range'
        raise InvalidVersion(f"{word} parsing version segment: {cause}", text=text)
    return number


def _unsigned(digits: str, text: str) -> int:
    """Read one number of a strict version, whose errors are strconv's own."""
    number = _number(digits)
    if number is None:
        cause = "value out of range" if digits else "invalid syntax"
        raise InvalidVersion(f'strconv.ParseUint: parsing "{digits}": {cause}', text=text)
    return number


def _check_prerelease(prerelease: str, text: str, helm: int) -> None:
    if not prerelease:
        return
    for part in prerelease.split("."):
        if not part and helm >= 4:
            raise _invalid("invalid prerelease string", text, helm)
        if _DIGITS.issuperset(part):
            if len(part) > 1 and part[0] == "0":
                raise _invalid("version segment starts with 0", text, helm)
        elif not _IDENTIFIER.issuperset(part):
            raise _invalid("invalid prerelease string", text, helm)


def _check_metadata(metadata: str, text: str, helm: int) -> None:
    for part in metadata.split("."):
        if (not part and helm >= 4) or not _IDENTIFIER.issuperset(part):
            raise _invalid("invalid metadata string", text, helm)


def _invalid(message: str, text: str, helm: int) -> InvalidVersion:
    return InvalidVersion(message if helm >= 4 else _TEXTS_3.get(message, message), text=text)
