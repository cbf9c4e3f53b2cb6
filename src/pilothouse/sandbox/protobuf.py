"""Objects in Kubernetes' protobuf form, which Go clients send (``apimachinery/pkg/runtime/serializer/protobuf``).

Bodies are read; answers are JSON, which those clients accept as well.
"""

from __future__ import annotations

import base64
import gzip
import os
import struct
import time
from collections.abc import Callable, Iterator
from functools import cache

import orjson

from pilothouse.golang.kinds import YamlValue

Object = dict[str, YamlValue]
CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_ZERO: dict[str, YamlValue] = {"s": "", "b": False, "i": 0, "d": 0.0, "y": ""}
_GROUPS = {
    "rbac.authorization.k8s.io": "rbac",
    "admissionregistration.k8s.io": "admissionregistration",
    "flowcontrol.apiserver.k8s.io": "flowcontrol",
}


class WireError(ValueError):
    """A body is no Kubernetes protobuf, or of a kind whose messages are not known."""


@cache
def _messages() -> dict[str, dict[str, list[str]]]:
    path = os.path.join(os.path.dirname(__file__), "data", "wire.json.gz")
    with open(path, "rb") as file:
        table: dict[str, dict[str, list[str]]] = orjson.loads(gzip.decompress(file.read()))
    return table


def decode(body: bytes) -> Object:
    """Return the object in a body.

    Raises:
        WireError: It is no object that is known.
    """
    if not body.startswith(_MAGIC):
        raise WireError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        return _decode(body)
    except (AttributeError, TypeError, ValueError, OverflowError, OSError, struct.error) as error:
        raise WireError(str(error)) from error


def _decode(body: bytes) -> Object:
    outer = dict(_fields(body[4:]))
    names = dict(_fields(outer.get(1, b"")))
    version, kind = names.get(1, b"").decode(), names.get(2, b"").decode()
    message = _message_name(version, kind)
    if message not in _messages():
        raise WireError(f'no kind "{kind}" is registered for version "{version}"')
    made = _message(message, outer.get(2, b""))
    return {"apiVersion": version, "kind": kind, **made}


def _message_name(version: str, kind: str) -> str:
    group, _, number = version.rpartition("/")
    if kind in ("DeleteOptions", "CreateOptions", "PatchOptions", "UpdateOptions"):
        return f"meta.v1.{kind}"
    return f"{_GROUPS.get(group, group.partition('.')[0]) or 'core'}.{number}.{kind}"


def _fields(data: bytes) -> Iterator[tuple[int, YamlValue]]:
    """Yield number and raw value of every field."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif kind == 2:
            size, at = _varint(data, at)
            if at + size > end:
                raise WireError("unexpected EOF")
            yield tag >> 3, data[at : at + size]
            at += size
        elif kind == 1:
            yield tag >> 3, struct.unpack_from("<d", data, at)[0]
            at += 8
        elif kind == 5:
            yield tag >> 3, struct.unpack_from("<f", data, at)[0]
            at += 4
        else:
            raise WireError(f"proto: illegal wireType {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise WireError("unexpected EOF")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _message(name: str, data: bytes) -> Object:
    known = _messages().get(name)
    if known is None:
        raise WireError(f"no message {name} is known")
    made: Object = {}
    for number, raw in _fields(data):
        row = known.get(str(number))
        if row is None:
            continue
        field, kind, marks = row
        if "n" in marks:
            made.update(_value(kind, raw))
        elif "k" in marks:
            entry = dict(_fields(raw))
            inner = _value(kind, entry[2]) if 2 in entry else _ZERO.get(kind, {})
            made.setdefault(field, {})[entry.get(1, b"").decode()] = inner
        elif "r" in marks:
            made.setdefault(field, []).append(_value(kind, raw))
        else:
            value = _value(kind, raw)
            if value is None or ("p" not in marks and "o" in marks and value == _ZERO.get(kind)):
                continue
            made[field] = value
    return made


def _value(kind: str, raw: YamlValue) -> YamlValue:
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        return scalar(raw)
    if kind.startswith("list:"):
        return [item.decode() for number, item in _fields(raw) if number == 1]
    special = _SPECIAL.get(kind.rpartition(".")[2])
    return special(raw) if special is not None else _message(kind, raw)


def _signed(raw: int) -> int:
    return raw - (1 << 64) if raw >= 1 << 63 else raw


_SCALARS: dict[str, Callable[[YamlValue], YamlValue]] = {
    "s": lambda raw: raw.decode("utf-8", "replace"),
    "b": bool,
    "i": _signed,
    "d": float,
    "y": lambda raw: base64.b64encode(raw).decode(),
}


def _quantity(raw: bytes) -> YamlValue:
    return dict(_fields(raw)).get(1, b"0").decode() or "0"


def _int_or_string(raw: bytes) -> YamlValue:
    fields = dict(_fields(raw))
    if fields.get(1, 0) == 1:
        return fields.get(3, b"").decode()
    return _signed(fields.get(2, 0))


def _time(raw: bytes) -> YamlValue:
    fields = dict(_fields(raw))
    if not fields:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_signed(fields.get(1, 0))))


def _micro_time(raw: bytes) -> YamlValue:
    whole = _time(raw)
    if whole is None:
        return None
    nanos = dict(_fields(raw)).get(2, 0)
    return f"{whole[:-1]}.{nanos // 1000:06d}Z"


def _raw_json(raw: bytes) -> YamlValue:
    inner = dict(_fields(raw)).get(1, b"")
    return orjson.loads(inner) if inner else None


_SPECIAL = {
    "Quantity": _quantity,
    "IntOrString": _int_or_string,
    "Time": _time,
    "MicroTime": _micro_time,
    "RawExtension": _raw_json,
    "FieldsV1": _raw_json,
}
