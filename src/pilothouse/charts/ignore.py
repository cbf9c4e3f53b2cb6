"""The rules of .helmignore (Helm's ``ignore.Rules``)."""

from __future__ import annotations

from pilothouse.charts.archive import BYTE_ORDER_MARK
from pilothouse.charts.errors import IgnoreRuleInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.model import ChartFile

FILE_NAME = ".helmignore"
DEFAULT_RULE = "templates/.?*"

_SPECIAL = frozenset("*?[\\")


class _Pattern:
    """One line of .helmignore."""

    __slots__ = ("_end", "_rule", "_simple", "folders_only", "negated", "whole_path")

    def __init__(self, rule: str) -> None:
        self.negated = rule.startswith("!")
        if self.negated:
            rule = rule[1:]
        self.folders_only = rule.endswith("/")
        if self.folders_only:
            rule = rule[:-1]
        self.whole_path = "/" in rule
        self._rule = rule.removeprefix("/")
        # Nearly all rules are a plain name or ``*.suffix``; those need no pattern matcher.
        self._simple = not _SPECIAL.intersection(self._rule)
        self._end = self._rule[1:] if self._rule[:1] == "*" and not _SPECIAL.intersection(self._rule[1:]) else ""

    def matches(self, path: str) -> bool:
        """Tell whether the pattern fits a path inside the chart; a bad one fits nothing."""
        text = path if self.whole_path else path.rpartition("/")[2]
        if self._simple:
            return text == self._rule
        if self._end and not self.whole_path:
            return text.endswith(self._end)
        if self._rule == DEFAULT_RULE:
            return text.startswith("templates/.") and len(text) > len("templates/.") and text.count("/") == 1
        return fits(self._rule, text) is True


def fits(rule: str, text: str) -> bool | None:
    """Tell whether a path fits a pattern (``filepath.Match``), ``None`` when it is no pattern."""
    from pilothouse.golang.globs import GlobSyntaxError, path_match

    try:
        return path_match(rule, text)
    except GlobSyntaxError:
        return None


def without_ignored(files: list[ChartFile]) -> list[ChartFile]:
    """Return the files of a chart that its own .helmignore keeps, as if they lay in a folder."""
    text = next((file.data for file in files if file.name == FILE_NAME), b"")
    rules = IgnoreRules(text.decode("utf-8", "surrogateescape"))
    return [file for file in files if not rules.ignores_anywhere(file.name)]


class IgnoreRules:
    """Which files of a chart folder are left out."""

    def __init__(self, text: str = "") -> None:
        self._patterns: list[_Pattern] = []
        for line in text.removeprefix(BYTE_ORDER_MARK.decode()).split("\n"):
            self._add(line)
        self._patterns.append(_Pattern(DEFAULT_RULE))

    def _add(self, line: str) -> None:
        rule = line.strip()
        if not rule or rule.startswith("#"):
            return
        if "**" in rule:
            raise IgnoreRuleInvalid("double-star (**) syntax is not supported")
        if ("[" in rule or "\\" in rule) and fits(rule, "abc") is None:
            raise IgnoreRuleInvalid("syntax error in pattern")
        self._patterns.append(_Pattern(rule))

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether the file or folder at ``path``, relative to the chart and with ``/``, is left out."""
        for pattern in self._patterns:
            if pattern.negated:
                # Helm decides at once for whatever a negated rule does not fit.
                if (pattern.folders_only and not is_folder) or not pattern.matches(path):
                    return True
                continue
            if pattern.folders_only and not is_folder:
                continue
            if pattern.matches(path):
                return True
        return False

    def ignores_anywhere(self, path: str) -> bool:
        """Tell whether a file is left out, or a folder that it is in."""
        folder = path.find("/")
        while folder >= 0:
            if self.ignores(path[:folder], is_folder=True):
                return True
            folder = path.find("/", folder + 1)
        return self.ignores(path, is_folder=False)
