"""Installing a chart (``action.Install``)."""

from __future__ import annotations

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue


class InstallOptions(Record):
    """How to install.

    Attributes:
        name: Release name.
        chart: What to install.
        values: The user's values, already merged from files and flags.
        dry_run: ``none``, ``client`` or ``server``.
        wait: Strategy: ``hookOnly``, ``watcher`` or ``legacy``.
        timeout: Seconds that each wait may take.
        server_side: Whether objects are applied by the server.
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
    create_namespace: bool = False
    replace: bool = False
    no_hooks: bool = False
    skip_crds: bool = False
    skip_schema_validation: bool = False
    disable_openapi_validation: bool = False
    render_subchart_notes: bool = False
    enable_dns: bool = False
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    server_side: bool = True
    force_replace: bool = False
    force_conflicts: bool = False
    take_ownership: bool = False
