"""The order in which kinds are installed and uninstalled. Go's ``releaseutil.InstallOrder`` and ``UninstallOrder``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    Item = TypeVar("Item")


class KindOrder:
    """Ranks kinds; kinds it does not know come last, alphabetically.

    Args:
        kinds: The known kinds, first to last.
    """

    __slots__ = ("_ranks", "kinds")

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.kinds = kinds
        self._ranks = {kind: rank for rank, kind in enumerate(kinds)}

    def rank(self, kind: str) -> tuple[int, str]:
        """Return a sort key for ``kind``. Go's ``lessByKind``, for use with a stable sort."""
        known = self._ranks.get(kind)
        return (len(self.kinds), kind) if known is None else (known, "")

    def sort(self, items: Iterable[Item], kind_of: Callable[[Item], str]) -> list[Item]:
        """Return ``items`` by kind; items of one kind keep their order."""
        return sorted(items, key=lambda item: self.rank(kind_of(item)))


_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_RBAC = (
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
)
_WORKLOADS = (
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
)
_VOLUMES = ("StorageClass", "PersistentVolume", "PersistentVolumeClaim")
_LIMITS = ("NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget")

_HELM3 = (
    *("PriorityClass", "Namespace", *_LIMITS, "ServiceAccount", "Secret", "SecretList", "ConfigMap"),
    *(*_VOLUMES, "CustomResourceDefinition", *_RBAC),
    *("Service", *_WORKLOADS, "IngressClass", "Ingress", "APIService"),
)
_HELM2 = (
    *("Namespace", *_LIMITS, "Secret", "ConfigMap", *_VOLUMES, "ServiceAccount"),
    *("CustomResourceDefinition", *_RBAC, "Service", *_WORKLOADS, "Ingress", "APIService"),
)


def _backwards(kinds: tuple[str, ...], after: str) -> tuple[str, ...]:
    """Return ``kinds`` reversed, with Service right after ``after``: traffic stops before workloads do."""
    rest = [kind for kind in reversed(kinds) if kind != "Service"]
    place = rest.index(after) + 1
    return (*rest[:place], "Service", *rest[place:])


INSTALL_ORDER_V4 = KindOrder((*_HELM3, *_WEBHOOKS))
INSTALL_ORDER_V3 = KindOrder(_HELM3)
INSTALL_ORDER_V2 = KindOrder(_HELM2)
UNINSTALL_ORDER_V3 = KindOrder(_backwards(_HELM3, "IngressClass"))
UNINSTALL_ORDER_V4 = KindOrder((*reversed(_WEBHOOKS), *UNINSTALL_ORDER_V3.kinds))
UNINSTALL_ORDER_V2 = KindOrder(_backwards(_HELM2, "Ingress"))


def install_order(helm: int = 4) -> KindOrder:
    """Return the install order of Helm ``helm``: 2, 3 or 4."""
    return {2: INSTALL_ORDER_V2, 3: INSTALL_ORDER_V3}.get(helm, INSTALL_ORDER_V4)


def uninstall_order(helm: int = 4) -> KindOrder:
    """Return the uninstall order of Helm ``helm``: 2, 3 or 4."""
    return {2: UNINSTALL_ORDER_V2, 3: UNINSTALL_ORDER_V3}.get(helm, UNINSTALL_ORDER_V4)
