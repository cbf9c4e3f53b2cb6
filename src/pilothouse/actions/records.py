"""Releases in the form of their stored records, for programs that read them."""

from __future__ import annotations

from pilothouse.storage.records import document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release


def release_record(
    release: Release,
    *,
    compatibility: int = 4,
    chart: bool = True,
    resources: Mapping[str, YamlValue] | None = None,
) -> YamlValue:
    """Return a release as JSON values whose fields stand in Go's order.

    Args:
        release: The release.
        compatibility: The Helm generation whose form is meant.
        chart: Whether the chart is part of it; Helm leaves it out of ``status``.
        resources: Live objects by version and kind, which ``status`` puts into ``info``.
    """
    record = document(release, compatibility=compatibility)
    if not chart:
        record.pop("chart", None)
    if resources:
        record["info"]["resources"] = dict(resources)
    return record
