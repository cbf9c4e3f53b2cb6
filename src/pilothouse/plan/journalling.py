"""A plan in short, as its journal keeps it."""

from __future__ import annotations

from pilothouse.plan.operations import Delete
from pilothouse.releases.journal import JournalPlan, JournalStage, Removal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.plan.operations import Plan


def shortened(plan: Plan) -> JournalPlan:
    """Return what the journal of a plan keeps of it."""
    deletions = [operation for stage in plan.stages for operation in stage.operations if isinstance(operation, Delete)]
    return JournalPlan(
        stages=tuple(
            JournalStage(id=stage.id, operations=tuple(operation.id for operation in stage.operations))
            for stage in plan.stages
        ),
        removals=tuple(
            Removal(
                api_version=str(one.resource.object.get("apiVersion") or ""),
                kind=one.resource.kind,
                namespace=one.resource.namespace,
                name=one.resource.name,
            )
            for one in deletions
        ),
    )
