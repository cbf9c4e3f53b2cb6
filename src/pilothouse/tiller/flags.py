"""The flags of ``tiller``, in the grammar of Go's ``flag`` package: ``-x``, ``--x``, ``-x=value``, ``-x value``."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


class Flag(Record):
    """One flag.

    Attributes:
        kind: ``bool``, ``int``, ``uint``, ``string`` or ``value``, as Go's help shows it.
        default: What the help shows as the default, empty for nothing.
    """

    name: str
    kind: str
    usage: str
    default: str = ""


FLAGS = (
    Flag(name="add_dir_header", kind="bool", usage="If true, adds the file directory to the header"),
    Flag(name="alsologtostderr", kind="bool", usage="log to standard error as well as files"),
    Flag(
        name="audit-log",
        kind="string",
        usage="append a JSON line to this file (or - for standard output) when a call begins and ends",
    ),
    Flag(
        name="compat-insecure",
        kind="bool",
        usage="behave as Helm 2.17's Tiller does: plain TCP on any address without TLS",
    ),
    Flag(name="experimental-release", kind="bool", usage="enable experimental release modules"),
    Flag(
        name="history-max",
        kind="int",
        usage="maximum number of releases kept in release history, with 0 meaning no limit",
    ),
    Flag(
        name="impersonate",
        kind="bool",
        usage="act as the user that the client certificate or the bearer token names, in place of Tiller's own account",
    ),
    Flag(
        name="insecure",
        kind="bool",
        usage="allow plain TCP, and TLS without client certificates, on addresses other than loopback",
    ),
    Flag(name="listen", kind="string", usage="address:port to listen on", default='":44134"'),
    Flag(name="log_backtrace_at", kind="value", usage="when logging hits line file:N, emit a stack trace"),
    Flag(name="log_dir", kind="string", usage="If non-empty, write log files in this directory"),
    Flag(name="log_file", kind="string", usage="If non-empty, use this log file"),
    Flag(
        name="log_file_max_size",
        kind="uint",
        usage=(
            "Defines the maximum size a log file can grow to. Unit is megabytes. If the value is 0, the maximum file "
            "size is unlimited."
        ),
        default="1800",
    ),
    Flag(name="logtostderr", kind="bool", usage="log to standard error instead of files", default="true"),
    Flag(
        name="max-call-seconds",
        kind="uint",
        usage="end calls that take longer, with 0 meaning as long as the call asks for",
        default="3600",
    ),
    Flag(
        name="max-concurrent-calls",
        kind="uint",
        usage="number of calls that are answered at the same time",
        default="64",
    ),
    Flag(name="probe", kind="bool", usage="enable probing over http", default="true"),
    Flag(name="probe-listen", kind="string", usage="address:port to listen on for probes", default='":44135"'),
    Flag(name="skip_headers", kind="bool", usage="If true, avoid header prefixes in the log messages"),
    Flag(name="skip_log_headers", kind="bool", usage="If true, avoid headers when opening log files"),
    Flag(name="sql-connection-string", kind="string", usage="SQL connection string to use"),
    Flag(
        name="sql-dialect",
        kind="string",
        usage="SQL dialect to use (only postgres is supported for now",
        default='"postgres"',
    ),
    Flag(
        name="stderrthreshold",
        kind="value",
        usage="logs at or above this threshold go to stderr",
        default="2",
    ),
    Flag(
        name="storage",
        kind="string",
        usage="storage driver to use. One of 'configmap', 'memory', 'sql' or 'secret'",
        default='"configmap"',
    ),
    Flag(name="tls", kind="bool", usage="enable TLS"),
    Flag(name="tls-ca-cert", kind="string", usage="trust certificates signed by this CA", default='"ca.crt"'),
    Flag(name="tls-cert", kind="string", usage="path to TLS certificate file", default='"tls.crt"'),
    Flag(name="tls-key", kind="string", usage="path to TLS private key file", default='"tls.key"'),
    Flag(name="tls-verify", kind="bool", usage="enable TLS and verify remote certificate"),
    Flag(name="trace", kind="bool", usage="enable rpc tracing"),
    Flag(name="v", kind="value", usage="number for the log level verbosity"),
    Flag(name="verify-audit-log", kind="string", usage="check that no line of this audit log was changed, and exit"),
    Flag(name="version", kind="bool", usage="print the version number"),
    Flag(
        name="vmodule",
        kind="value",
        usage="comma-separated list of pattern=N settings for file-filtered logging",
    ),
)
_BY_NAME = {flag.name: flag for flag in FLAGS}


class HelpWanted(Invalid):
    """The user asked for the list of flags."""

    reference = "help"


def parse(arguments: Sequence[str]) -> dict[str, str]:
    """Return the flags that are given, by name; ``true`` and ``false`` for booleans.

    Raises:
        HelpWanted: ``-h`` or ``--help`` is given.
        Invalid: A flag is unknown or its value wrong.
    """
    found: dict[str, str] = {}
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        argument = rest.pop(0)
        if argument == "--":
            break
        name, equals, value = argument.removeprefix("-").removeprefix("-").partition("=")
        if not name or name.startswith("-"):
            raise Invalid(f"bad flag syntax: {argument}")
        flag = _BY_NAME.get(name)
        if flag is None:
            if name in ("h", "help"):
                raise HelpWanted("flag: help requested")
            raise Invalid(f"flag provided but not defined: -{name}")
        if flag.kind == "bool":
            found[name] = _boolean(name, value if equals else "true")
            continue
        if not equals:
            if not rest:
                raise Invalid(f"flag needs an argument: -{name}")
            value = rest.pop(0)
        found[name] = _checked(flag, value)
    return found


def _boolean(name: str, value: str) -> str:
    if value in _TRUE:
        return "true"
    if value in _FALSE:
        return "false"
    raise Invalid(f'invalid boolean value "{value}" for -{name}: parse error')


def _checked(flag: Flag, value: str) -> str:
    if flag.kind in ("int", "uint"):
        digits = value.removeprefix("-") if flag.kind == "int" else value
        if not (digits.isascii() and digits.isdecimal()):
            raise Invalid(f'invalid value "{value}" for flag -{flag.name}: parse error')
    return value


def usage() -> str:
    """Return the list of flags as Go's ``flag`` package prints it."""
    lines = ["Usage of tiller:"]
    for flag in FLAGS:
        kind = "" if flag.kind == "bool" else f" {flag.kind}"
        default = f" (default {flag.default})" if flag.default else ""
        head = f"  -{flag.name}{kind}"
        separator = "\t" if len(head) <= 4 else "\n    \t"
        lines.append(f"{head}{separator}{flag.usage}{default}")
    return "\n".join(lines) + "\n"
