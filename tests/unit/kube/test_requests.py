"""Operations become requests, and answers objects or errors, without a socket."""

from __future__ import annotations

import json

import pytest

from pilothouse.errors import Conflict, Denied, Exists, Invalid, NotFound, TimedOut, Unreachable
from pilothouse.kube import requests
from pilothouse.kube.errors import ApiError, KindNotFound
from pilothouse.kube.requests import DeleteOptions, ListOptions, Request, WriteOptions
from pilothouse.kube.resources import NAMESPACES, PODS, ResourceMapping, group_resource_of

DEPLOYMENTS = ResourceMapping(group="apps", version="v1", kind="Deployment", plural="deployments", namespaced=True)
REQUEST = Request(method="GET", target="/x", resource="pods", name="a")


def test_paths() -> None:
    """Kinds of the core group, of other groups and without namespaces have their own paths."""
    assert PODS.path("ns", "a", "log") == "/api/v1/namespaces/ns/pods/a/log"
    assert PODS.path() == "/api/v1/pods"
    assert DEPLOYMENTS.path("ns") == "/apis/apps/v1/namespaces/ns/deployments"
    assert NAMESPACES.path("ignored", "a/b ü") == "/api/v1/namespaces/a%2Fb%20%C3%BC"
    assert (DEPLOYMENTS.api_version, group_resource_of(DEPLOYMENTS)) == ("apps/v1", "deployments.apps")


def test_list() -> None:
    """Selectors are escaped; a later page names its token and no resource version."""
    options = ListOptions(labels="a in (b,c),d=e", fields="metadata.name=x", limit=5, resource_version="7")
    first = requests.list_request(PODS, "ns", options)
    assert first.target == (
        "/api/v1/namespaces/ns/pods?labelSelector=a%20in%20%28b%2Cc%29%2Cd%3De"
        "&fieldSelector=metadata.name%3Dx&limit=5&resourceVersion=7"
    )
    later = requests.list_request(PODS, "ns", options, "token")
    assert "continue=token" in later.target
    assert "resourceVersion" not in later.target
    metadata = requests.list_request(PODS, "", ListOptions(form="metadata"))
    assert "as=PartialObjectMetadataList" in metadata.accept


def test_writes() -> None:
    """A write says who writes, how it is checked, and whether it counts."""
    options = WriteOptions(dry_run=True, field_validation="Strict", force=True)
    body = {"apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"replicas": 3.0, "ratio": 0.5, "text": "<é>"}}
    patch = requests.write_request("PATCH", DEPLOYMENTS, "ns", "a", body, options, patch_type="apply")
    assert patch.target == (
        "/apis/apps/v1/namespaces/ns/deployments/a?dryRun=All&fieldManager=helm&fieldValidation=Strict&force=true"
    )
    assert patch.content_type == "application/apply-patch+yaml"
    assert b'"replicas":3,' in (patch.body or b"").replace(b'"ratio":0.5,', b"")
    assert "<é>".encode() in (patch.body or b"")
    post = requests.write_request("POST", DEPLOYMENTS, "ns", "a", body, WriteOptions())
    assert post.target == "/apis/apps/v1/namespaces/ns/deployments?fieldManager=helm"
    binding = requests.write_request(
        "POST", PODS, "ns", "a", {}, WriteOptions(field_manager=""), subresource="eviction"
    )
    assert binding.target == "/api/v1/namespaces/ns/pods/a/eviction"


def test_delete() -> None:
    """A deletion says how far it reaches and which object it means."""
    plain = requests.delete_request(PODS, "ns", "a", DeleteOptions())
    assert json.loads(plain.body or b"") == {"kind": "DeleteOptions", "apiVersion": "v1"}
    chosen = DeleteOptions(propagation="foreground", grace_period=0, uid="u", dry_run=True)
    assert json.loads(requests.delete_request(PODS, "ns", "a", chosen).body or b"") == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "gracePeriodSeconds": 0,
        "preconditions": {"uid": "u"},
        "propagationPolicy": "Foreground",
        "dryRun": ["All"],
    }


def test_answers() -> None:
    """A good answer is an object, whatever its 2xx code; an empty one is an empty object."""
    assert requests.handle_response(REQUEST, 201, {}, b'{"kind":"Pod"}') == {"kind": "Pod"}
    assert requests.handle_response(REQUEST, 200, {}, b"") == {}
    for body in (b"[]", b"<html>"):
        with pytest.raises(Unreachable):
            requests.handle_response(REQUEST, 200, {}, body)


@pytest.mark.parametrize(
    ("reason", "code", "category"),
    [
        ("NotFound", 404, NotFound),
        ("AlreadyExists", 409, Exists),
        ("Conflict", 409, Conflict),
        ("Invalid", 422, Invalid),
        ("Forbidden", 403, Denied),
        ("Unauthorized", 401, Denied),
        ("Expired", 410, Conflict),
        ("Timeout", 504, TimedOut),
        ("TooManyRequests", 429, Unreachable),
        ("InternalError", 500, Unreachable),
        ("", 404, NotFound),
        ("SomethingNew", 422, Invalid),
    ],
)
def test_failures_have_categories(reason: str, code: int, category: type[Exception]) -> None:
    """A Status becomes an error of the category that its reason, else its code, stands for."""
    status = {"kind": "Status", "status": "Failure", "message": "said so", "reason": reason, "code": code}
    with pytest.raises(category, match=r"^said so$") as caught:
        requests.handle_response(REQUEST, code, {"content-type": "application/json"}, json.dumps(status).encode())
    assert isinstance(caught.value, ApiError)
    assert (caught.value.code, caught.value.reason) == (code, reason)


@pytest.mark.parametrize(
    ("code", "content_type", "body", "message"),
    [
        (404, "text/plain", b"404 page not found", "the server could not find the requested resource (get pods a)"),
        (403, "text/plain", b" no ", "no (get pods a)"),
        (
            500,
            "text/html",
            b'a "b"',
            'an error on the server ("a \\"b\\"") has prevented the request from succeeding (get pods a)',
        ),
        (503, "", b"", "the server is currently unable to handle the request (get pods a)"),
        (
            418,
            "text/plain",
            b"",
            "the server responded with the status code 418 but did not return more information (get pods a)",
        ),
        (
            502,
            "application/json",
            b"{}",
            'an error on the server ("unknown") has prevented the request from succeeding (get pods a)',
        ),
    ],
)
def test_failures_without_a_status(code: int, content_type: str, body: bytes, message: str) -> None:
    """An answer that is no Status is told in client-go's words."""
    assert requests.failure(REQUEST, code, {"content-type": content_type}, body).message == message


def test_raw_failures_go_by_their_code() -> None:
    """Where client-go wants only the bytes, a Status is not read."""
    status = b'{"kind":"Status","status":"Failure","message":"Unauthorized","code":401}'
    request = Request(method="GET", target="/version", raw=True)
    error = requests.failure(request, 401, {"content-type": "application/json"}, status)
    assert error.message == "the server has asked for the client to provide credentials"


def test_retries() -> None:
    """A request is sent again when the server says when, or when etcd changes its leader, but not for ever."""
    assert requests.retry_after(429, {"retry-after": "2"}, b"", 1).seconds == 2
    assert requests.retry_after(503, {"retry-after": "0"}, b"", 10).again
    assert not requests.retry_after(429, {"retry-after": "1"}, b"", 11).again
    assert not requests.retry_after(503, {}, b"", 1).again
    assert not requests.retry_after(404, {"retry-after": "1"}, b"", 1).again
    leader = b'{"kind":"Status","code":500,"message":"etcdserver: leader changed"}'
    assert requests.retry_after(500, {}, leader, 1).again
    assert not requests.retry_after(500, {}, leader, 2).again


def test_unknown_kind() -> None:
    """A kind that is not served is told as Helm tells it for an object of a manifest."""
    error = KindNotFound("example.com/v1", "Widget").for_resource("w", "ns")
    assert error.message == (
        'resource mapping not found for name: "w" namespace: "ns" from "": '
        'no matches for kind "Widget" in version "example.com/v1"\nensure CRDs are installed first'
    )
