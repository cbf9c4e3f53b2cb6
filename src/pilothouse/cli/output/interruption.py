"""What ``helm status`` says of an operation that has not ended: what was done, what is left, and what to do."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.recovery import Interruption

_SHOWN = 12


def interruption_lines(found: Interruption, now: float) -> list[str]:
    """Return the lines about an operation that has not ended."""
    name, verb = found.release.name, found.journal.verb
    lines = [f"hint: {found.described(now)}"]
    lines += _listed("done", found.done())
    lines += _listed("left, the first of them perhaps begun", found.left())
    if found.alive:
        return lines
    if verb == "uninstall":
        lines.append(f"hint: helm uninstall {name} finishes it; helm upgrade {name} CHART brings the release back")
    elif verb == "install":
        lines.append(f"hint: helm upgrade --install {name} CHART goes on from it; helm uninstall {name} undoes it")
    else:
        lines.append(f"hint: helm upgrade {name} CHART goes on from it; helm rollback {name} undoes it")
    return lines


def _listed(heading: str, operations: tuple[str, ...]) -> list[str]:
    if not operations:
        return [f"  {heading}: nothing"]
    more = f" and {len(operations) - _SHOWN} more" if len(operations) > _SHOWN else ""
    return [f"  {heading} ({len(operations)}): {', '.join(operations[:_SHOWN])}{more}"]
