"""Hooks at run time: the events, which hooks an event runs and in which order, and when their objects go."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.releases.release import Hook

PRE_INSTALL = "pre-install"
POST_INSTALL = "post-install"
PRE_DELETE = "pre-delete"
POST_DELETE = "post-delete"
PRE_UPGRADE = "pre-upgrade"
POST_UPGRADE = "post-upgrade"
PRE_ROLLBACK = "pre-rollback"
POST_ROLLBACK = "post-rollback"

BEFORE_HOOK_CREATION = "before-hook-creation"
HOOK_SUCCEEDED = "hook-succeeded"
HOOK_FAILED = "hook-failed"

UNKNOWN_PHASE = "Unknown"
RUNNING = "Running"
SUCCEEDED = "Succeeded"
FAILED = "Failed"


def hooks_for(hooks: Iterable[Hook], event: str) -> list[Hook]:
    """Return the hooks of an event in the order they run: by weight, then by name (``hookByWeight``)."""
    return sorted((hook for hook in hooks if event in hook.events), key=lambda hook: (hook.weight, hook.name))


def delete_policies(hook: Hook) -> tuple[str, ...]:
    """Return when the hook's objects are deleted: before the next run, if the chart does not say."""
    return hook.delete_policies or (BEFORE_HOOK_CREATION,)


def is_deleted_at(hook: Hook, policy: str) -> bool:
    """Return whether the hook's objects are deleted at this moment; CustomResourceDefinitions never are."""
    return hook.kind != "CustomResourceDefinition" and policy in delete_policies(hook)


def logs_at(hook: Hook, policy: str) -> bool:
    """Return whether the logs of the hook's pods are shown at this moment (Helm 4)."""
    return policy in hook.output_log_policies
