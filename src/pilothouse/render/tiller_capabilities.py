"""What Helm 2 assumes of a cluster that it does not ask (``chartutil.DefaultVersionSet``)."""

from __future__ import annotations

from pilothouse.render.capabilities import KubeVersion
from pilothouse.render.tiller_context import TillerCapabilities
from pilothouse.version import HELM2_VERSION

#: What the released executable says of itself beside its version.
_COMMIT = "a690bad98af45b015bd3da1a41f6218b1a451dbe"
#: Kinds that every version of a group has.
_EVERYWHERE = (
    *("CreateOptions", "DeleteOptions", "ExportOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions"),
    "WatchEvent",
)


def default_capabilities(
    major: str = "1", minor: str = "14", *, api_versions: tuple[str, ...] = ()
) -> TillerCapabilities:
    """Return the capabilities of a Kubernetes version.

    Args:
        major: Its first number.
        minor: Its second number.
        api_versions: What it serves; by default what Kubernetes 1.16 served.
    """
    shown = f"v{major}.{minor}.0"
    return TillerCapabilities(
        kube_version=KubeVersion(version=shown, major=major, minor=minor, normalized=shown),
        api_versions=(*api_versions, "v1") if api_versions else _served(),
        helm=2,
        server={"major": major, "minor": minor, "gitVersion": shown},
        tiller_version=(HELM2_VERSION, _COMMIT, "clean"),
    )


def _served() -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in _SERVED.replace("\n  ", " ").strip().splitlines():
        version, *kinds = line.split()
        group = version.rpartition("/")[0]
        inner = f"{group}/__internal" if group else "__internal"
        found |= dict.fromkeys((version, inner, f"{inner}/WatchEvent"))
        for kind in (*kinds, *_EVERYWHERE):
            name = kind.removesuffix("*")
            names = [name, f"{name}List"] if kind.endswith("*") else [name]
            found |= dict.fromkeys(f"{version}/{one}" for one in names)
    return tuple(found)


#: Versions and their kinds; one with a star has a list as well.
_SERVED = """
v1 APIGroup* APIResourceList APIVersions Binding ComponentStatus* ConfigMap* Endpoints* Event* LimitRange* List
  Namespace* Node* NodeProxyOptions PersistentVolume* PersistentVolumeClaim* Pod* PodAttachOptions PodExecOptions
  PodLogOptions PodPortForwardOptions PodProxyOptions PodStatusResult PodTemplate* RangeAllocation
  ReplicationController* ResourceQuota* Secret* SerializedReference Service* ServiceAccount* ServiceProxyOptions
  Status
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration* ValidatingWebhookConfiguration*
apps/v1 ControllerRevision* DaemonSet* Deployment* ReplicaSet* StatefulSet*
apps/v1beta1 ControllerRevision* Deployment* DeploymentRollback Scale StatefulSet*
apps/v1beta2 ControllerRevision* DaemonSet* Deployment* ReplicaSet* Scale StatefulSet*
auditregistration.k8s.io/v1alpha1 AuditSink*
authentication.k8s.io/v1 TokenRequest TokenReview
authentication.k8s.io/v1beta1 TokenReview
authorization.k8s.io/v1 LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
authorization.k8s.io/v1beta1 LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview
  SubjectAccessReview
autoscaling/v1 HorizontalPodAutoscaler* Scale
autoscaling/v2beta1 HorizontalPodAutoscaler*
autoscaling/v2beta2 HorizontalPodAutoscaler*
batch/v1 Job*
batch/v1beta1 CronJob* JobTemplate
batch/v2alpha1 CronJob* JobTemplate
certificates.k8s.io/v1beta1 CertificateSigningRequest*
coordination.k8s.io/v1 Lease*
coordination.k8s.io/v1beta1 Lease*
events.k8s.io/v1beta1 Event*
extensions/v1beta1 DaemonSet* Deployment* DeploymentRollback Ingress* NetworkPolicy* PodSecurityPolicy* ReplicaSet*
  ReplicationControllerDummy Scale
networking.k8s.io/v1 NetworkPolicy*
networking.k8s.io/v1beta1 Ingress*
node.k8s.io/v1alpha1 RuntimeClass*
node.k8s.io/v1beta1 RuntimeClass*
policy/v1beta1 Eviction PodDisruptionBudget* PodSecurityPolicy*
rbac.authorization.k8s.io/v1 ClusterRole* ClusterRoleBinding* Role* RoleBinding*
rbac.authorization.k8s.io/v1alpha1 ClusterRole* ClusterRoleBinding* Role* RoleBinding*
rbac.authorization.k8s.io/v1beta1 ClusterRole* ClusterRoleBinding* Role* RoleBinding*
scheduling.k8s.io/v1 PriorityClass*
scheduling.k8s.io/v1alpha1 PriorityClass*
scheduling.k8s.io/v1beta1 PriorityClass*
settings.k8s.io/v1alpha1 PodPreset*
storage.k8s.io/v1 StorageClass* VolumeAttachment*
storage.k8s.io/v1alpha1 VolumeAttachment*
storage.k8s.io/v1beta1 CSIDriver* CSINode* StorageClass* VolumeAttachment*
"""
