"""The Kubernetes protocol without a socket: an operation becomes a request, an answer an object or an error.

The texts for answers that are no ``Status`` follow ``errors.NewGenericServerResponse`` of apimachinery.
"""

from __future__ import annotations

import json

from pilothouse.errors import Invalid, Unreachable
from pilothouse.kube.errors import ApiError, error_for
from pilothouse.kube.resources import escape, group_resource_of, path_of
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc
    from collections.abc import Sequence

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.resources import KubeObject
    from pilothouse.objects.mapping import Mapping

    Headers = collections.abc.Mapping[str, str]

PATCH_TYPES = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
PROPAGATIONS = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}

_JSON = "application/json"
_PARTIAL = "application/json;as=PartialObjectMetadata{list};g=meta.k8s.io;v=v1,application/json"
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_TEXT_LIMIT = 2048


class Request(Record):
    """One HTTP request to an API server.

    Attributes:
        method: HTTP method.
        target: Path with query.
        accept: Media types of the answer.
        content_type: Media type of the body.
        body: Content, none when there is none.
        resource: ``plural.group`` for error texts.
        name: Object for error texts.
        stream: Whether the answer is read piece by piece.
        raw: Whether a failure is told by its code alone, as client-go does where it wants only the bytes
            (``Result.Raw``: the version and the groups).
    """

    method: str
    target: str
    accept: str = _JSON
    content_type: str = ""
    body: bytes | None = None
    resource: str = ""
    name: str = ""
    stream: bool = False
    raw: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice comes to the same: reading, deleting, and server-side apply."""
        return self.method in ("GET", "DELETE") or self.content_type == PATCH_TYPES["apply"]


class ListOptions(Record):
    """What to list or watch.

    Attributes:
        labels: Label selector.
        fields: Field selector.
        limit: Objects a page, 0 for all at once.
        resource_version: As the API defines it for lists and watches.
        form: ``object``, ``metadata`` (``PartialObjectMetadata``) or ``table`` (the columns kubectl prints).
    """

    labels: str = ""
    fields: str = ""
    limit: int = 0
    resource_version: str = ""
    form: str = "object"


class WriteOptions(Record):
    """How to write.

    Attributes:
        field_manager: Who owns the fields; empty leaves it to the server.
        dry_run: Whether the server only pretends.
        field_validation: ``Strict``, ``Warn``, ``Ignore`` or empty for the server's default.
        force: Whether server-side apply takes fields over from their owners.
    """

    field_manager: str = "helm"
    dry_run: bool = False
    field_validation: str = ""
    force: bool = False


class DeleteOptions(Record):
    """How to delete.

    Attributes:
        propagation: ``background``, ``foreground``, ``orphan`` or empty for the server's default.
        grace_period: Seconds, none for the object's own.
        uid: Delete only this object, not one that took its name.
        resource_version: Delete only this version of it.
        dry_run: Whether the server only pretends.
    """

    propagation: str = ""
    grace_period: int | None = None
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


_OBJECT_ACCEPTS = {"object": _JSON, "metadata": _PARTIAL.format(list=""), "table": _TABLE}
_LIST_ACCEPTS = {"object": _JSON, "metadata": _PARTIAL.format(list="List"), "table": _TABLE}


def with_query(path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return ``path`` with those query parameters that have a value."""
    query = "&".join(f"{key}={escape(value)}" for key, value in parameters if value)
    return f"{path}?{query}" if query else path


def get_request(mapping: Mapping, namespace: str, name: str, subresource: str = "", form: str = "object") -> Request:
    """Return the request for one object."""
    _require_name(name)
    return Request(
        method="GET",
        target=path_of(mapping, namespace, name, subresource),
        accept=_OBJECT_ACCEPTS[form],
        resource=group_resource_of(mapping),
        name=name,
    )


def list_request(mapping: Mapping, namespace: str, options: ListOptions, continuation: str = "") -> Request:
    """Return the request for a page of a collection."""
    parameters = [
        ("labelSelector", options.labels),
        ("fieldSelector", options.fields),
        ("limit", str(options.limit) if options.limit else ""),
        ("continue", continuation),
        ("resourceVersion", "" if continuation else options.resource_version),
    ]
    return Request(
        method="GET",
        target=with_query(path_of(mapping, namespace), parameters),
        accept=_LIST_ACCEPTS[options.form],
        resource=group_resource_of(mapping),
    )


def watch_request(mapping: Mapping, namespace: str, options: ListOptions, timeout: int) -> Request:
    """Return the request for changes after a resource version."""
    parameters = [
        ("allowWatchBookmarks", "true"),
        ("fieldSelector", options.fields),
        ("labelSelector", options.labels),
        ("resourceVersion", options.resource_version),
        ("timeoutSeconds", str(timeout)),
        ("watch", "true"),
    ]
    return Request(
        method="GET",
        target=with_query(path_of(mapping, namespace), parameters),
        accept=_OBJECT_ACCEPTS[options.form],
        resource=group_resource_of(mapping),
        stream=True,
    )


def write_request(
    method: str,
    mapping: Mapping,
    namespace: str,
    name: str,
    body: YamlValue,
    options: WriteOptions,
    *,
    patch_type: str = "",
    subresource: str = "",
) -> Request:
    """Return the request that creates (``POST``), replaces (``PUT``) or patches (``PATCH``) an object."""
    parameters = [
        ("dryRun", "All" if options.dry_run else ""),
        ("fieldManager", options.field_manager),
        ("fieldValidation", options.field_validation),
        ("force", "true" if options.force else ""),
    ]
    in_path = "" if method == "POST" and not subresource else name
    if method != "POST":
        _require_name(name)
    return Request(
        method=method,
        target=with_query(path_of(mapping, namespace, in_path, subresource), parameters),
        content_type=PATCH_TYPES[patch_type] if patch_type else _JSON,
        body=body if isinstance(body, bytes) else encode_body(body),
        resource=group_resource_of(mapping),
        name=in_path,
    )


def delete_request(mapping: Mapping, namespace: str, name: str, options: DeleteOptions) -> Request:
    """Return the request that deletes an object."""
    _require_name(name)
    body: KubeObject = {"kind": "DeleteOptions", "apiVersion": "v1"}
    if options.grace_period is not None:
        body["gracePeriodSeconds"] = options.grace_period
    preconditions = {"uid": options.uid, "resourceVersion": options.resource_version}
    if any(preconditions.values()):
        body["preconditions"] = {key: value for key, value in preconditions.items() if value}
    if options.propagation:
        body["propagationPolicy"] = PROPAGATIONS.get(options.propagation.lower(), options.propagation)
    if options.dry_run:
        body["dryRun"] = ["All"]
    return Request(
        method="DELETE",
        target=path_of(mapping, namespace, name),
        content_type=_JSON,
        body=encode_body(body),
        resource=group_resource_of(mapping),
        name=name,
    )


def _require_name(name: str) -> None:
    """Check that an object is named: a path without a name would mean the whole collection (``rest.Request.Name``)."""
    if not name:
        raise Invalid("resource name may not be empty")


def encode_body(value: YamlValue) -> bytes:
    """Return ``value`` as JSON as Go writes it: whole floats without ``.0``, which a server refuses for integers."""
    from pilothouse.formats import json_text

    return json_text.encode(value, escape_html=False).encode("utf-8", "replace")


def handle_response(request: Request, status: int, headers: Headers, body: bytes) -> KubeObject:
    """Return the object in an answer.

    Raises:
        ApiError: The answer is a failure.
        Unreachable: It is no JSON object.
    """
    if 200 <= status <= 206:
        if not body:
            return {}
        try:
            decoded = json.loads(body)
        except ValueError:
            decoded = None
        if not isinstance(decoded, dict):
            raise Unreachable(f"the server's answer to {request.method} {request.target} is no JSON object")
        return decoded
    raise failure(request, status, headers, body)


def failure(request: Request, status: int, headers: Headers, body: bytes) -> ApiError:
    """Return the error for an answer that is not 2xx (``rest.Request.transformResponse``)."""
    media_type = headers.get("content-type", "").partition(";")[0].strip()
    if media_type in ("", _JSON) and not request.raw:
        try:
            decoded = json.loads(body)
        except ValueError:
            decoded = None
        if isinstance(decoded, dict) and decoded.get("kind") == "Status" and decoded.get("status") == "Failure":
            decoded.setdefault("code", status)
            return error_for(decoded)
    return error_for(_generic_status(request, status, headers, body))


_GENERIC = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    409: ("Conflict", "the server reported a conflict"),
    422: ("Invalid", "the server rejected our request due to an error in our request"),
    429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: (
        "Timeout",
        "the server was unable to return a response in the time allotted, but may still be processing the request",
    ),
}


def _generic_status(request: Request, code: int, headers: Headers, body: bytes) -> KubeObject:
    """Return a ``Status`` for an answer that is none (``errors.NewGenericServerResponse``)."""
    text = "unknown"
    if _is_text(headers.get("content-type", ""), body):
        text = body[:_TEXT_LIMIT].decode("utf-8", "replace").strip()
    reason, message = _GENERIC.get(
        code,
        ("", f"the server responded with the status code {code} but did not return more information"),
    )
    if code in (403, 406, 415):
        reason = {403: "Forbidden", 406: "NotAcceptable", 415: "UnsupportedMediaType"}[code]
        unknown = code == 406 and text in ("", "unknown")
        message = "the server was unable to respond with a content type that the client supports" if unknown else text
    elif code == 409 and request.method == "POST":
        reason = "AlreadyExists"
    elif code >= 500 and code not in _GENERIC:
        reason = "InternalError"
        message = (
            f"an error on the server ({json.dumps(text, ensure_ascii=False)}) has prevented the request from succeeding"
        )
    about = " ".join(part for part in (request.method.lower(), request.resource, request.name) if part)
    if request.resource:
        message = f"{message} ({about})"
    retry = headers.get("retry-after", "")
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
        "details": {
            "causes": [{"reason": "UnexpectedServerResponse", "message": text}],
            "retryAfterSeconds": int(retry) if retry.isdigit() else 0,
        },
    }


def _is_text(content_type: str, body: bytes) -> bool:
    """Return whether an answer can be shown (``rest.isTextResponse``)."""
    if not content_type:
        return b"\0" not in body
    return content_type.strip().lower().startswith("text/")


class Retry(Record):
    """Whether and when to send a request again.

    Attributes:
        again: Whether to.
        seconds: How long to wait before.
    """

    again: bool
    seconds: float = field(default_factory=float)


MAX_RETRIES = 10
_ETCD_TROUBLES = (b"etcdserver: leader changed", b"rpc error: code = Unknown desc = raft proposal dropped")


def retry_after(status: int, headers: Headers, body: bytes, attempt: int) -> Retry:
    """Return what client-go and Helm do about an answer: ``rest.withRetry`` and Helm's ``RetryingRoundTripper``.

    Args:
        status: HTTP status of the answer.
        headers: Its headers, names in lower case.
        body: Its body.
        attempt: 1 after the first try.
    """
    if attempt > MAX_RETRIES:
        return Retry(again=False)
    wait = headers.get("retry-after", "")
    if (status == 429 or status >= 500) and wait.isdigit():
        return Retry(again=True, seconds=float(wait))
    if status >= 500 and attempt == 1 and any(trouble in body for trouble in _ETCD_TROUBLES):
        return Retry(again=True)
    return Retry(again=False)
