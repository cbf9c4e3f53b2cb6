"""The rules of .helmignore (Helm's ``ignore.Rules``)."""

from __future__ import annotations

from pilothouse.charts.archive import BYTE_ORDER_MARK
from pilothouse.charts.errors import IgnoreRuleInvalid
from pilothouse.golang.globs import PatternError, filepath_match

FILE_NAME = ".helmignore"
DEFAULT_RULE = "templates/.?*"


class _Pattern:
    """One line of .helmignore."""

    __slots__ = ("folders_only", "negated", "rule", "whole_path")

    def __init__(self, rule: str) -> None:
        self.negated = rule.startswith("!")
        if self.negated:
            rule = rule[1:]
        self.folders_only = rule.endswith("/")
        if self.folders_only:
            rule = rule[:-1]
        self.whole_path = "/" in rule
        self.rule = rule.removeprefix("/")

    def matches(self, path: str) -> bool:
        """Tell whether the pattern fits a path inside the chart; a bad one fits nothing."""
        text = path if self.whole_path else path.rpartition("/")[2]
        try:
            return filepath_match(self.rule, text)
        except PatternError:
            return False


class IgnoreRules:
    """Which files of a chart folder are left out."""

    def __init__(self, text: str = "") -> None:
        self._patterns: list[_Pattern] = []
        for line in text.removeprefix(BYTE_ORDER_MARK.decode()).split("\n"):
            self._add(line)
        self._add(DEFAULT_RULE)

    def _add(self, line: str) -> None:
        rule = line.strip()
        if not rule or rule.startswith("#"):
            return
        if "**" in rule:
            raise IgnoreRuleInvalid("double-star (**) syntax is not supported")
        try:
            filepath_match(rule, "abc")
        except PatternError as error:
            raise IgnoreRuleInvalid("syntax error in pattern") from error
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
