"""Which existing objects a release may take over (``pkg/action/validate.go``)."""

from __future__ import annotations

from pilothouse.objects.identity import annotations_of, labels_of
from pilothouse.plan.errors import NotOwned
from pilothouse.plan.resources import MANAGED_BY, RELEASE_NAME, RELEASE_NAMESPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plan.resources import Resource


def ownership_problems(live: Mapping[str, YamlValue], release: str, namespace: str) -> list[str]:
    """Return why a live object does not belong to a release, nothing when it does (``checkOwnership``)."""
    checks = (
        ("label", labels_of(live), MANAGED_BY, "Helm"),
        ("annotation", annotations_of(live), RELEASE_NAME, release),
        ("annotation", annotations_of(live), RELEASE_NAMESPACE, namespace),
    )
    problems = []
    for what, found, key, wanted in checks:
        if key not in found:
            problems.append(f'{what} validation error: missing key "{key}": must be set to "{wanted}"')
        elif found[key] != wanted:
            problems.append(
                f'{what} validation error: key "{key}" must equal "{wanted}": current value is "{found[key]}"'
            )
    return problems


def require_ownership(resource: Resource, live: Mapping[str, YamlValue], release: str, namespace: str) -> None:
    """Check that a live object may become part of a release.

    Raises:
        NotOwned: It belongs to somebody else.
    """
    problems = ownership_problems(live, release, namespace)
    if problems:
        raise NotOwned(
            f"{resource.described()} exists and cannot be imported into the current release: "
            f"invalid ownership metadata; {'; '.join(problems)}",
            hints=("--take-ownership adopts objects that belong to nobody or to another release",),
        )
