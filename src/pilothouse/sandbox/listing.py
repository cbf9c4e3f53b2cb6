"""Lists of objects: selected, at a revision, in pages (``apiserver/pkg/storage/etcd3`` GetList)."""

from __future__ import annotations

import base64
import binascii

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.errors import Compacted, StatusError
from pilothouse.sandbox.requests import Request
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.selection import matcher
from pilothouse.sandbox.store import Entry, Store

Object = dict[str, YamlValue]
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without"
    " the continue parameter, or use the continue token in this response to retrieve the remainder of the results."
    " Continuing with the provided token results in an inconsistent list - objects that were created, modified, or"
    " deleted between the time the first chunk was returned and now may show up in the list."
)


def page(store: Store, request: Request, resource: Resource) -> tuple[list[Entry], Object]:
    """Return the entries that a list request means, and the list's metadata.

    Raises:
        StatusError: A parameter is wrong, or its revision is too old.
    """
    fields = request.text("fieldSelector")
    chosen = matcher(resource, request.text("labelSelector"), fields)
    size = request.number("limit") or 0
    prefix = resource.prefix_in(request.namespace)
    with store.lock:
        revision, after = _start(store, request)
        try:
            entries = store.list(prefix, revision=revision)
        except Compacted as error:
            if after:
                raise _expired(after) from error
            raise statuses.gone(error.message) from error
    if after:
        entries = [entry for entry in entries if entry.key > after]
    entries = [entry for entry in entries if chosen(entry.object)]
    metadata: Object = {"resourceVersion": str(revision)}
    if size and len(entries) > size:
        metadata["continue"] = _token(revision, entries[size - 1].key)
        if not fields and not request.text("labelSelector"):
            metadata["remainingItemCount"] = len(entries) - size
        entries = entries[:size]
    return entries, metadata


def _start(store: Store, request: Request) -> tuple[int, str]:
    token = request.text("continue")
    if token:
        try:
            revision, after = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        except (ValueError, binascii.Error, TypeError):
            raise statuses.bad_request(f"continue key is not valid: {token}") from None
        if not isinstance(revision, int) or not isinstance(after, str):
            raise statuses.bad_request(f"continue key is not valid: {token}")
        return (store.revision if revision < 0 else revision), after
    asked, wanted = request.text("resourceVersion"), request.number("resourceVersion")
    if asked and wanted is None:
        raise statuses.bad_request(f"resourceVersion: Invalid value: {statuses.show(asked)}: strconv.ParseUint")
    if wanted is not None and wanted > store.revision:
        raise statuses.too_large_revision(asked, store.revision)
    if wanted is not None and request.text("resourceVersionMatch") == "Exact":
        return wanted, ""
    return store.revision, ""


def _token(revision: int, key: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([revision, key])).rstrip(b"=").decode()


def _expired(after: str) -> StatusError:
    refused = statuses.gone(_EXPIRED)
    refused.metadata = {"continue": _token(-1, after)}
    return refused
