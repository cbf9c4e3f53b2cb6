"""Tiller acting as its callers: who may see and change which release, on the embedded cluster and a real API server."""

from __future__ import annotations

import importlib
import json
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.actions.tiller_access import Caller
from pilothouse.actions.tiller_owner import TillerLease, this_process
from pilothouse.actions.tiller_recovery import recover
from pilothouse.assembly import Assembly, Overrides
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.hapi.messages import SERVICE, ChartMessage, calls_of
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import NAMESPACES
from pilothouse.progress import Reporter
from pilothouse.tiller.audit import AuditLog, verify
from pilothouse.tiller.certificates import TlsFiles
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.identity import Peer
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer

Authority = importlib.import_module("functional.certificate_authority").Authority
CLIENT = (("x-helm-api-client", "v2.17.0"),)
RBAC = "rbac.authorization.k8s.io/v1"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: PLACE}\ndata: {a: b}\n"
CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: stolen.example.com
  annotations: {HOOK}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Stolen, plural: stolen, singular: stolen}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


class Place:
    """Two namespaces, with a user who may work in the first one and one who may only look there."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        self.assembly = Assembly(Environment(variables={"HOME": str(folder), "KUBECONFIG": str(kubeconfig)}))
        self.client: KubeClient = self.assembly.client()
        mark = uuid.uuid4().hex[:8]
        self.ours, self.theirs = f"ours-{mark}", f"theirs-{mark}"
        self.worker, self.reader = f"worker-{mark}", f"readers-{mark}"
        for name in (self.ours, self.theirs):
            self.client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self._allow("User", self.worker, ["*"])
        self._allow("Group", self.reader, ["get", "list"])

    def _allow(self, kind: str, name: str, verbs: list[str]) -> None:
        rules = [{"apiGroups": ["", "apps", "batch"], "resources": ["*"], "verbs": verbs}]
        metadata = {"name": name.lower()}
        self.make({"apiVersion": RBAC, "kind": "Role", "metadata": metadata, "rules": rules})
        subject = {"kind": kind, "name": name, "apiGroup": "rbac.authorization.k8s.io"}
        role = {"kind": "Role", "name": metadata["name"], "apiGroup": "rbac.authorization.k8s.io"}
        self.make(
            {"apiVersion": RBAC, "kind": "RoleBinding", "metadata": metadata, "roleRef": role, "subjects": [subject]}
        )

    def make(self, item: dict[str, Any]) -> None:
        """Create an object in the first namespace."""
        self.client.create(self.client.mapping(item["apiVersion"], item["kind"]), self.ours, item)

    def exists(self, kind: str, namespace: str, name: str, api_version: str = "v1") -> bool:
        """Whether an object is there."""
        found = self.client.list(self.client.mapping(api_version, kind), namespace)
        return name in [one["metadata"]["name"] for one in found]


class Users:
    """A Tiller that acts as its callers, and calls of several users."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.log = folder / "audit.jsonl"
        self.authority = Authority("ours")
        context = place.assembly.tiller(driver="configmap", namespace=place.theirs)
        audit = AuditLog(str(self.log), context.clock)
        self.clients = place.assembly.acting_clients()
        self.gate = Gate(context, client_for=self.clients, audit=audit)
        self.audit = audit
        self.metrics = Metrics(0.0)
        self.faults: list[str] = []
        reporter = Reporter(lambda event: self.faults.append(event.message) if event.kind == "main" else None)
        self.server = TillerServer(self.gate, version="v2.17.0", metrics=self.metrics, reporter=reporter)
        key, certificate = self.authority.issue("tiller-server")
        tls = TlsFiles(key=key, certificate=certificate, authority=self.authority.certificate)
        self.port = self.server.listen("127.0.0.1:0", tls)
        self.server.start()

    def call(self, who: tuple[str, ...], call_name: str, *, token: str = "", **fields: Any) -> Any:
        """Call as the user and the groups that a certificate names; a failure is its status and text."""
        key, certificate = self.authority.issue(*who)
        credentials = grpc.ssl_channel_credentials(self.authority.certificate, key, certificate)
        call = calls_of(SERVICE)[call_name]
        metadata = (*CLIENT, ("authorization", f"Bearer {token}")) if token else CLIENT
        with grpc.secure_channel(f"localhost:{self.port}", credentials) as channel:
            make = channel.unary_stream if call.streams_responses else channel.unary_unary
            send = make(
                f"/{SERVICE}/{call_name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=call.response.FromString,
            )
            try:
                answer = send(call.request(**fields), metadata=metadata, timeout=180)
                return list(answer) if call.streams_responses else answer
            except grpc.RpcError as error:
                return error.code().name, error.details()


@pytest.fixture(scope="module")
def users(any_kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """A running Tiller."""
    folder = tmp_path_factory.mktemp("access")
    running = Users(Place(any_kubeconfig, folder), folder)
    yield running
    running.server.stop(0)
    running.audit.close()
    running.clients.close()
    running.place.client.close()


def chart(*templates: str) -> Any:
    """Return a chart of these templates."""
    made = ChartMessage()
    made.metadata.name, made.metadata.version = "demo", "0.1.0"
    for number, text in enumerate(templates):
        made.templates.add(name=f"templates/{number}.yaml", data=text.encode())
    return made


def config_map(name: str, namespace: str, hook: str = "") -> str:
    """Return a template; with ``hook``, of a hook."""
    text = CONFIG_MAP.replace("NAME", name).replace("PLACE", namespace)
    return text.replace("namespace:", f'annotations: {{"helm.sh/hook": {hook}}}, namespace:') if hook else text


def installed(users: Users, name: str, namespace: str) -> None:
    """Install a release as an administrator, past the server."""
    from pilothouse.actions.tiller_install import TillerInstallOptions, install

    context = users.place.assembly.tiller(driver="configmap", namespace=users.place.theirs)
    options = TillerInstallOptions(
        chart=chart(config_map(name, namespace)), name=name, namespace=namespace, disable_hooks=True
    )
    install(context, options)


def test_users_work_in_their_namespace(users: Users) -> None:
    """A user with rights in a namespace lives a release's life there, and its objects are made by them."""
    worker, ours = (users.place.worker,), users.place.ours
    made = users.call(
        worker, "InstallRelease", name="mine", namespace=ours, chart=chart(config_map("mine", ours)), timeout=180
    )
    assert made.release.info.Description == "Install complete", made
    again = users.call(worker, "UpdateRelease", name="mine", chart=chart(config_map("other", ours)), timeout=20)
    assert again.release.version == 2, again
    assert users.call(worker, "GetReleaseStatus", name="mine").info.status.resources.startswith("==> v1/ConfigMap")
    assert users.call(worker, "RollbackRelease", name="mine", version=1, timeout=20).release.version == 3
    assert users.call(worker, "UninstallRelease", name="mine", purge=True, timeout=20).release.name == "mine"
    assert users.call(worker, "GetHistory", name="mine", max=1) == ("UNKNOWN", 'release: "mine" not found')


def test_other_releases_do_not_exist(users: Users) -> None:
    """Nobody reads, lists or changes a release of a namespace where they have no rights, by any call."""
    worker, theirs = (users.place.worker,), users.place.theirs
    installed(users, "secret", theirs)
    unknown = 'release: "secret" not found'
    for call, fields in (
        ("GetReleaseContent", {}),
        ("GetReleaseContent", {"version": 1}),
        ("GetReleaseStatus", {}),
        ("GetHistory", {"max": 5}),
        ("UpdateRelease", {"chart": chart(config_map("x", users.place.ours))}),
        ("RollbackRelease", {"version": 1}),
        ("UninstallRelease", {"purge": True}),
        ("RunReleaseTest", {}),
    ):
        code, text = users.call(worker, call, name="secret", **fields)
        expected = ("not found", "no deployed releases")
        assert code == "UNKNOWN", (call, text)
        assert any(one in text for one in expected), (call, text)
        assert theirs not in text
    assert users.call(worker, "GetHistory", name="secret", max=1) == ("UNKNOWN", unknown)
    listed = users.call(worker, "ListReleases", status_codes=[1])
    assert "secret" not in [one.name for answer in listed for one in answer.releases]
    code, text = users.call(
        worker, "InstallRelease", name="secret", namespace=users.place.ours, chart=chart(), reuse_name=True
    )
    assert (code, "in use" in text) == ("UNKNOWN", True)
    assert users.place.exists("ConfigMap", theirs, "secret")


def test_no_installation_elsewhere(users: Users) -> None:
    """An installation into another namespace is refused before anything happens."""
    theirs = users.place.theirs
    code, text = users.call(
        (users.place.worker,), "InstallRelease", name="bad", namespace=theirs, chart=chart(config_map("bad", theirs))
    )
    assert code == "PERMISSION_DENIED"
    assert text.startswith(f'user "{users.place.worker}" cannot create releases in the namespace "{theirs}"')
    assert not users.place.exists("ConfigMap", theirs, "bad")


@pytest.mark.parametrize("hook", ["", "pre-install", "crd-install"])
def test_no_object_elsewhere(users: Users, hook: str) -> None:
    """A chart installed at home makes no object in another namespace, not as a hook either."""
    theirs, name = users.place.theirs, f"smuggled{hook}"
    code, text = users.call(
        (users.place.worker,),
        "InstallRelease",
        name=name,
        namespace=users.place.ours,
        chart=chart(config_map(name, theirs, hook)),
        timeout=180,
    )
    assert (code, "forbidden" in text) == ("UNKNOWN", True), text
    assert users.place.worker in text
    assert not users.place.exists("ConfigMap", theirs, name)


@pytest.mark.parametrize("hook", ['"helm.sh/hook": crd-install', ""])
def test_no_definitions(users: Users, hook: str) -> None:
    """CustomResourceDefinitions need rights of the whole cluster, whether they are hooks or not."""
    code, text = users.call(
        (users.place.worker,),
        "InstallRelease",
        name=f"crd{len(hook)}",
        namespace=users.place.ours,
        chart=chart(CRD.replace("HOOK", hook)),
        timeout=180,
    )
    assert (code, "forbidden" in text) == ("UNKNOWN", True), text
    assert not users.place.exists("CustomResourceDefinition", "", "stolen.example.com", "apiextensions.k8s.io/v1")


#: What is done with a release, and the event of the hook that runs then.
LATER = [
    ("UpdateRelease", "pre-upgrade"),
    ("UpdateRelease", "post-upgrade"),
    ("RollbackRelease", "pre-rollback"),
    ("RollbackRelease", "post-rollback"),
    ("UninstallRelease", "pre-delete"),
    ("UninstallRelease", "post-delete"),
    ("RunReleaseTest", "test-success"),
]
TEST_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME, namespace: PLACE, annotations: {helm.sh/hook: test-success}}\n"
    "spec: {containers: [{name: c, image: c}]}\n"
)


@pytest.mark.parametrize(("call", "event"), LATER, ids=[event for _call, event in LATER])
def test_no_hook_elsewhere(users: Users, call: str, event: str) -> None:
    """Hooks of every event are made as the caller: one that names another namespace makes nothing there."""
    worker, ours, theirs = (users.place.worker,), users.place.ours, users.place.theirs
    name = f"h-{event}"
    hook = config_map(name, theirs, event)
    if event == "test-success":
        hook = TEST_POD.replace("NAME", name).replace("PLACE", theirs)
    hooked = chart(config_map(f"{name}-own", ours), hook)
    made = users.call(worker, "InstallRelease", name=name, namespace=ours, chart=hooked, timeout=20)
    assert made.release.info.Description == "Install complete", made
    fields = {"chart": hooked} if call == "UpdateRelease" else {}
    if call == "RollbackRelease":
        fields = {"version": 1}
    answer = users.call(worker, call, name=name, timeout=20, **fields)
    assert "forbidden" in str(answer)
    assert not users.place.exists("Pod" if event == "test-success" else "ConfigMap", theirs, name)


def test_no_object_elsewhere_by_an_upgrade(users: Users) -> None:
    """A later revision, a chart within the chart and ``--force`` reach no further than an installation."""
    worker, ours, theirs = (users.place.worker,), users.place.ours, users.place.theirs
    made = users.call(
        worker, "InstallRelease", name="grows", namespace=ours, chart=chart(config_map("grows", ours)), timeout=180
    )
    assert made.release.version == 1, made
    nested = chart(config_map("grows", ours))
    nested.dependencies.append(chart(config_map("within", theirs)))
    nested.dependencies[0].metadata.name = "second"
    for force in (False, True):
        for grown in (chart(config_map("grown", theirs)), nested):
            code, text = users.call(worker, "UpdateRelease", name="grows", chart=grown, force=force, timeout=20)
            assert (code, "forbidden" in text) == ("UNKNOWN", True), text
    for name in ("grown", "within"):
        assert not users.place.exists("ConfigMap", theirs, name)


def test_what_is_not_seen_is_not_held(users: Users) -> None:
    """Nobody learns that a release of others is being changed, and nobody keeps others from changing it."""
    worker = (users.place.worker,)
    installed(users, "hidden", users.place.theirs)
    with users.gate.locks.changing("hidden"):
        assert users.call(worker, "UninstallRelease", name="hidden") == ("UNKNOWN", 'release: "hidden" not found')
    request = calls_of(SERVICE)["UninstallRelease"].request(name="hidden")
    peer = Peer(address="test", certificate=users.authority.issue(*worker)[1])
    with users.gate.call("UninstallRelease", request, peer):
        assert not users.gate.locks.is_held("hidden")


def test_metrics_name_no_release(users: Users) -> None:
    """Whoever reads the metrics learns what kinds of calls there are, and nothing of their content."""
    users.call((users.place.worker,), "GetHistory", name="very-secret-name", max=1)
    text = users.metrics.text()
    assert 'grpc_method="GetHistory"' in text
    for word in ("very-secret-name", users.place.worker, users.place.ours):
        assert word not in text


@pytest.mark.parametrize("token", ["\x7f", "x" * 7000, "a b", "é", "[]", "e30.e30.e30"])
def test_odd_tokens_are_refused(users: Users, token: str) -> None:
    """Whatever stands where a token should: the call is refused, and the server has no fault of its own."""
    key, certificate = users.authority.issue(users.place.worker)
    credentials = grpc.ssl_channel_credentials(users.authority.certificate, key, certificate)
    users.faults.clear()
    with grpc.secure_channel(f"localhost:{users.port}", credentials) as channel:
        send = channel.unary_unary(f"/{SERVICE}/GetVersion")
        with pytest.raises((grpc.RpcError, ValueError, UnicodeError)):
            send(b"", metadata=(*CLIENT, ("authorization", f"Bearer {token}")), timeout=180)
    assert users.faults == []
    assert users.call((users.place.worker,), "GetVersion").Version.sem_ver == "v2.17.0"


def test_groups_of_certificates_count(users: Users) -> None:
    """Rights of a group are those of its members: these may look at a release and not change it."""
    installed(users, "seen", users.place.ours)
    reader = ("somebody", users.place.reader)
    assert users.call(reader, "GetReleaseContent", name="seen").release.version == 1
    assert users.call(("somebody",), "GetReleaseContent", name="seen")[0] == "UNKNOWN"
    for call, verb in (("UpdateRelease", "create"), ("RollbackRelease", "create"), ("UninstallRelease", "update")):
        code, text = users.call(reader, call, name="seen")
        assert (code, f"cannot {verb} releases" in text) == ("PERMISSION_DENIED", True), text


def test_bearer_tokens_name_users(users: Users) -> None:
    """A service account's token makes the call the account's; a wrong one is refused whatever the certificate says."""
    place = users.place
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}
    place.make(account)
    name = f"system:serviceaccount:{place.ours}:robot"
    role = {"kind": "Role", "name": place.worker, "apiGroup": "rbac.authorization.k8s.io"}
    subject = {"kind": "ServiceAccount", "name": "robot", "namespace": place.ours}
    place.make(
        {
            "apiVersion": RBAC,
            "kind": "RoleBinding",
            "metadata": {"name": "robot"},
            "roleRef": role,
            "subjects": [subject],
        }
    )
    path = f"/api/v1/namespaces/{place.ours}/serviceaccounts/robot/token"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = place.client.request("POST", path, asked)["status"]["token"]
    made = users.call(
        ("nobody-at-all",),
        "InstallRelease",
        token=token,
        name="robots",
        namespace=place.ours,
        chart=chart(config_map("robots", place.ours)),
        timeout=180,
    )
    assert made.release.info.Description == "Install complete", made
    last = json.loads(users.log.read_text().splitlines()[-1])
    assert last["who"]["user"] == name
    assert users.call((place.worker,), "GetHistory", token="wrong", name="robots", max=1) == (
        "UNAUTHENTICATED",
        "the bearer token is not valid",
    )


def test_certificates_do_not_claim_the_clusters_names(users: Users) -> None:
    """A certificate of Tiller's authority makes nobody a part of the cluster or its administrator."""
    for who in (("admin", "system:masters"), ("system:kube-scheduler",), ("",)):
        assert users.call(who, "GetVersion")[0] == "UNAUTHENTICATED"
    # Servers drop space around the value of a header, so that these would be somebody else.
    for who in (("a", " system:masters"), (" system:admin",), ("a\t",), ("a", "\u00a0system:masters"), ("a\nb",)):
        assert users.call(who, "GetVersion")[0] == "UNAUTHENTICATED", who


def test_a_comma_parts_no_groups(users: Users) -> None:
    """A group whose name holds a comma is one group, wherever Tiller acts as its member."""
    who = ("somebody", f"none,{users.place.reader}")
    installed(users, "comma", users.place.ours)
    assert users.call(who, "GetReleaseContent", name="comma")[0] == "UNKNOWN"
    acting = users.clients(Caller(user="somebody", groups=who[1:]))
    with pytest.raises(PilothouseError, match="forbidden"):
        acting.list(acting.mapping("v1", "ConfigMap"), users.place.ours)


def test_names_of_any_letters_are_users(users: Users) -> None:
    """A name beyond ASCII is one user's, for the rights that are asked for and for what is done as them."""
    place = users.place
    name = f"jürgen-{place.worker}"
    role = {"kind": "Role", "name": place.worker, "apiGroup": "rbac.authorization.k8s.io"}
    subject = {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}
    item = {"apiVersion": RBAC, "kind": "RoleBinding", "metadata": {"name": "letters"}, "roleRef": role}
    place.make({**item, "subjects": [subject]})
    made = users.call(
        (name,),
        "InstallRelease",
        name="letters",
        namespace=place.ours,
        chart=chart(config_map("letters", place.ours)),
        timeout=180,
    )
    assert made.release.info.Description == "Install complete", made


def test_the_log_says_who_did_what(users: Users) -> None:
    """Each call has its end in the log, a change its beginning too, chained so that no line can be changed unseen."""
    users.call((users.place.worker, "team"), "UninstallRelease", name="never-there")
    lines = users.log.read_text().splitlines()
    begin, end = (json.loads(line) for line in lines[-2:])
    assert (begin["event"], end["event"]) == ("begin", "end")
    assert end["who"]["user"] == users.place.worker
    assert end["who"]["groups"] == ["team", "system:authenticated"]
    assert (end["call"], end["asked"]["release"]) == ("UninstallRelease", "never-there")
    assert (end["result"], end["error"]) == ("release-not-found", 'release: "never-there" not found')
    assert verify(str(users.log)) == len(lines)
    plans = [json.loads(line).get("plan") for line in lines]
    assert any(plans)
    assert "a: b" not in users.log.read_text()
    assert os.stat(users.log).st_mode & 0o077 == 0


# ── Tiller's own account ───────────────────────────────────────────────────────────────────────────────────────────

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/tiller-server.md"


def test_the_account_of_the_guide_is_enough(any_kubeconfig: Path, tmp_path: Path) -> None:
    """With the roles that the guide names and no others, Tiller serves its callers and keeps a Lease."""
    place = Place(any_kubeconfig, tmp_path)
    (text,) = re.findall(r"(?s)    (apiVersion: rbac.*?)\n\nGive", GUIDE.read_text())
    roles = list(yaml.safe_load_all(text.replace("\n    ", "\n")))
    place.make({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tiller"}})
    subject = {"kind": "ServiceAccount", "name": "tiller", "namespace": place.ours}
    for role in roles:
        role["metadata"]["name"] += f"-{place.ours}"
        role["metadata"].pop("namespace", None)
        kind = role["kind"]
        reference = {"kind": kind, "name": role["metadata"]["name"], "apiGroup": "rbac.authorization.k8s.io"}
        binding = {
            "apiVersion": RBAC,
            "kind": f"{kind}Binding",
            "metadata": {"name": role["metadata"]["name"]},
            "roleRef": reference,
            "subjects": [subject],
        }
        for item in (role, binding):
            place.make(item)
    path = f"/api/v1/namespaces/{place.ours}/serviceaccounts/tiller/token"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = place.client.request("POST", path, asked)["status"]["token"]
    environment = Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(any_kubeconfig)})
    limited = Assembly(environment, Overrides(kubeconfig=_with_token(any_kubeconfig, tmp_path, token)))
    clients = limited.acting_clients()
    context = limited.tiller(driver="configmap", namespace=place.ours)
    gate = Gate(context, client_for=clients)
    lease = TillerLease(context.cluster, place.ours, context.clock, this_process(os.urandom))
    lease.acquire()
    lease.renew()
    assert recover(context, lease, gate.locks) == []
    lease.release()
    worker = Authority("ours").issue(place.worker)[1]
    peer = Peer(address="test", certificate=worker)
    request = calls_of(SERVICE)["InstallRelease"].request(
        name="limited", namespace=place.ours, chart=chart(config_map("limited", place.ours)), timeout=180
    )
    with gate.call("InstallRelease", request, peer) as admitted:
        assert admitted.service.install_release(request).release.info.Description == "Install complete"
    purge = calls_of(SERVICE)["UninstallRelease"].request(name="limited", purge=True, timeout=180)
    with gate.call("UninstallRelease", purge, peer) as admitted:
        assert admitted.service.uninstall_release(purge).release.name == "limited"
    with pytest.raises(PilothouseError, match="forbidden"):
        context.cluster.list(context.cluster.mapping("v1", "Pod"), place.ours)
    clients.close()
    limited.client().close()
    place.client.close()


def _with_token(kubeconfig: Path, folder: Path, token: str) -> str:
    """Return a kubeconfig like this one, with a token in the place of its credentials."""
    found = yaml.safe_load(kubeconfig.read_text())
    for user in found["users"]:
        user["user"] = {"token": token}
    path = folder / "limited"
    path.write_text(yaml.safe_dump(found))
    path.chmod(0o600)
    return str(path)
