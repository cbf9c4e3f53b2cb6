"""Upgrading a release (``action.Upgrade``)."""

from __future__ import annotations

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue


class UpgradeOptions(Record):
    """How to upgrade; what installing shares with it means the same.

    Attributes:
        server_side: ``true``, ``false`` or ``auto``, which does what the last revision did.
        history_max: Revisions to keep, 0 for all.
        labels: Labels of the record; the value ``null`` removes one.
    """

    name: str
    chart: Chart
    values: Mapping[str, YamlValue] = field(default_factory=dict)
    dry_run: str = "none"
    hide_secret: bool = False
    wait: str = "hookOnly"
    wait_for_jobs: bool = False
    timeout: float = 300.0
    rollback_on_failure: bool = False
    cleanup_on_fail: bool = False
    no_hooks: bool = False
    skip_schema_validation: bool = False
    disable_openapi_validation: bool = False
    render_subchart_notes: bool = False
    enable_dns: bool = False
    reset_values: bool = False
    reuse_values: bool = False
    reset_then_reuse_values: bool = False
    history_max: int = 10
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    server_side: str = "auto"
    force_replace: bool = False
    force_conflicts: bool = False
    take_ownership: bool = False
