"""What ``helm convert`` did."""

from __future__ import annotations

from pilothouse.cli.output.printing import Fields
from pilothouse.commandline.tables import format_table
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.convert import Conversion
    from pilothouse.golang.kinds import YamlValue


class ConversionsView(Record):
    """Releases that were converted.

    Attributes:
        conversions: What became of each.
    """

    conversions: tuple[Conversion, ...]

    def table(self) -> str:
        """Return a table with a row for each release."""
        rows = [["NAME", "NAMESPACE", "REVISIONS", "COPIED", "STATE"]]
        rows += [
            [one.name, one.namespace, str(len(one.revisions)), str(len(one.copied)), one.state]
            for one in self.conversions
        ]
        return format_table(rows) + "\n"

    def data(self) -> YamlValue:
        """Return a list of objects."""
        return [self._object(one) for one in self.conversions]

    def _object(self, one: Conversion) -> Fields:
        made = Fields(
            name=one.name,
            namespace=one.namespace,
            revisions=list(one.revisions),
            copied=list(one.copied),
            state=one.state,
        )
        if one.problem:
            made["problem"] = one.problem
        return made
