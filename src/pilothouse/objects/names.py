"""Kubernetes' rules for names, label keys and label values. Go's ``k8s.io/apimachinery/pkg/util/validation``."""

from __future__ import annotations

import re

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
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
_DNS_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with"
    " an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_DNS_1035_LABEL_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character,"
    " and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is"
    " '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and"
    " end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
    " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def _problems(value: str, longest: int, shape: re.Pattern[str], rule: str) -> list[str]:
    problems = []
    if len(value) > longest:
        problems.append(f"must be no more than {longest} characters")
    if not shape.fullmatch(value):
        problems.append(rule)
    return problems


def subdomain_problems(value: str) -> list[str]:
    """Return what is wrong with a DNS subdomain. Go's ``validation.IsDNS1123Subdomain``."""
    return _problems(value, _LONGEST_SUBDOMAIN, _SUBDOMAIN, _SUBDOMAIN_RULE)


def dns_label_problems(value: str) -> list[str]:
    """Return what is wrong with a DNS label. Go's ``validation.IsDNS1123Label``."""
    return _problems(value, _LONGEST_LABEL, _DNS_LABEL, _DNS_LABEL_RULE)


def dns_1035_label_problems(value: str) -> list[str]:
    """Return what is wrong with a DNS label that begins with a letter. Go's ``validation.IsDNS1035Label``."""
    return _problems(value, _LONGEST_LABEL, _DNS_1035_LABEL, _DNS_1035_LABEL_RULE)


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
            problems += [f"prefix part {each}" for each in subdomain_problems(prefix)]
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
    return _problems(value, _LONGEST_LABEL, _VALUE, _VALUE_RULE)
