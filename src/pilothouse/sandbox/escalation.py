"""Nobody grants rights that they do not have themselves (``pkg/registry/rbac/*/policybased``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.auth import Action, Authorizer, User, covers
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
GROUP = "rbac.authorization.k8s.io"
_ROLES = ("roles", "clusterroles")


def check_grants(
    authorizer: Authorizer, user: User, resource: Resource, value: YamlValue, old: YamlValue | None
) -> None:
    """Check that a role or binding gives nobody more than ``user`` has.

    Args:
        authorizer: Knows the rights.
        user: Who writes it.
        resource: Its kind; others than roles and bindings are fine.
        value: What is to be stored.
        old: What was stored before.

    Raises:
        StatusError: 403: it does, and ``user`` may neither escalate nor bind.
    """
    if resource.group != GROUP:
        return
    namespace, name = value["metadata"].get("namespace", ""), value["metadata"].get("name", "")
    if resource.plural in _ROLES:
        if old is not None and old.get("rules") == value.get("rules"):
            return
        action = Action(verb="escalate", group=GROUP, resource=resource.plural, name=name, namespace=namespace)
        rules = value.get("rules") or ()
    else:
        if old is not None and all(old.get(part) == value.get(part) for part in ("roleRef", "subjects")):
            return
        reference = value.get("roleRef") or {}
        plural = "roles" if reference.get("kind") == "Role" else "clusterroles"
        referred = str(reference.get("name") or "")
        action = Action(verb="bind", group=GROUP, resource=plural, name=referred, namespace=namespace)
        rules = tuple(authorizer.role(reference, namespace))
    if authorizer.allows(user, action):
        return
    missing = _missing(rules, list(authorizer.rules(user, namespace)))
    if missing:
        groups = " ".join(f'"{group}"' for group in user.groups)
        why = f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:'
        raise statuses.forbidden(resource, name, "\n".join((why, *missing)))


def _missing(wanted: Iterable[Object], held: list[Object]) -> list[str]:
    """Return the rules that nobody holds, as Go shows them, verbs of the same thing together."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for rule in wanted:
        for key, action in _atoms(rule):
            verbs = found.setdefault(key, [])
            if action.verb not in verbs and not any(covers(each, action) for each in held):
                verbs.append(action.verb)
    return sorted(_shown(key, verbs) for key, verbs in found.items() if verbs)


def _atoms(rule: Object) -> Iterator[tuple[tuple[str, str, str, str], Action]]:
    """Yield a rule in parts that each say one thing."""
    for verb in rule.get("verbs") or ():
        for url in rule.get("nonResourceURLs") or ():
            yield ("", "", "", url), Action(verb=verb, path=url)
        for group in rule.get("apiGroups") or ():
            for kind in rule.get("resources") or ():
                plural, _, part = kind.partition("/")
                for name in rule.get("resourceNames") or ("",):
                    action = Action(verb=verb, group=group, resource=plural, subresource=part, name=name)
                    yield (group, kind, name, ""), action


def _shown(key: tuple[str, str, str, str], verbs: list[str]) -> str:
    group, kind, name, url = key
    listed = " ".join(f'"{verb}"' for verb in verbs)
    if url:
        return f'{{NonResourceURLs:["{url}"], Verbs:[{listed}]}}'
    names = f', ResourceNames:["{name}"]' if name else ""
    return f'{{APIGroups:["{group}"], Resources:["{kind}"]{names}, Verbs:[{listed}]}}'
