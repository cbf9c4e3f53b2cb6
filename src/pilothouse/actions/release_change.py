"""What installing, upgrading and rolling back share."""

from __future__ import annotations

from pilothouse.apply.changes import delete_resource
from pilothouse.apply.observe import existing_objects
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.plan.ownership import require_ownership
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.actions.context import Context
    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plan.resources import Resource
    from pilothouse.render.postrender import PostRenderer


class ChartOptions(Record):
    """How to make a revision of a chart: what installing and upgrading both take.

    Attributes:
        name: Release name.
        chart: What to install.
        values: The user's values, already merged from files and flags.
        dry_run: ``none``, ``client`` or ``server``.
        hide_secret: Whether a dry run leaves Secrets out of what it returns.
        wait: Strategy: ``hookOnly``, ``watcher`` or ``legacy``.
        timeout: Seconds that each wait may take.
        rollback_on_failure: Whether what failed is undone: an installation removed, an upgrade rolled back.
        labels: Labels of the record.
        take_ownership: Whether existing objects are adopted whoever they belong to.
        post_renderer: Changes what was rendered.
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
    no_hooks: bool = False
    skip_schema_validation: bool = False
    disable_openapi_validation: bool = False
    render_subchart_notes: bool = False
    enable_dns: bool = False
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    force_replace: bool = False
    force_conflicts: bool = False
    take_ownership: bool = False
    post_renderer: PostRenderer | None = None

    @property
    def wait_strategy(self) -> str:
        """The strategy that is followed: what a failure would undo is waited for."""
        return "watcher" if self.rollback_on_failure and self.wait == "hookOnly" else self.wait


def adopted_objects(
    context: Context, wanted: Sequence[Resource], doing: str, *, name: str, namespace: str, take_ownership: bool
) -> list[Resource]:
    """Return those of the wanted objects that exist and become the release's.

    Args:
        context: The ports.
        wanted: Objects that the release does not have yet.
        doing: Helm's word for the operation in the error.
        name: The release whose they become.
        namespace: Its namespace.
        take_ownership: Whether objects of others are taken.

    Raises:
        PilothouseError: One belongs to another release or to nobody, or cannot be read.
    """
    adopted = []
    try:
        for resource, live in existing_objects(context.cluster, wanted):
            if not take_ownership:
                require_ownership(resource, live, name, namespace)
            adopted.append(resource)
    except PilothouseError as error:
        start = "Unable" if context.helm3 else "unable"
        raise error.prefixed(f"{start} to continue with {doing}: ") from error
    return adopted


def clean_up(context: Context, created: Sequence[Resource]) -> str:
    """Delete what a failed operation created; return Helm's text about what could not be deleted, empty if all was."""
    problems = []
    for resource in created:
        try:
            delete_resource(context.cluster, resource, "Background")
        except NotFound:
            continue
        except PilothouseError as error:
            problems.append(error.message)
    return f"unable to cleanup resources: {', '.join(problems)}" if problems else ""
