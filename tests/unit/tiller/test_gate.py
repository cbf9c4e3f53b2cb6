"""What calls pass before they are answered: one change at a time, a limit of time, a log that can be written."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

from pilothouse.actions.errors import CallerUnknown, CallExpired, OperationPending
from pilothouse.actions.tiller_access import Caller, Rights, review_token
from pilothouse.actions.tiller_limits import within
from pilothouse.assembly import Assembly
from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.errors import Invalid
from pilothouse.hapi.messages import SERVICE, calls_of
from pilothouse.kube.acting import ActingClients
from pilothouse.tiller.audit import AuditLog
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.identity import Peer, certified, trusted

CALLS = calls_of(SERVICE)
PEER = Peer(address="ipv4:127.0.0.1:1")


@pytest.fixture
def context() -> Any:
    """Ports with a store in memory and a clock that stands still."""
    return Assembly(Environment()).tiller(driver="memory", namespace="").replace(clock=FixedClock(0))


def test_one_change_of_a_release_at_a_time(context: Any) -> None:
    """A second change is refused while the first runs; other releases, dry runs and questions are not."""
    gate = Gate(context)
    upgrade = CALLS["UpdateRelease"].request
    with gate.call("UpdateRelease", upgrade(name="web"), PEER):
        with pytest.raises(OperationPending), gate.call("UninstallRelease", upgrade(name="web"), PEER):
            pytest.fail("it was let in")
        with gate.call("UpdateRelease", upgrade(name="other"), PEER):
            pass
        with gate.call("UpdateRelease", upgrade(name="web", dry_run=True), PEER):
            pass
        with gate.call("GetHistory", CALLS["GetHistory"].request(name="web"), PEER):
            pass
    with gate.call("UninstallRelease", upgrade(name="web"), PEER):
        pass


def test_a_failed_change_lets_the_next_one_in(context: Any) -> None:
    """Whatever ends a call, its release is free again."""
    gate = Gate(context)
    request = CALLS["UpdateRelease"].request(name="web")
    with pytest.raises(RuntimeError), gate.call("UpdateRelease", request, PEER):
        raise RuntimeError
    with gate.call("UpdateRelease", request, PEER):
        pass


def test_time_is_limited(context: Any) -> None:
    """Beyond it the cluster is asked for nothing, and nobody waits; records can still be written."""
    limited = within(context, 10)
    limited.clock.sleep(9)
    assert callable(limited.cluster.forget_discovery)
    context.clock.sleep(2)
    for work in (lambda: limited.cluster.forget_discovery, lambda: limited.clock.sleep(1)):
        with pytest.raises(CallExpired, match="longer than the 10 seconds"):
            work()
    assert limited.store.list() == []


def test_no_change_without_its_line(context: Any, tmp_path: Path) -> None:
    """A change whose beginning cannot be logged is not made; what only asks is answered."""
    log = AuditLog(str(tmp_path / "log"), context.clock)
    log.close()
    gate = Gate(context, audit=log)
    with pytest.raises(Invalid, match="audit log: write"), gate.call("UpdateRelease", _named("web"), PEER):
        pytest.fail("it was let in")
    with gate.call("GetHistory", CALLS["GetHistory"].request(name="web"), PEER) as admitted:
        assert admitted.outcome == {}


def _named(name: str) -> Any:
    return CALLS["UpdateRelease"].request(name=name)


def test_who_acts_must_be_known(context: Any) -> None:
    """With impersonation, a call without certificate and token is nobody's."""

    def unused(_caller: Any) -> Any:
        pytest.fail("nobody acts")

    with pytest.raises(CallerUnknown), Gate(context, client_for=unused).call("GetVersion", None, PEER):
        pytest.fail("it was let in")
    assert Gate(context).identify(PEER) is None


def test_certificates_that_are_none() -> None:
    """Bytes that are no certificate name nobody, and a name of the cluster's own is nobody's."""
    with pytest.raises(CallerUnknown, match="cannot be read"):
        certified(b"x")
    assert trusted(Caller(user="jane", groups=("team",))).user == "jane"
    for caller in (Caller(user="system:admin"), Caller(user="jane", groups=("system:masters",))):
        with pytest.raises(CallerUnknown, match="only the cluster may give"):
            trusted(caller)


def test_tokens_are_not_shown() -> None:
    """A peer's representation holds neither its token nor its certificate."""
    assert "sesame" not in repr(Peer(address="a", token="sesame", certificate=b"sesame"))


class Asked:
    """A cluster that answers reviews, and keeps the questions."""

    def __init__(self, user: dict[str, Any]) -> None:
        self.user = user
        self.specs: list[dict[str, Any]] = []

    def mapping(self, _api_version: str, kind: str) -> Any:
        """Return what is read of a kind."""
        return types.SimpleNamespace(group="g", version="v", kind=kind)

    def create(self, _mapping: Any, _namespace: str, question: Any) -> Any:
        """Answer a review."""
        self.specs.append(question["spec"])
        return {"status": {"authenticated": True, "user": self.user, "allowed": True}}


def test_what_narrows_a_token_is_handed_on() -> None:
    """Scopes that the cluster knows of a token count wherever Tiller asks or acts for its bearer."""
    scopes = {"scopes.example.com": ["read"], "authentication.kubernetes.io/pod-name": ["a"]}
    cluster: Any = Asked({"username": "jane", "groups": ["team"], "extra": scopes})
    caller = review_token(cluster, "sesame")
    assert caller.extra == (("scopes.example.com", ("read",)),)
    assert Rights(cluster, caller).allows("get", "web")
    assert cluster.specs[-1]["extra"] == {"scopes.example.com": ["read"]}
    made: list[Any] = []

    def make(who: Any) -> Any:
        made.append(who)
        return cluster

    clients = ActingClients(make)
    for one in (caller, caller, caller.replace(extra=())):
        clients(one)
    assert [dict(who.extra) for who in made] == [{"scopes.example.com": ("read",)}, {}]


@pytest.mark.parametrize("name", [" system:masters", "a ", "", "a\nb", "a\x7f", "\u3000a"])
def test_names_that_headers_change_are_nobodys(name: str) -> None:
    """Whoever the cluster or a certificate names in that way."""
    for caller in (Caller(user=name), Caller(user="jane", groups=(name,))):
        with pytest.raises(CallerUnknown):
            trusted(caller)
    cluster: Any = Asked({"username": name or " "})
    with pytest.raises(CallerUnknown):
        review_token(cluster, "sesame")
