"""What objects of each kind may be called (apimachinery's ``validation`` as Helm's linter uses it)."""

from __future__ import annotations

import re

_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL_1123 = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_NOT_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_NOT_LABEL_1123 = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL_1123}')"
)
_NOT_LABEL_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    f"'{_LABEL_1035}')"
)
_PATH_SEGMENT_KINDS = frozenset({"role", "clusterrole", "rolebinding", "clusterrolebinding"})


def name_faults(kind: str, name: str) -> list[str]:
    """Return what is wrong with the name of an object of ``kind`` (``validateMetadataNameFunc``)."""
    folded = kind.lower()
    if folded == "service":
        return _faults(name, 63, _LABEL_1035, _NOT_LABEL_1035)
    if folded == "namespace":
        return _namespace(name)
    if folded == "certificatesigningrequest":
        return []
    if folded in _PATH_SEGMENT_KINDS:
        if name in {".", ".."}:
            return [f"may not be '{name}'"]
        return [f"may not contain '{char}'" for char in "/%" if char in name]
    return _faults(name, 253, _SUBDOMAIN, _NOT_SUBDOMAIN)


def _faults(name: str, maximum: int, pattern: str, text: str) -> list[str]:
    faults = []
    if len(name.encode("utf-8", "surrogateescape")) > maximum:
        faults.append(f"must be no more than {maximum} characters")
    if not re.fullmatch(pattern, name):
        faults.append(text)
    return faults


def _namespace(name: str) -> list[str]:
    faults = _faults(name, 63, _LABEL_1123, _NOT_LABEL_1123)
    if "." in name and _NOT_LABEL_1123 in faults and re.fullmatch(_SUBDOMAIN, name):
        faults[faults.index(_NOT_LABEL_1123)] = "must not contain dots"
    return faults
