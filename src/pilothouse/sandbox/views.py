"""Objects as a client wants to see them: whole, metadata alone, or as a table."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import conversion, tables
from pilothouse.sandbox.requests import Request
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.store import Entry

Object = dict[str, YamlValue]
_META = "meta.k8s.io"


class View:
    """How one request's objects are shown.

    Args:
        request: What the client takes.
        resource: The kind of the objects.
        clock: The time, for ages.
    """

    def __init__(self, request: Request, resource: Resource, clock: Clock) -> None:
        self.resource = resource
        self._clock = clock
        self._include = request.text("includeObject", "Metadata")
        self.kind = ""
        for part in request.accept.split(","):
            fields = dict(item.strip().partition("=")[::2] for item in part.split(";")[1:])
            if fields.get("g", "") == _META and fields.get("v", "") in ("v1", "v1beta1"):
                self.kind = fields.get("as", "")
                self._version = fields["v"]
            if part:
                break

    @property
    def is_plain(self) -> bool:
        """Whether objects are shown as they are stored."""
        return not self.kind and (
            self.resource.version == self.resource.storage_version and self.resource.group != "events.k8s.io"
        )

    def one(self, value: Object) -> bytes:
        """Return a single object."""
        if self.kind == "Table":
            return orjson.dumps(self._table([value], value["metadata"].get("resourceVersion", "")))
        if self.kind == "PartialObjectMetadata":
            return orjson.dumps(self._partial(value))
        return orjson.dumps(value)

    def entry(self, entry: Entry) -> bytes:
        """Return a single object as it is stored."""
        return entry.value if self.is_plain else self.one(conversion.to_version(entry.copy(), self.resource))

    def many(self, entries: Sequence[Entry], metadata: Object) -> bytes:
        """Return a list of objects."""
        resource = self.resource
        if self.is_plain:
            head = {"kind": resource.list_kind, "apiVersion": resource.api_version, "metadata": metadata}
            items = b",".join([entry.value for entry in entries])
            return orjson.dumps(head)[:-1] + b',"items":[' + items + b"]}"
        values = [conversion.to_version(entry.copy(), resource) for entry in entries]
        if self.kind == "Table":
            table = self._table(values, metadata["resourceVersion"])
            table["metadata"] = metadata
            return orjson.dumps(table)
        if self.kind == "PartialObjectMetadataList":
            parts = [self._partial(value) for value in values]
            head = {"kind": "PartialObjectMetadataList", "apiVersion": f"{_META}/{self._version}"}
            return orjson.dumps({**head, "metadata": metadata, "items": parts})
        head = {"kind": resource.list_kind, "apiVersion": resource.api_version, "metadata": metadata}
        return orjson.dumps({**head, "items": values})

    def event(self, kind: str, entry: Entry, *, first: bool) -> bytes:
        """Return one event of a watch, as a line."""
        if self.is_plain:
            return b'{"type":"' + kind.encode() + b'","object":' + entry.value + b"}\n"
        value = conversion.to_version(entry.copy(), self.resource)
        if self.kind == "Table":
            shown = self._table([value], "")
            if not first:
                shown["columnDefinitions"] = None
        else:
            shown = self._partial(value) if self.kind == "PartialObjectMetadata" else value
        return orjson.dumps({"type": kind, "object": shown}) + b"\n"

    def bookmark(self, revision: int, *, initial_end: bool) -> bytes:
        """Return a bookmark, as a line."""
        metadata: Object = {"resourceVersion": str(revision), "creationTimestamp": None}
        if initial_end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        shown: Object = {"kind": self.resource.kind, "apiVersion": self.resource.api_version, "metadata": metadata}
        if self.kind == "PartialObjectMetadata":
            shown.update(kind="PartialObjectMetadata", apiVersion=f"{_META}/{self._version}")
        elif self.kind == "Table":
            row = {"cells": [], "object": self._partial(shown)}
            table: Object = {"kind": "Table", "apiVersion": f"{_META}/{self._version}", "columnDefinitions": []}
            shown = {**table, "metadata": {"resourceVersion": str(revision)}, "rows": [row]}
        return orjson.dumps({"type": "BOOKMARK", "object": shown}) + b"\n"

    def _partial(self, value: Object) -> Object:
        kind = {"kind": "PartialObjectMetadata", "apiVersion": f"{_META}/{self._version}"}
        return {**kind, "metadata": value["metadata"]}

    def _table(self, values: Sequence[Object], revision: str) -> Object:
        custom = self.resource.custom.columns if self.resource.custom is not None else None
        columns = tables.columns(self.resource.group, self.resource.kind, custom)
        rows = []
        for value, cells in zip(values, tables.rows(values, self._clock.now(), custom), strict=True):
            row: Object = {"cells": cells}
            if self._include == "Object":
                row["object"] = value
            elif self._include != "None":
                row["object"] = self._partial(value)
            rows.append(row)
        head = {"kind": "Table", "apiVersion": f"{_META}/{self._version}"}
        return {**head, "metadata": {"resourceVersion": revision}, "columnDefinitions": columns, "rows": rows}
