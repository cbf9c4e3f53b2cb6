"""Labels of release records: those that users set, beside those that Helm keeps for itself."""

from __future__ import annotations

from pilothouse.releases.errors import LabelsInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM_LABELS = ("name", "owner", "status", "version", "createdAt", "modifiedAt")


def check_labels(labels: Mapping[str, str]) -> None:
    """Check what a user wants to set (``driver.ContainsSystemLabels``).

    Raises:
        LabelsInvalid: One of the names is Helm's own.
    """
    if any(name in SYSTEM_LABELS for name in labels):
        raise LabelsInvalid(
            f"user supplied labels contains system reserved label name. System labels: [{' '.join(SYSTEM_LABELS)}]",
        )


def custom_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that are the user's (``driver.filterSystemLabels``)."""
    return {name: value for name, value in labels.items() if name not in SYSTEM_LABELS}
