"""Kubernetes' rules for label keys and values. Go's ``k8s.io/apimachinery/pkg/util/validation``."""

from __future__ import annotations

import re

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253

_NAME_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
    " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
    " '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
    " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def _subdomain_problems(value: str) -> list[str]:
    problems = []
    if len(value) > _LONGEST_SUBDOMAIN:
        problems.append(f"must be no more than {_LONGEST_SUBDOMAIN} characters")
    if not _SUBDOMAIN.fullmatch(value):
        problems.append(_SUBDOMAIN_RULE)
    return problems


def qualified_name_problems(value: str) -> list[str]:
    """Return what is wrong with a label key. Go's ``validation.IsQualifiedName``."""
    problems = []
    parts = value.split("/")
    name = parts[-1]
    if len(parts) == 2:
        prefix = parts[0]
        if not prefix:
            problems.append("prefix part must be non-empty")
        else:
            problems += [f"prefix part {each}" for each in _subdomain_problems(prefix)]
    elif len(parts) > 2:
        return [
            f"a qualified name {_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name) > _LONGEST_LABEL:
        problems.append(f"name part must be no more than {_LONGEST_LABEL} characters")
    if not _NAME.fullmatch(name):
        problems.append(f"name part {_NAME_RULE}")
    return problems


def label_value_problems(value: str) -> list[str]:
    """Return what is wrong with a label value. Go's ``validation.IsValidLabelValue``."""
    problems = []
    if len(value) > _LONGEST_LABEL:
        problems.append(f"must be no more than {_LONGEST_LABEL} characters")
    if not _VALUE.fullmatch(value):
        problems.append(_VALUE_RULE)
    return problems
