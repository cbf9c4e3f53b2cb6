"""What linting finds: severity, place and words (Helm's ``support.Message``)."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

INFO = 1
WARNING = 2
ERROR = 3

_NAMES = {INFO: "INFO", WARNING: "WARNING", ERROR: "ERROR"}


class Finding(Record):
    """One fault or piece of advice.

    Attributes:
        severity: :data:`INFO`, :data:`WARNING` or :data:`ERROR`.
        path: File or folder inside the chart, or the chart's own path.
        text: What is the matter.
    """

    severity: int
    path: str
    text: str

    def __str__(self) -> str:
        return f"[{_NAMES[self.severity]}] {self.path}: {self.text}"


class Findings:
    """Gathers findings; each rule says a text or nothing."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(self, severity: int, path: str, text: str | None) -> bool:
        """Take the text of a rule; return whether the rule had nothing to say."""
        if text is None:
            return True
        self.found.append(Finding(severity=severity, path=path, text=text))
        return False

    def check(self, severity: int, path: str, rules: tuple[Callable[[], str | None], ...]) -> None:
        """Ask several rules of the same severity and place."""
        for rule in rules:
            self.add(severity, path, rule())
