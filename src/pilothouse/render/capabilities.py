"""What ``.Capabilities`` says: the cluster's version and APIs, and the version of Helm."""

from __future__ import annotations

from pilothouse.charts.archive import quoted
from pilothouse.records import Record
from pilothouse.render.errors import VersionInvalid
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version

_GENERIC = r"(?s)[\t\n\f\r ]*v?([0-9]+(?:\.[0-9]+)*)(.*)"
_UINT_LIMIT = 1 << 64
_UINT_DIGITS = 20


class KubeVersion(Record):
    """A version of Kubernetes.

    Attributes:
        version: As given, with ``v`` in front.
        major: Its first number.
        minor: Its second number.
        normalized: What it prints as: in Helm 4 only its numbers, in Helm 3 the same as ``version``.
    """

    version: str
    major: str
    minor: str
    normalized: str


class Capabilities(Record):
    """What templates can ask about the cluster.

    Attributes:
        kube_version: The cluster's version.
        api_versions: ``group/version`` and ``group/version/Kind`` of all that is served.
        helm: Whose ``HelmVersion`` to show, 3 or 4.
    """

    kube_version: KubeVersion
    api_versions: tuple[str, ...]
    helm: int = 4


def parse_kube_version(text: str, *, helm: int = 4) -> KubeVersion:
    """Return the version of Kubernetes that ``text`` names (``chartutil.ParseKubeVersion``).

    Raises:
        VersionInvalid: It is none; the text is the reason alone.
    """
    if helm == 3:
        try:
            version = Version.parse(text, helm=3)
        except InvalidVersion as error:
            raise VersionInvalid(error.message) from error
        shown = f"v{version}"
        return KubeVersion(version=shown, major=str(version.major), minor=str(version.minor), normalized=shown)
    numbers = _generic_numbers(text)
    shown = text if text.startswith("v") else f"v{text}"
    normalized = "v" + ".".join(map(str, numbers))
    return KubeVersion(version=shown, major=str(numbers[0]), minor=str(numbers[1]), normalized=normalized)


def _generic_numbers(text: str) -> list[int]:
    """Return the numbers that a version starts with (``version.ParseGeneric`` of apimachinery)."""
    import re

    found = re.match(_GENERIC, text)
    if found is None or "\n" in found[2]:
        raise VersionInvalid(f"could not parse {quoted(text)} as version")
    parts = found[1].split(".")
    if len(parts) < 2:
        raise VersionInvalid(f"illegal version string {quoted(text)}")
    if parts[0].startswith("0") and parts[0] != "0":
        raise VersionInvalid(f"illegal zero-prefixed version component {quoted(parts[0])} in {quoted(text)}")
    numbers: list[int] = []
    for part in parts:
        digits = part.lstrip("0") or "0"
        if len(digits) > _UINT_DIGITS or int(digits) >= _UINT_LIMIT:
            reason = f"strconv.ParseUint: parsing {quoted(part)}: value out of range"
            raise VersionInvalid(f"illegal non-numeric version component {quoted(part)} in {quoted(text)}: {reason}")
        numbers.append(int(digits))
    return numbers


def default_capabilities(helm: int = 4) -> Capabilities:
    """Return what Helm ``helm`` assumes without a cluster (``DefaultCapabilities``)."""
    minor = "31" if helm == 3 else "37"
    shown = f"v1.{minor}.0"
    version = KubeVersion(version=shown, major="1", minor=minor, normalized=shown)
    return Capabilities(kube_version=version, api_versions=_served(_SERVED_3 if helm == 3 else _SERVED_4), helm=helm)


def _served(groups: str) -> tuple[str, ...]:
    """Return ``group/version`` entries from ``group version version`` lines; the core group has no name."""
    served: list[str] = []
    for line in groups.strip().splitlines():
        group, *versions = line.split()
        served += [version if group == "-" else f"{group}/{version}" for version in versions]
    return tuple(served)


_SERVED_3 = """
- v1
admissionregistration.k8s.io v1 v1alpha1 v1beta1
internal.apiserver.k8s.io v1alpha1
apps v1 v1beta1 v1beta2
authentication.k8s.io v1 v1alpha1 v1beta1
authorization.k8s.io v1 v1beta1
autoscaling v1 v2 v2beta1 v2beta2
batch v1 v1beta1
certificates.k8s.io v1 v1beta1 v1alpha1
coordination.k8s.io v1alpha1 v1beta1 v1
discovery.k8s.io v1 v1beta1
events.k8s.io v1 v1beta1
extensions v1beta1
flowcontrol.apiserver.k8s.io v1 v1beta1 v1beta2 v1beta3
networking.k8s.io v1 v1alpha1 v1beta1
node.k8s.io v1 v1alpha1 v1beta1
policy v1 v1beta1
rbac.authorization.k8s.io v1 v1beta1 v1alpha1
resource.k8s.io v1alpha3
scheduling.k8s.io v1alpha1 v1beta1 v1
storage.k8s.io v1beta1 v1 v1alpha1
storagemigration.k8s.io v1alpha1
apiextensions.k8s.io v1beta1 v1
"""
_SERVED_4 = """
- v1
admissionregistration.k8s.io v1 v1alpha1 v1beta1
internal.apiserver.k8s.io v1alpha1
apps v1 v1beta1 v1beta2
authentication.k8s.io v1 v1alpha1 v1beta1
authorization.k8s.io v1 v1beta1
autoscaling v1 v2
batch v1 v1beta1
certificates.k8s.io v1 v1beta1 v1alpha1
coordination.k8s.io v1alpha2 v1beta1 v1
discovery.k8s.io v1 v1beta1
events.k8s.io v1 v1beta1
extensions v1beta1
flowcontrol.apiserver.k8s.io v1 v1beta1 v1beta2 v1beta3
lifecycle.k8s.io v1alpha1
networking.k8s.io v1 v1beta1
node.k8s.io v1 v1alpha1 v1beta1
policy v1 v1beta1
rbac.authorization.k8s.io v1 v1beta1 v1alpha1
resource.k8s.io v1 v1beta2 v1beta1 v1alpha3
scheduling.k8s.io v1alpha3 v1beta1 v1
storage.k8s.io v1beta1 v1 v1alpha1
storagemigration.k8s.io v1 v1beta1
apiextensions.k8s.io v1beta1 v1
"""
