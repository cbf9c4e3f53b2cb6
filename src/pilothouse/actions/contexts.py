"""The contexts of the kubeconfig, for whoever has to choose one."""

from __future__ import annotations

from pilothouse.kube.kubeconfig import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.environment import Environment


def contexts(environment: Environment, kubeconfig: str = "") -> list[tuple[str, str]]:
    """Return the names of the contexts and of their clusters.

    Args:
        environment: Says where the kubeconfig is.
        kubeconfig: ``--kubeconfig``; empty for the usual places.

    Raises:
        PilothouseError: The kubeconfig cannot be read.
    """
    found = load(environment, kubeconfig).contexts
    return sorted((name, str(entry.get("cluster") or "")) for name, entry in found.items())
