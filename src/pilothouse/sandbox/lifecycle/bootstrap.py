"""What a cluster has before anyone uses it: its node with a lease, and a storage class."""

from __future__ import annotations

from pilothouse.sandbox.lifecycle.pods import NODE, NODE_ADDRESS
from pilothouse.sandbox.lifecycle.volumes import CLASSES, PROVISIONER
from pilothouse.sandbox.lifecycle.world import Object, World

LEASES = "leases.coordination.k8s.io"
_LEASE_NAMESPACE = "kube-node-lease"
_KUBELET = "kubelet"
_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
_CAPACITY = {
    "cpu": "16",
    "ephemeral-storage": "512Gi",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "64Gi",
    "pods": "1000",
}


class Bootstrap:
    """Makes what is missing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self) -> None:
        """Make the node, its lease and the storage class."""
        world = self._world
        if world.objects.get("nodes", "", NODE) is None:
            world.objects.create("nodes", self._node(), manager=_KUBELET)
        node = world.objects.get("nodes", "", NODE)
        if node is not None:
            self._renew(node)
        if world.objects.get(CLASSES, "", "standard") is None:
            world.objects.create(
                CLASSES,
                {
                    "apiVersion": "storage.k8s.io/v1",
                    "kind": "StorageClass",
                    "metadata": {
                        "name": "standard",
                        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
                    },
                    "provisioner": PROVISIONER,
                    "reclaimPolicy": "Delete",
                    "volumeBindingMode": "Immediate",
                },
                manager="kube-controller-manager",
            )

    def reconcile(self, value: Object) -> float | None:
        """Do nothing: the node never changes by itself, so that an idle cluster writes nothing."""
        del value
        return None

    def _node(self) -> Object:
        now = self._world.stamp()
        labels = {
            "beta.kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": NODE,
            "kubernetes.io/os": "linux",
            "node-role.kubernetes.io/control-plane": "",
        }
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": NODE, "labels": labels},
            "spec": {"podCIDR": "10.244.0.0/16", "podCIDRs": ["10.244.0.0/16"]},
            "status": {
                "addresses": [
                    {"type": "InternalIP", "address": NODE_ADDRESS},
                    {"type": "Hostname", "address": NODE},
                ],
                "allocatable": dict(_CAPACITY),
                "capacity": dict(_CAPACITY),
                "conditions": [
                    {
                        "type": kind,
                        "status": state,
                        "lastHeartbeatTime": now,
                        "lastTransitionTime": now,
                        "reason": reason,
                        "message": message,
                    }
                    for kind, state, reason, message in _CONDITIONS
                ],
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
                "nodeInfo": {
                    "architecture": "amd64",
                    "bootID": "",
                    "containerRuntimeVersion": "containerd://2.1.0",
                    "kernelVersion": "6.12.0",
                    "kubeProxyVersion": "",
                    "kubeletVersion": "v1.37.0",
                    "machineID": "",
                    "operatingSystem": "linux",
                    "osImage": "Pilothouse sandbox",
                    "systemUUID": "",
                },
            },
        }

    def _renew(self, node: Object) -> None:
        world = self._world
        now = world.stamp()[:-1] + ".000000Z"
        if world.objects.get(LEASES, _LEASE_NAMESPACE, NODE) is None:
            owner = {"apiVersion": "v1", "kind": "Node", "name": NODE, "uid": node["metadata"]["uid"]}
            lease = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": NODE, "namespace": _LEASE_NAMESPACE, "ownerReferences": [owner]},
                "spec": {"holderIdentity": NODE, "leaseDurationSeconds": 40, "renewTime": now},
            }
            world.objects.create(LEASES, lease, manager=_KUBELET)
            return

        def renew(value: Object) -> None:
            value["spec"]["renewTime"] = now

        world.objects.change(LEASES, (_LEASE_NAMESPACE, NODE), renew, manager=_KUBELET)
