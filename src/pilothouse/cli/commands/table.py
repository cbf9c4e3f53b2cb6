"""The table of commands: names and short texts, and the module that makes each command when it is called.

Root help and completion need no more than this table. A module of a command has a function ``declare(session)`` that
returns the whole :class:`~pilothouse.commandline.command.Command`.
"""

from __future__ import annotations

from pilothouse.cli.settings import global_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.dispatch import help_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session

#: Name, short text, aliases and module below ``pilothouse.cli.commands``.
ROWS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("completion", "generate autocompletion scripts for the specified shell", (), "completion"),
    ("convert", "move releases between Helm 2's Tiller and Helm 3 and 4", (), "convert"),
    ("create", "create a new chart with the given name", (), "create"),
    ("dependency", "manage a chart's dependencies", ("dep", "dependencies"), "dependency"),
    ("docs", "generate documentation as markdown or man pages", (), "docs"),
    ("env", "helm client environment information", (), "env"),
    ("get", "download extended information of a named release", (), "get"),
    ("history", "fetch release history", ("hist",), "history"),
    ("install", "install a chart", (), "install"),
    ("lint", "examine a chart for possible issues", (), "lint"),
    ("list", "list releases", ("ls",), "list"),
    ("package", "package a chart directory into a chart archive", (), "package"),
    ("plugin", "install, list, or uninstall Helm plugins", (), "plugin"),
    (
        "pull",
        "download a chart from a repository and (optionally) unpack it in local directory",
        ("fetch",),
        "pull",
    ),
    ("push", "push a chart to remote", (), "push"),
    ("registry", "login to or logout from a registry", (), "registry"),
    ("repo", "add, list, remove, update, and index chart repositories", (), "repo"),
    ("rollback", "roll back a release to a previous revision", (), "rollback"),
    ("sandbox", "run an embedded cluster for trying and testing", (), "sandbox"),
    ("search", "search for a keyword in charts", (), "search"),
    ("show", "show information of a chart", ("inspect",), "show"),
    ("status", "display the status of the named release", (), "status"),
    ("template", "locally render templates", (), "template"),
    ("test", "run tests for a release", (), "test"),
    ("uninstall", "uninstall a release", ("del", "delete", "un"), "uninstall"),
    ("upgrade", "upgrade a release", (), "upgrade"),
    ("verify", "verify that a chart at the given path has been signed and is valid", (), "verify"),
    ("version", "print the helm version information", (), "version"),
)
#: The order in which commands are suggested: that in which Helm makes them; ours come last.
_MADE = (
    *("create", "dependency", "pull", "show", "lint", "package", "repo", "search", "verify", "get", "history"),
    *("install", "list", "test", "rollback", "status", "template", "uninstall", "upgrade", "completion", "env"),
    *("plugin", "version", "docs", "registry", "push", "convert", "sandbox"),
)
#: The same for Helm 2, in the order in which it suggests them, with the names of later Helms by which help does not
#: tell of a command; the modules are below ``pilothouse.cli.helm2``.
HELM2_ROWS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], str], ...] = (
    ("create", "Create a new chart with the given name", (), (), "create"),
    ("dependency", "Manage a chart's dependencies", ("dep", "dependencies"), (), "dependency"),
    (
        "fetch",
        "Download a chart from a repository and (optionally) unpack it in local directory",
        (),
        ("pull",),
        "fetch",
    ),
    ("inspect", "Inspect a chart", (), ("show",), "inspect"),
    ("lint", "Examines a chart for possible issues", (), (), "lint"),
    ("package", "Package a chart directory into a chart archive", (), (), "package"),
    ("repo", "Add, list, remove, update, and index chart repositories", (), (), "repo"),
    ("search", "Search for a keyword in charts", (), (), "search"),
    ("serve", "Start a local http web server", (), (), "serve"),
    ("verify", "Verify that a chart at the given path has been signed and is valid", (), (), "verify"),
    ("delete", "Given a release name, delete the release from Kubernetes", ("del",), (), "delete"),
    ("get", "Download a named release", (), (), "get"),
    ("history", "Fetch release history", ("hist",), (), "history"),
    ("install", "Install a chart archive", (), (), "install"),
    ("list", "List releases", ("ls",), (), "listing"),
    ("rollback", "Rollback a release to a previous revision", (), (), "rollback"),
    ("status", "Displays the status of the named release", (), (), "status"),
    ("upgrade", "Upgrade a release", (), (), "upgrade"),
    ("test", "Test a release", (), (), "test"),
    ("reset", "Uninstalls Tiller from a cluster", (), (), "reset"),
    ("version", "Print the client/server version information", (), (), "version"),
    ("completion", "Generate autocompletions script for the specified shell (bash or zsh)", (), (), "completion"),
    ("home", "Displays the location of HELM_HOME", (), (), "home"),
    ("init", "Initialize Helm on both client and server", (), (), "init"),
    ("plugin", "Add, list, or remove Helm plugins", (), (), "plugin"),
    ("template", "Locally render templates", (), (), "template"),
    ("uninstall", "Delete the release and its history", (), ("un",), "uninstall"),
    ("update", "Update information of available charts locally from chart repositories", ("up",), (), "update"),
)
HIDDEN = frozenset(("docs",))
#: Of Helm 2's dialect: the habit of later Helms, and the deprecated one.
HELM2_HIDDEN = frozenset(("uninstall", "update"))
SUGGEST_FOR = {"uninstall": ("remove", "rm")}

_LONG = """The package manager for Kubernetes

The commands used most:

- helm search:    find charts
- helm pull:      fetch a chart into a local directory to look at it
- helm install:   put a chart's objects into the cluster
- helm list:      show the releases of charts

Variables that Helm reads:

| Variable                           | Meaning                                                                   |
|------------------------------------|---------------------------------------------------------------------------|
| $HELM_CACHE_HOME                   | folder of files that can be fetched again                                 |
| $HELM_CONFIG_HOME                  | folder of settings                                                        |
| $HELM_DATA_HOME                    | folder of plugins and starters                                            |
| $HELM_DEBUG                        | whether details are shown, as with --debug                                |
| $HELM_DRIVER                       | where releases are stored: secret, configmap, memory or sql               |
| $HELM_DRIVER_SQL_CONNECTION_STRING | connection string of the sql driver                                       |
| $HELM_MAX_HISTORY                  | revisions kept of each release                                            |
| $HELM_NAMESPACE                    | namespace of the request                                                  |
| $HELM_NO_PLUGINS                   | 1 loads no plugins                                                        |
| $HELM_PLUGINS                      | folders of plugins                                                        |
| $HELM_REGISTRY_CONFIG              | file of registry logins                                                   |
| $HELM_REPOSITORY_CACHE             | folder of repository indexes                                              |
| $HELM_REPOSITORY_CONFIG            | file of repositories                                                      |
| $KUBECONFIG                        | Kubernetes configuration (default "~/.kube/config")                       |
| $HELM_KUBEAPISERVER                | address of the API server                                                 |
| $HELM_KUBECAFILE                   | certificate authority of the API server                                   |
| $HELM_KUBEASGROUPS                 | groups to impersonate, separated by commas                                |
| $HELM_KUBEASUSER                   | user to impersonate                                                       |
| $HELM_KUBECONTEXT                  | context of the kubeconfig                                                 |
| $HELM_KUBETOKEN                    | bearer token                                                              |
| $HELM_KUBEINSECURE_SKIP_TLS_VERIFY | whether the API server's certificate goes unchecked (insecure)            |
| $HELM_KUBETLS_SERVER_NAME          | name expected in the API server's certificate                             |
| $HELM_BURST_LIMIT                  | requests that may go out at once (default 100, -1 for no limit)           |
| $HELM_QPS                          | requests per second beyond the burst                                      |
| $HELM_COLOR                        | colour of output: never, always or auto                                   |
| $NO_COLOR                          | any text switches colour off, whatever $HELM_COLOR says                   |
| $SOURCE_DATE_EPOCH                 | Unix time for reproducible chart archives                                 |
| $HELM_COMPAT                       | which Helm to be: 2, 3 or 4 (default 4)                                   |
| $HELM_SANDBOX                      | whether the embedded cluster is meant, as with --sandbox                  |

Files are kept in these folders, the first rule that applies:

- HELM_*_HOME, where it is set
- the XDG variables, where they are set
- the folders usual on the system:

| System  | Cache                     | Configuration                  | Data                    |
|---------|---------------------------|--------------------------------|-------------------------|
| Linux   | $HOME/.cache/helm         | $HOME/.config/helm             | $HOME/.local/share/helm |
| macOS   | $HOME/Library/Caches/helm | $HOME/Library/Preferences/helm | $HOME/Library/helm      |
"""


def root_command(session: Session) -> Command:
    """Return the command ``helm`` with a row for each command below it."""
    if session.generation == 2:
        return _helm2_root(session)
    persistent = global_options(session.environment)
    for option in persistent:
        if option.name == "namespace":
            option.complete = _later(session, "namespaces")
        elif option.name == "kube-context":
            option.complete = _later(session, "kube_contexts")
    children = [
        Command(
            name,
            "print the client version information" if name == "version" and session.generation == 3 else short,
            aliases=aliases,
            suggest_for=SUGGEST_FOR.get(name, ()),
            hidden=name in HIDDEN,
            load=_loader(session, name, module),
        )
        for name, short, aliases, module in sorted(ROWS, key=lambda row: _MADE.index(row[0]))
    ]
    root = Command(
        "helm",
        "The Helm package manager for Kubernetes.",
        long=_LONG,
        persistent=persistent,
        children=[*children, help_command()],
        in_order=True,
    )
    root.speak(session.generation, strictly=False)
    return root


def _helm2_root(session: Session) -> Command:
    from pilothouse.cli.helm2.options import global_options as helm2_options
    from pilothouse.cli.helm2.root import LONG

    children = [
        Command(
            name,
            short,
            aliases=aliases,
            habits=habits,
            suggest_for=SUGGEST_FOR["uninstall"] if name == "delete" else (),
            hidden=name in HELM2_HIDDEN,
            load=_helm2_loader(session, name),
        )
        for name, short, aliases, habits, _module in HELM2_ROWS
    ]
    hidden = [_hidden_row(session, name) for name in ("convert", "docs", "env", "sandbox")]
    return Command(
        "helm",
        "The Helm package manager for Kubernetes.",
        long=LONG,
        persistent=helm2_options(session.environment),
        children=[*children, *hidden, help_command()],
        in_order=True,
    )


def _helm2_loader(session: Session, name: str) -> Callable[[], Command]:
    def load() -> Command:
        _name, short, aliases, habits, module = next(row for row in HELM2_ROWS if row[0] == name)
        found = __import__(f"pilothouse.cli.helm2.{module}", fromlist=["declare"])
        command: Command = found.declare(session)
        command.short, command.aliases, command.habits = short, aliases, habits
        command.hidden = name in HELM2_HIDDEN
        return command

    return load


def _loader(session: Session, name: str, module: str) -> Callable[[], Command]:
    def load() -> Command:
        found = __import__(f"pilothouse.cli.commands.{module}", fromlist=["declare"])
        command: Command = found.declare(session)
        command.hidden = name in HIDDEN
        for row_name, short, aliases, _module in ROWS:
            if row_name == name:
                command.short = command.short or short
                command.aliases = aliases
        command.speak(session.generation, strictly=session.generation == 2)
        return command

    return load


def _hidden_row(session: Session, name: str) -> Command:
    """Return a command of later Helms that Helm 2's dialect knows as well, though help does not tell of it."""
    _name, short, _aliases, module = next(row for row in ROWS if row[0] == name)
    load = _loader(session, name, module)

    def load_hidden() -> Command:
        command = load()
        command.hidden = True
        return command

    return Command(name, short, hidden=True, load=load_hidden)


def _later(session: Session, function: str) -> Callable[..., tuple[list[str], int]]:
    def complete(*arguments: object) -> tuple[list[str], int]:
        found = __import__("pilothouse.cli.offers", fromlist=[function])
        offers: tuple[list[str], int] = getattr(found, function)(session, *arguments)
        return offers

    return complete
