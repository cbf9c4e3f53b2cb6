"""Groups of flags that several of Helm 2's commands share."""

from __future__ import annotations

import os

from pilothouse.commandline.options import BOOL, INT, TEXT, TEXT_ARRAY, Custom, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.environment import Environment

_MANY = "(can specify multiple or separate values with commas: "
DEVEL = "Use development versions, too. Equivalent to version '>0.0.0-0'. If --version is set, this is ignored."


def global_options(environment: Environment) -> list[Option]:
    """Return the flags that every command of Helm 2 takes, with the defaults that the environment sets."""
    get = environment.get
    return [
        Option("debug", "Enable verbose output", BOOL, default=_switch(environment, "HELM_DEBUG")),
        Option(
            "home",
            "Location of your Helm config. Overrides $HELM_HOME",
            default=get("HELM_HOME", os.path.join(environment.home, ".helm")),
        ),
        Option("host", "Address of Tiller. Overrides $HELM_HOST", default=get("HELM_HOST")),
        Option("kube-context", "Name of the kubeconfig context to use"),
        Option("kubeconfig", "Absolute path of the kubeconfig file to be used"),
        Option(
            "tiller-connection-timeout",
            "The duration (in seconds) Helm will wait to establish a connection to Tiller",
            INT,
            default=300,
        ),
        Option("tiller-namespace", "Namespace of Tiller", default=get("TILLER_NAMESPACE", "kube-system")),
        Option(
            "sandbox",
            "use the embedded cluster, which is started when it is not running",
            BOOL,
            default=_switch(environment, "HELM_SANDBOX"),
            hidden=True,
        ),
    ]


def _switch(environment: Environment, name: str) -> bool:
    from pilothouse.commandline.errors import ValueRefused

    try:
        return bool(BOOL.read(environment.get(name), None))
    except ValueRefused:
        return False


def tls_options(session: Session) -> list[Option]:
    """Return the flags of the connection to Tiller."""
    environment = session.environment
    return [
        Option("tls", "Enable TLS for request", BOOL, default=_switch(environment, "HELM_TLS_ENABLE")),
        Option("tls-ca-cert", "Path to TLS CA certificate file", default=_file(environment, "HELM_TLS_CA_CERT", "ca")),
        Option("tls-cert", "Path to TLS certificate file", default=_file(environment, "HELM_TLS_CERT", "cert")),
        Option(
            "tls-hostname",
            "The server name used to verify the hostname on the returned certificates from the server",
            default=environment.get("HELM_TLS_HOSTNAME"),
        ),
        Option("tls-key", "Path to TLS key file", default=_file(environment, "HELM_TLS_KEY", "key")),
        Option(
            "tls-verify",
            "Enable TLS for request and verify remote",
            BOOL,
            default=_switch(environment, "HELM_TLS_VERIFY"),
        ),
    ]


def _file(environment: Environment, variable: str, name: str) -> str:
    return environment.get(variable, f"$HELM_HOME/{name}.pem")


def timeout_option() -> Option:
    """Return ``--timeout``, in seconds."""
    usage = "Time in seconds to wait for any individual Kubernetes operation (like Jobs for hooks)"
    return Option("timeout", usage, INT, default=300)


def output_option() -> Option:
    """Return ``--output`` of commands that print a table, JSON or YAML; it is checked when something is printed."""
    usage = "Prints the output in the specified format. Allowed values: table, json, yaml"
    return Option("output", usage, default="table", shorthand="o")


def value_options(*, urls: bool = True) -> list[Option]:
    """Return ``--values`` and the ``--set`` family."""
    where = "a YAML file or a URL(can specify multiple)" if urls else "a YAML file (can specify multiple)"
    return [
        Option("values", f"Specify values in {where}", VALUE_FILES, shorthand="f"),
        Option("set", f"Set values on the command line {_MANY}key1=val1,key2=val2)", TEXT_ARRAY),
        Option("set-string", f"Set STRING values on the command line {_MANY}key1=val1,key2=val2)", TEXT_ARRAY),
        Option(
            "set-file",
            f"Set values from respective files specified via the command line {_MANY}key1=path1,key2=path2)",
            TEXT_ARRAY,
        ),
    ]


def _read_files(text: str, current: object) -> tuple[str, ...]:
    before = current if isinstance(current, tuple) else ()
    return (*before, *text.split(","))


VALUE_FILES = Custom("valueFiles", _read_files, zero=(), shown="[]")
_WAIT = (
    "If set, will wait until all Pods, PVCs, Services, and minimum number of Pods of a Deployment are in a ready state "
    "before marking the release as successful. It will wait for as long as --timeout"
)


def wait_option() -> Option:
    """Return ``--wait``."""
    return Option("wait", _WAIT, BOOL)


def keyring_option(session: Session, usage: str) -> Option:
    """Return ``--keyring``."""
    environment = session.environment
    return Option("keyring", usage, default=os.path.join(environment.home, ".gnupg", "pubring.gpg"))


def chart_path_options(session: Session, *, verify: str, keyring: str, version: str, logins: str = "") -> list[Option]:
    """Return the flags that say where a chart comes from; the arguments are the texts in which commands differ."""
    return [
        *certificate_options(),
        Option("devel", DEVEL, BOOL),
        keyring_option(session, keyring),
        Option("repo", "Chart repository url where to locate the requested chart"),
        Option("username", f"Chart repository username{logins}"),
        Option("password", f"Chart repository password{logins}"),
        Option("verify", verify, BOOL),
        Option("version", version),
    ]


LOCATE = " where to locate the requested chart"


def certificate_options() -> list[Option]:
    """Return the flags of TLS connections to chart repositories."""
    return [
        Option("ca-file", "Verify certificates of HTTPS-enabled servers using this CA bundle"),
        Option("cert-file", "Identify HTTPS client using this SSL certificate file"),
        Option("key-file", "Identify HTTPS client using this SSL key file"),
    ]


def text_option(name: str, usage: str, *, shorthand: str = "", default: str = "") -> Option:
    """Return a flag that takes a text."""
    return Option(name, usage, TEXT, default=default, shorthand=shorthand)
