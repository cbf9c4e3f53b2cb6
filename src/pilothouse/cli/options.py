"""Groups of flags that several commands share.

``generation`` is the Helm generation whose help is shown: flags that only the other one knows are accepted all the
same, but hidden.
"""

from __future__ import annotations

from pilothouse.cli.offers import chart_versions
from pilothouse.cli.settings import default_keyring, max_history
from pilothouse.commandline.errors import UsageError, ValueRefused
from pilothouse.commandline.options import (
    BOOL,
    DURATION,
    INT,
    TEXT,
    TEXT_ARRAY,
    TEXT_MAP,
    TEXT_SLICE,
    UINT,
    Choice,
    Custom,
    Option,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.post_rendering import PostRenderer
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

#: Of flags that only Helm 2 has, and that later dialects take all the same without telling of them.
HELM_2_ONLY = (2,)
MANY = "(can specify multiple or separate values with commas: "
OUTPUT_FORMAT = Choice("format", ("table", "json", "yaml"), "invalid format type")
WAIT_STRATEGIES = ("watcher", "hookOnly", "legacy")
_WAIT_3 = (
    "if set, will wait until all Pods, PVCs, Services, and minimum number of Pods of a Deployment, StatefulSet, or "
    "ReplicaSet are in a ready state before marking the release as successful. It will wait for as long as --timeout"
)
_WAIT_4 = (
    "wait until resources are ready (up to --timeout). Use '--wait' alone for 'watcher' strategy, or specify one of: "
    "'watcher', 'hookOnly', 'legacy'. Default when flag is omitted: 'hookOnly'."
)
_DRY_RUN_4 = (
    'simulates the operation without persisting changes. Must be one of: "none" (default), "client", or "server". '
    "'--dry-run=none' executes the operation normally and persists changes (no simulation). '--dry-run=client' "
    "simulates the operation client-side only and avoids cluster connections. '--dry-run=server' simulates the "
    "operation on the server, requiring cluster connectivity."
)
_DRY_RUN_TEMPLATE_4 = (
    'simulates the operation either client-side or server-side. Must be either: "client", or "server". '
    "'--dry-run=client simulates the operation client-side only and avoids cluster connections. '--dry-run=server' "
    "simulates/validates the operation on the server, requiring cluster connectivity."
)
_DRY_RUN_3 = (
    "simulate an install. If --dry-run is set with no option being specified or as '--dry-run=client', it will not "
    "attempt cluster connections. Setting '--dry-run=server' allows attempting cluster connections."
)
_VERSION = (
    "specify a version constraint for the chart version to use. This constraint can be a specific tag (e.g. 1.1.1) or "
    "it may reference a valid range (e.g. ^2.0.0). If this is not specified, the latest version is used"
)
TIMEOUT = "time to wait for any individual Kubernetes operation (like Jobs for hooks)"
DEVEL = "use development versions, too. Equivalent to version '>0.0.0-0'. If --version is set, this is ignored"
WAIT_FOR_JOBS = (
    "if set and --wait enabled, will wait until all Jobs have been completed before marking the release as successful. "
    "It will wait for as long as --timeout"
)


def value_options(generation: int) -> list[Option]:
    """Return ``--values`` and the ``--set`` family."""
    json_help = f"set JSON values on the command line {MANY}key1=jsonval1,key2=jsonval2"
    json_help += ")" if generation == 3 else ' or using json format: {"key1": jsonval1, "key2": "jsonval2"})'
    return [
        Option("values", "specify values in a YAML file or a URL (can specify multiple)", TEXT_SLICE, shorthand="f"),
        Option("set", f"set values on the command line {MANY}key1=val1,key2=val2)", TEXT_ARRAY),
        Option("set-string", f"set STRING values on the command line {MANY}key1=val1,key2=val2)", TEXT_ARRAY),
        Option(
            "set-file",
            f"set values from respective files specified via the command line {MANY}key1=path1,key2=path2)",
            TEXT_ARRAY,
        ),
        Option("set-json", json_help, TEXT_ARRAY),
        Option("set-literal", "set a literal STRING value on the command line", TEXT_ARRAY),
    ]


def tls_options(what: str = "chart download", *, hidden: bool = False, client: str = "HTTPS") -> list[Option]:
    """Return the flags of a TLS connection."""
    return [
        Option("ca-file", "verify certificates of HTTPS-enabled servers using this CA bundle", hidden=hidden),
        Option("cert-file", f"identify {client} client using this SSL certificate file", hidden=hidden),
        Option("key-file", f"identify {client} client using this SSL key file", hidden=hidden),
        Option("insecure-skip-tls-verify", f"skip tls certificate checks for the {what}", BOOL, hidden=hidden),
    ]


def plain_http_option(what: str = "chart download", *, hidden: bool = False) -> Option:
    """Return ``--plain-http``."""
    return Option("plain-http", f"use insecure HTTP connections for the {what}", BOOL, hidden=hidden)


def login_options(*, hidden: bool = False) -> list[Option]:
    """Return ``--username`` and ``--password`` of a chart's repository."""
    return [
        Option("username", "chart repository username where to locate the requested chart", hidden=hidden),
        Option("password", "chart repository password where to locate the requested chart", hidden=hidden),
    ]


def keyring_option(session: Session, usage: str = "location of public keys used for verification") -> Option:
    """Return ``--keyring``."""
    return Option("keyring", usage, default=default_keyring(session.environment))


def chart_path_options(session: Session) -> list[Option]:
    """Return the flags that say where a chart comes from and whether to verify it."""
    return [
        Option("version", _VERSION, complete=chart_versions(session)),
        Option("verify", "verify the package before using it", BOOL),
        keyring_option(session),
        Option("repo", "chart repository url where to locate the requested chart"),
        *login_options(),
        *tls_options(),
        plain_http_option(),
        Option("pass-credentials", "pass credentials to all domains", BOOL),
    ]


def output_option() -> Option:
    """Return ``--output``."""
    return Option(
        "output",
        "prints the output in the specified format. Allowed values: table, json, yaml",
        Custom("format", OUTPUT_FORMAT.read, zero="table", shown="table"),
        shorthand="o",
        complete=_output_formats,
    )


def _output_formats(_invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    return [
        "json\tOutput result in JSON format",
        "table\tOutput result in human-readable format",
        "yaml\tOutput result in YAML format",
    ], 4


def timeout_option() -> Option:
    """Return ``--timeout`` of operations on the cluster."""
    return Option("timeout", TIMEOUT, DURATION, default=300.0)


def history_max_option(session: Session) -> Option:
    """Return ``--history-max``."""
    return Option(
        "history-max",
        "limit the maximum number of revisions saved per release. Use 0 for no limit",
        INT,
        default=max_history(session.environment),
    )


def column_width_option(default: int) -> Option:
    """Return ``--max-col-width``."""
    return Option("max-col-width", "maximum column width for output table", UINT, default=default)


def wait_options(session: Session, *, jobs: bool = True, usage_3: str = _WAIT_3) -> list[Option]:
    """Return ``--wait``, a strategy in Helm 4 and a switch in Helm 3, and ``--wait-for-jobs``."""
    if session.generation == 3:
        wait = Option("wait", usage_3, BOOL)
    else:
        wait = Option("wait", _WAIT_4, _wait_kind(session), bare="watcher")
    return [wait, Option("wait-for-jobs", WAIT_FOR_JOBS, BOOL)] if jobs else [wait]


def _wait_kind(session: Session) -> Custom:
    def read(text: str, _current: object) -> str:
        if text in WAIT_STRATEGIES:
            return text
        if text in ("true", "false"):
            instead = "watcher" if text == "true" else "hookOnly"
            session.warn(f"--wait={text} is deprecated (boolean value) and can be replaced with --wait={instead}")
            return instead
        from pilothouse.golang.quoting import quote

        raise ValueRefused(f"invalid wait input {quote(text)}. Valid inputs are watcher, hookOnly, and legacy")

    return Custom("WaitStrategy", read, zero="hookOnly", shown="hookOnly")


def wait_strategy(session: Session, invocation: Invocation) -> str:
    """Return the strategy that ``--wait`` and ``--rollback-on-failure`` choose."""
    if session.generation == 3:
        return "legacy" if invocation.flag("wait") or rollback_on_failure(invocation) else "hookOnly"
    strategy = invocation.text("wait")
    return "watcher" if strategy == "hookOnly" and rollback_on_failure(invocation) else strategy


def rollback_on_failure(invocation: Invocation) -> bool:
    """Return whether a failure is undone, by either name of the flag."""
    return invocation.flag("rollback-on-failure") or invocation.flag("atomic")


def force_options(generation: int, usage_3: str) -> list[Option]:
    """Return ``--force-replace``, ``--force-conflicts`` and Helm 3's ``--force``."""
    old = generation == 3
    return [
        Option("force-replace", "force resource updates by replacement", BOOL, hidden=old),
        Option("force-conflicts", "if set server-side apply will force changes against conflicts", BOOL, hidden=old),
        Option("force", usage_3, BOOL, deprecated="" if old else "use --force-replace instead"),
    ]


FORCE_EXCLUSIVE = (("force-replace", "force-conflicts"), ("force", "force-conflicts"))


def force_replace(invocation: Invocation) -> bool:
    """Return whether objects are replaced, by either name of the flag."""
    return invocation.flag("force-replace") or invocation.flag("force")


def rollback_on_failure_options(generation: int, usage_4: str, usage_3: str) -> list[Option]:
    """Return ``--rollback-on-failure`` and Helm 3's ``--atomic``."""
    old = generation == 3
    return [
        Option("rollback-on-failure", usage_4, BOOL, hidden=old),
        Option("atomic", usage_3, BOOL, deprecated="" if old else "use --rollback-on-failure instead"),
    ]


def dry_run_option(generation: int, *, template: bool = False) -> Option:
    """Return ``--dry-run`` of commands that make a manifest."""
    if generation == 3:
        return Option("dry-run", _DRY_RUN_3, bare="client")
    return Option(
        "dry-run",
        _DRY_RUN_TEMPLATE_4 if template else _DRY_RUN_4,
        default="client" if template else "none",
        bare="unset",
    )


def dry_run_strategy(session: Session, invocation: Invocation, *, template: bool = False) -> str:
    """Return ``none``, ``client`` or ``server`` as ``--dry-run`` says, with Helm's warnings.

    Raises:
        UsageError: The value is none of those allowed.
    """
    value = invocation.text("dry-run")
    if session.generation == 3:
        return _dry_run_strategy_3(value, template=template)
    if template and invocation.flag("validate"):
        return "server"
    strategy = value
    if value == "unset":
        session.warn("--dry-run is deprecated and should be replaced with '--dry-run=client'")
        strategy = "client"
    elif value not in ("none", "client", "server"):
        strategy = _boolean_dry_run(session, value, template=template)
    if template and strategy == "none":
        raise UsageError(f'invalid dry-run value ({_quoted(value)}). Must be "server" or "client"')
    return strategy


def _boolean_dry_run(session: Session, value: str, *, template: bool) -> str:
    try:
        strategy = "client" if BOOL.read(value, None) else "none"
    except ValueRefused:
        raise UsageError(f'invalid dry-run value ({_quoted(value)}). Must be "none", "server", or "client"') from None
    if strategy == "client" or not template:
        session.warn(f"boolean '--dry-run={value}' flag is deprecated and must be replaced with '--dry-run={strategy}'")
    return strategy


def _dry_run_strategy_3(value: str, *, template: bool) -> str:
    if value not in ("", "false", "true", "none", "client", "server"):
        raise UsageError("Invalid dry-run flag. Flag must one of the following: false, true, none, client, server")
    if template:
        return "server" if value == "server" else "client"
    return {"": "none", "false": "none", "none": "none", "true": "client"}.get(value, value)


def _quoted(text: str) -> str:
    from pilothouse.golang.quoting import quote

    return quote(text)


def post_renderer_options(generation: int) -> list[Option]:
    """Return ``--post-renderer`` and ``--post-renderer-args``."""
    usage = (
        "the path to an executable to be used for post rendering. If it exists in $PATH, the binary will be used, "
        "otherwise it will try to look for the executable at the given path"
        if generation == 3
        else "the name of a postrenderer type plugin to be used for post rendering. "
        "If it exists, the plugin will be used"
    )
    return [
        Option("post-renderer", usage, Custom("postRendererString", _read_post_renderer)),
        Option(
            "post-renderer-args",
            "an argument to the post-renderer (can specify multiple)",
            Custom("postRendererArgsSlice", TEXT_ARRAY.read, zero=(), shown="[]"),
        ),
    ]


def _read_post_renderer(text: str, current: object) -> str:
    if text and current:
        raise ValueRefused("cannot specify --post-renderer flag more than once")
    return text


def post_renderer(session: Session, invocation: Invocation) -> PostRenderer | None:
    """Return what changes rendered manifests, as ``--post-renderer`` names it."""
    name = invocation.text("post-renderer")
    if not name:
        return None
    from pilothouse.actions.post_rendering import post_renderer as found

    return found(session.environment, name, invocation.texts("post-renderer-args"), session.reporter)


def install_options(session: Session, *, template: bool = False) -> list[Option]:
    """Return the flags of ``install``, which ``template`` has as well."""
    generation = session.generation
    old = generation == 3
    reuse = "re-use" if old else "reuse"
    return [
        Option("create-namespace", "create the release namespace if not present", BOOL),
        dry_run_option(generation, template=template),
        *force_options(generation, "force resource updates through a replacement strategy"),
        Option("no-hooks", "prevent hooks from running during install", BOOL),
        Option(
            "replace",
            f"{reuse} the given name, only if that name is a deleted release which remains in the history. "
            "This is unsafe in production",
            BOOL,
        ),
        timeout_option(),
        *wait_options(session),
        Option("generate-name", "generate the name (and omit the NAME parameter)", BOOL, shorthand="g"),
        Option("name", "name of the release, as Helm 2 has it", dialects=HELM_2_ONLY),
        Option("name-template", "specify template used to name the release"),
        Option("description", "add a custom description"),
        Option("devel", DEVEL, BOOL),
        Option("dependency-update", "update dependencies if they are missing before installing the chart", BOOL),
        Option(
            "disable-openapi-validation",
            "if set, the installation process will not validate rendered templates against the Kubernetes OpenAPI "
            "Schema",
            BOOL,
        ),
        *rollback_on_failure_options(
            generation,
            "if set, Helm will rollback (uninstall) the installation upon failure. The --wait flag will be default to "
            '"watcher" if --rollback-on-failure is set',
            "if set, the installation process deletes the installation on failure. The --wait flag will be set "
            "automatically if --atomic is used",
        ),
        Option(
            "skip-crds",
            "if set, no CRDs will be installed. By default, CRDs are installed if not already present",
            BOOL,
        ),
        *_note_options(generation, template=template),
        Option("skip-schema-validation", "if set, disables JSON schema validation", BOOL),
        Option(
            "labels",
            "Labels that would be added to release metadata. Should be divided by comma.",
            TEXT_MAP,
            shorthand="l",
        ),
        Option("enable-dns", "enable DNS lookups when rendering templates", BOOL),
        Option("server-side", "object updates run in the server instead of the client", BOOL, default=True, hidden=old),
        Option(
            "take-ownership",
            "if set, install will ignore the check for helm annotations and take ownership of the existing resources",
            BOOL,
            hidden=old,
        ),
        *value_options(generation),
        *chart_path_options(session),
        *post_renderer_options(generation),
    ]


def _note_options(generation: int, *, template: bool) -> list[Option]:
    gone = "this flag has no effect for 'helm template' and will be removed in Helm 5"
    deprecated = gone if template and generation != 3 else ""
    return [
        Option(
            "render-subchart-notes", "if set, render subchart notes along with the parent", BOOL, deprecated=deprecated
        ),
        Option(
            "hide-notes",
            "if set, do not show notes in install output. Does not affect presence in chart metadata",
            BOOL,
            deprecated=deprecated,
        ),
    ]


def text_option(name: str, usage: str, *, hidden: bool = False) -> Option:
    """Return a flag that takes a text."""
    return Option(name, usage, TEXT, hidden=hidden)
