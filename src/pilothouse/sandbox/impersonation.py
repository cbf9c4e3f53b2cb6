"""Acting as somebody else (``apiserver/pkg/endpoints/filters/impersonation.go``): every part must be allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from pilothouse.sandbox.auth import Action, User, service_account
from pilothouse.sandbox.errors import StatusError

_USER, _GROUP, _UID, _EXTRA = "impersonate-user", "impersonate-group", "impersonate-uid", "impersonate-extra-"
_ACCOUNT = "system:serviceaccount:"
_AUTHENTICATION = "authentication.k8s.io"
_ANONYMOUS = "system:anonymous"
#: What stands between the values of a header that is repeated; no value can hold it.
BETWEEN = "\0"


def impersonated(user: User, headers: Mapping[str, str], allows: Callable[[User, Action], bool]) -> User:
    """Return whom a request is to be taken as coming from; that is ``user`` when nobody else is named.

    Args:
        user: Who asks.
        headers: The request's, names in lower case, repeated ones joined by :data:`BETWEEN`.
        allows: Tells what somebody may do.

    Raises:
        StatusError: 403: ``user`` may not; 500: it is not said whom.
    """
    wanted = headers.get(_USER, "")
    groups = tuple(each.strip() for each in headers.get(_GROUP, "").split(BETWEEN) if each.strip())
    if not wanted:
        if groups or _UID in headers or any(name.startswith(_EXTRA) for name in headers):
            raise StatusError(500, "InternalError", "Internal Server Error: requested impersonation without a user")
        return user
    for action in _actions(wanted, groups, headers):
        if not allows(user, action):
            kind = action.resource if not action.group else f"{action.resource}.{action.group}"
            why = f'User "{user.name}" cannot {action.describe()}'
            details = {"name": action.name, "group": action.group, "kind": action.resource}
            raise StatusError(403, "Forbidden", f'{kind} "{action.name}" is forbidden: {why}', details)
    return _taken(wanted, groups, headers.get(_UID, ""))


def _actions(wanted: str, groups: tuple[str, ...], headers: Mapping[str, str]) -> Iterator[Action]:
    """Yield what must be allowed."""
    namespace, _, name = wanted.removeprefix(_ACCOUNT).partition(":")
    if wanted.startswith(_ACCOUNT) and name:
        yield Action(verb="impersonate", resource="serviceaccounts", name=name, namespace=namespace)
    else:
        yield Action(verb="impersonate", resource="users", name=wanted)
    for group in groups:
        yield Action(verb="impersonate", resource="groups", name=group)
    if headers.get(_UID):
        yield Action(verb="impersonate", group=_AUTHENTICATION, resource="uids", name=headers[_UID])
    for header, value in headers.items():
        if header.startswith(_EXTRA):
            key = unquote(header.removeprefix(_EXTRA))
            for each in value.split(BETWEEN):
                yield Action(
                    verb="impersonate",
                    group=_AUTHENTICATION,
                    resource="userextras",
                    subresource=key,
                    name=each.strip(),
                )


def _taken(wanted: str, groups: tuple[str, ...], uid: str) -> User:
    namespace, _, name = wanted.removeprefix(_ACCOUNT).partition(":")
    if wanted.startswith(_ACCOUNT) and name and not groups:
        return service_account(namespace, name, uid)
    everybody = () if wanted == _ANONYMOUS or "system:unauthenticated" in groups else ("system:authenticated",)
    return User(name=wanted, groups=(*groups, *(each for each in everybody if each not in groups)), uid=uid)
