"""The objects that run a Tiller in a cluster, as ``helm init`` makes them (``cmd/helm/installer``)."""

from __future__ import annotations

from base64 import b64encode

from pilothouse.actions.tiller_deployment_types import as_deployment
from pilothouse.errors import Invalid
from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record
from pilothouse.values.assignments import assign
from pilothouse.version import HELM2_VERSION, __version__

Object = dict[str, YamlValue]

DEPLOYMENT, SERVICE, SECRET = "tiller-deploy", "tiller-deploy", "tiller-secret"
#: Service account that is made when none is named, and the role that it is given.
ACCOUNT, ROLE = "tiller", "cluster-admin"
SELECTOR = "app=helm,name=tiller"
PORT = 44134
#: Image of our Tiller, and that of Helm 2's own.
IMAGE = f"pilothouse/tiller:{__version__}"
COMPATIBLE_IMAGE = f"ghcr.io/helm/tiller:{HELM2_VERSION}"
CANARY_IMAGE = "ghcr.io/helm/tiller:canary"
_LABELS = {"app": "helm", "name": "tiller"}
_CERTIFICATES = "/etc/certs"


class ServerFiles(Record):
    """What the Secret of a Tiller holds, PEM each.

    Attributes:
        certificate: The server's certificate.
        key: Its private key.
        authority: Who signs the certificates of clients, empty when none is asked for.
    """

    certificate: bytes
    key: bytes
    authority: bytes = b""

    def __repr__(self) -> str:
        return "ServerFiles(...)"


class DeploymentOptions(Record):
    """How a Tiller is to be run; flags of ``helm init``.

    Attributes:
        image: Its image.
        always_pull: Whether the image is pulled at each start.
        service_account: Name of its service account, empty for the namespace's default.
        makes_account: Whether the account is made and may do everything in the cluster.
        files: Its certificate, ``None`` for plain TCP.
        node_selectors: Labels of nodes, ``a=b,c=d``.
        overrides: Assignments in the grammar of ``--set``.
    """

    namespace: str = "kube-system"
    image: str = IMAGE
    always_pull: bool = False
    service_account: str = ""
    makes_account: bool = False
    automount_token: bool = True
    history_max: int = 0
    replicas: int = 1
    host_network: bool = False
    node_selectors: str = ""
    overrides: tuple[str, ...] = ()
    files: ServerFiles | None = None


def objects(options: DeploymentOptions) -> list[Object]:
    """Return the service account where it is made, the Deployment, the Service, and the Secret for certificates.

    Raises:
        Invalid: A selector or an override is wrong.
    """
    made = [*(account(options) if options.makes_account else ()), deployment(options), service(options)]
    return [*made, secret(options, options.files)] if options.files else made


def _metadata(options: DeploymentOptions, name: str) -> Object:
    return {"creationTimestamp": None, "labels": dict(_LABELS), "name": name, "namespace": options.namespace}


def account(options: DeploymentOptions) -> list[Object]:
    """Return the service account and what gives it its role."""
    metadata = _metadata(options, options.service_account)
    subject = {"kind": "ServiceAccount", "name": options.service_account, "namespace": options.namespace}
    labels = {"labels": dict(_LABELS), "name": binding_name(options.namespace)}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"creationTimestamp": None, **labels},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ROLE},
            "subjects": [subject],
        },
    ]


def binding_name(namespace: str) -> str:
    """Return the name of the binding that gives Tiller's account its role."""
    return f"tiller-{namespace}"


def is_ours(one: Object) -> bool:
    """Return whether an object was made for a Tiller."""
    labels = one["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in _LABELS.items())


def deployment(options: DeploymentOptions) -> Object:
    """Return the Deployment.

    Raises:
        Invalid: A selector or an override is wrong.
    """
    head: Object = {"apiVersion": "apps/v1", "kind": "Deployment"}
    body: Object = {
        "metadata": _metadata(options, DEPLOYMENT),
        "spec": {
            "replicas": max(options.replicas, 1),
            "selector": {"matchLabels": dict(_LABELS)},
            "strategy": {},
            "template": {
                "metadata": {"creationTimestamp": None, "labels": dict(_LABELS)},
                "spec": _pod(options),
            },
        },
        "status": {},
    }
    for override in options.overrides:
        try:
            assign(override, body, helm=3)
        except Invalid as error:
            raise Invalid("Error merging --set values into Deployment manifest", hints=(error.message,)) from error
    return {**(as_deployment(body) if options.overrides else body), **head}


def _pod(options: DeploymentOptions) -> Object:
    spec: Object = {
        "automountServiceAccountToken": options.automount_token,
        "containers": [_container(options)],
    }
    if options.service_account:
        spec["serviceAccountName"] = options.service_account
    if options.host_network:
        spec["hostNetwork"] = True
    if options.node_selectors:
        spec["nodeSelector"] = _selectors(options.node_selectors)
    if options.files:
        spec["volumes"] = [{"name": "tiller-certs", "secret": {"secretName": SECRET}}]
    return spec


def _selectors(text: str) -> dict[str, str]:
    found = {}
    for item in text.split(","):
        key, equals, value = item.partition("=")
        if not equals or "=" in value:
            from pilothouse.golang.quoting import quote

            shown = " ".join(map(quote, item.split("=")))
            raise Invalid(f"invalid nodeSelector label: [{shown}]")
        found[key] = value
    return found


def _container(options: DeploymentOptions) -> Object:
    container: Object = {
        "env": [
            {"name": "TILLER_NAMESPACE", "value": options.namespace},
            {"name": "TILLER_HISTORY_MAX", "value": str(options.history_max)},
            *(tls_variables(options.files) if options.files else ()),
        ],
        "image": options.image,
        "imagePullPolicy": "Always" if options.always_pull else "IfNotPresent",
        "livenessProbe": _probe("/liveness"),
        "name": "tiller",
        "ports": [{"containerPort": PORT, "name": "tiller"}, {"containerPort": 44135, "name": "http"}],
        "readinessProbe": _probe("/readiness"),
        "resources": {},
    }
    if options.files:
        container["volumeMounts"] = [{"mountPath": _CERTIFICATES, "name": "tiller-certs", "readOnly": True}]
    return container


def tls_variables(files: ServerFiles) -> list[Object]:
    """Return the variables that make Tiller ask for TLS."""
    verify: Object = {"name": "TILLER_TLS_VERIFY"}
    if files.authority:
        verify["value"] = "1"
    return [
        verify,
        {"name": "TILLER_TLS_ENABLE", "value": "1"},
        {"name": "TILLER_TLS_CERTS", "value": _CERTIFICATES},
    ]


def _probe(path: str) -> Object:
    return {"httpGet": {"path": path, "port": 44135}, "initialDelaySeconds": 1, "timeoutSeconds": 1}


def service(options: DeploymentOptions) -> Object:
    """Return the Service."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(options, SERVICE),
        "spec": {
            "ports": [{"name": "tiller", "port": PORT, "targetPort": "tiller"}],
            "selector": dict(_LABELS),
            "type": "ClusterIP",
        },
        "status": {"loadBalancer": {}},
    }


def secret(options: DeploymentOptions, files: ServerFiles) -> Object:
    """Return the Secret with the server's certificate."""
    contents = {"ca.crt": files.authority, "tls.crt": files.certificate, "tls.key": files.key}
    return {
        "apiVersion": "v1",
        "data": {name: b64encode(data).decode() for name, data in contents.items() if data},
        "kind": "Secret",
        "metadata": _metadata(options, SECRET),
        "type": "Opaque",
    }


def yaml_text(manifests: list[Object]) -> str:
    """Return manifests as ``--output yaml`` shows them."""
    from pilothouse.formats.yaml_text import encode

    return "".join(f"---\n{encode(_sorted(one))}\n" for one in manifests) + "...\n"


def json_text(manifests: list[Object]) -> str:
    """Return manifests as ``--output json`` shows them: one object after the other."""
    from pilothouse.formats.json_text import encode

    return "".join(encode(one, indent="    ") + "\n" for one in manifests)


def _sorted(value: YamlValue) -> YamlValue:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
