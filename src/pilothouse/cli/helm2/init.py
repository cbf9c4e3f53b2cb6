"""``helm init``: sets up ``HELM_HOME`` and puts a Tiller into the cluster."""

from __future__ import annotations

import os

from pilothouse.cli.helm2.options import text_option
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError, ValueRefused
from pilothouse.commandline.options import BOOL, INT, TEXT_ARRAY, Custom, Option
from pilothouse.errors import Exists, Invalid, PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_certificates import Certificates
    from pilothouse.actions.tiller_deployment import DeploymentOptions, ServerFiles
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Puts Tiller, Helm's server, into the cluster of the kubeconfig, and sets up
this machine: the folder $HELM_HOME and the list of repositories. From then on
the commands speak to that Tiller, until 'helm reset'.

Tiller and its clients know each other by certificates, which are made here and
kept in a Secret and in $HELM_HOME; '--upgrade' makes new ones. Certificates of
your own are given with '--tiller-tls-verify' and the flags beside it, and
'--compat-insecure' makes an open Tiller as Helm 2.17 does.

Tiller runs as the service account 'tiller', which is made and may do everything
in the cluster; name one of your own with '--service-account' to give it less.

With '--client-only' the cluster is left alone. '--dry-run --debug' shows the
objects, and '--output' prints them for other tools.
"""
_OUTPUT = "Skip installation and output Tiller's manifest in specified format (json or yaml)"
_OVERRIDE = (
    "Override values for the Tiller Deployment manifest (can specify multiple or separate values with commas: "
    "key1=val1,key2=val2)"
)
_INSTALLED = "Tiller (the Helm server-side component) has been installed into your Kubernetes Cluster."
_INSECURE = """
Please note: by default, Tiller is deployed with an insecure 'allow unauthenticated users' policy.
To prevent this, run `helm init` with the --tiller-tls-verify flag.
For more information on securing your installation see: https://v2.helm.sh/docs/securing_installation/"""
_THERE = """Warning: Tiller is already installed in the cluster.
(Use --client-only to suppress this message, or --upgrade to upgrade Tiller to the current version.)"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("init", long=_LONG, options=[*_tiller_options(session), *_home_options()], run=session.runs(run))


def _tiller_options(session: Session) -> list[Option]:
    hostname = "The server name used to verify the hostname on the returned certificates from Tiller"
    return [
        text_option("tiller-image", "Override Tiller image", shorthand="i"),
        Option("canary-image", "Use the canary Tiller image", BOOL),
        Option("upgrade", "Upgrade if Tiller is already installed", BOOL),
        Option("force-upgrade", "Force upgrade of Tiller to the current helm version", BOOL),
        Option("wait", "Block until Tiller is running and ready to receive requests", BOOL),
        Option("tiller-tls", "Install Tiller with TLS enabled", BOOL),
        Option("tiller-tls-verify", "Install Tiller with TLS enabled and to verify remote certificates", BOOL),
        text_option("tiller-tls-key", "Path to TLS key file to install with Tiller"),
        text_option("tiller-tls-cert", "Path to TLS certificate file to install with Tiller"),
        text_option("tls-ca-cert", "Path to CA root certificate"),
        text_option("tiller-tls-hostname", hostname),
        Option("net-host", "Install Tiller with net=host", BOOL),
        text_option("service-account", "Name of service account"),
        Option("automount-service-account-token", "Auto-mount the given service account to tiller", BOOL, default=True),
        Option(
            "history-max",
            "Limit the maximum number of revisions saved per release. Use 0 for no limit.",
            INT,
        ),
        Option("replicas", "Amount of tiller instances to run on the cluster", INT, default=1),
        text_option(
            "node-selectors", "Labels to specify the node on which Tiller is installed (app=tiller,helm=rocks)"
        ),
        Option("output", _OUTPUT, Custom("OutputFormat", _read_format), shorthand="o"),
        Option("override", _OVERRIDE, TEXT_ARRAY),
        Option(
            "compat-insecure",
            "Install the Tiller of Helm 2.17, which anyone who reaches it may use",
            BOOL,
            default=session.environment.get("HELM_COMPAT_INSECURE").lower() in ("1", "t", "true"),
            hidden=True,
        ),
    ]


def _home_options() -> list[Option]:
    from pilothouse.actions.tiller_home import LOCAL_URL, STABLE_URL

    return [
        Option("client-only", "If set does not install Tiller", BOOL, shorthand="c"),
        Option("dry-run", "Do not install local or remote", BOOL),
        Option("skip-refresh", "Do not refresh (download) the local repository cache", BOOL),
        Option("skip-repos", "Skip adding the stable and local repositories", BOOL),
        text_option("stable-repo-url", "URL for stable repository", default=STABLE_URL),
        Option(
            "use-deprecated-stable-repository",
            "Use the old (googleapis) repository URL even though that URL is being shutdown.",
            BOOL,
        ),
        text_option("local-repo-url", "URL for local repository", default=LOCAL_URL),
    ]


def _read_format(text: str, _current: object) -> str:
    if text not in ("json", "yaml"):
        from pilothouse.golang.quoting import quote

        raise ValueRefused(f"unknown output format {quote(text)}")
    return text


def run(session: Session, invocation: Invocation) -> None:
    """Set up what is to be set up."""
    if invocation.arguments:
        raise UsageError("This command does not accept arguments")
    from pilothouse.actions import tiller_deployment

    out = session.streams.out
    given = _given_files(invocation)
    made = None if given or _is_open(invocation) else _new_certificates(session)
    options = _options(session, invocation, given or (made.server if made else None))
    output = invocation.text("output")
    if output:
        manifests = tiller_deployment.objects(options)
        if made:
            made.save(session.settings.home)
            session.streams.warn(f"the client's part of the keys was written to {session.settings.home}")
        yaml = output == "yaml"
        out.write(tiller_deployment.yaml_text(manifests) if yaml else tiller_deployment.json_text(manifests))
        return
    if session.settings.debug:
        manifests = tiller_deployment.objects(_without_keys(options) if made else options)
        out.write(tiller_deployment.yaml_text(manifests))
    if invocation.flag("dry-run"):
        return
    _prepare_home(session, invocation)
    if invocation.flag("client-only"):
        out.line("Not installing Tiller due to 'client-only' flag having been set")
        return
    _install(session, invocation, options, made)


# ── certificates ───────────────────────────────────────────────────────────────────────────────────────────────────


def _is_open(invocation: Invocation) -> bool:
    """Return whether Tiller is made as Helm 2.17 makes it, without certificates that nobody asked for."""
    return invocation.flag("compat-insecure") or invocation.flag("client-only")


def _given_files(invocation: Invocation) -> ServerFiles | None:
    """Return the certificates that flags name, none when TLS is not asked for.

    Raises:
        Invalid: A file is missing; the text is Helm's.
    """
    verify = invocation.flag("tiller-tls-verify")
    if not (verify or invocation.flag("tiller-tls")):
        return None
    from pilothouse.actions.tiller_deployment import ServerFiles

    key = _file(invocation.text("tiller-tls-key"), "TLS key")
    certificate = _file(invocation.text("tiller-tls-cert"), "TLS certificate")
    authority = _file(invocation.text("tls-ca-cert"), "TLS CA") if verify else b""
    return ServerFiles(certificate=certificate, key=key, authority=authority)


def _file(path: str, what: str) -> bytes:
    if not path or not os.path.exists(path):
        raise Invalid(f"missing required {what} file")
    with open(path, "rb") as file:
        return file.read()


def _new_certificates(session: Session) -> Certificates:
    from pilothouse.actions.tiller_certificates import make

    return make(session.settings.home, session.settings.tiller_namespace, session.clock.now())


def _without_keys(options: DeploymentOptions) -> DeploymentOptions:
    """Return the options with words in place of keys that were just made, which nobody should see."""
    assert options.files is not None
    return options.replace(files=options.files.replace(key=b"(made when it is installed)"))


# ── Tiller ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _options(session: Session, invocation: Invocation, files: ServerFiles | None) -> DeploymentOptions:
    from pilothouse.actions.tiller_deployment import ACCOUNT, CANARY_IMAGE, COMPATIBLE_IMAGE, IMAGE, DeploymentOptions

    canary = invocation.flag("canary-image")
    compatible, account = invocation.flag("compat-insecure"), invocation.text("service-account")
    return DeploymentOptions(
        namespace=session.settings.tiller_namespace,
        image=CANARY_IMAGE
        if canary
        else invocation.text("tiller-image") or (COMPATIBLE_IMAGE if compatible else IMAGE),
        always_pull=canary,
        service_account=account or ("" if compatible else ACCOUNT),
        makes_account=not (compatible or account),
        automount_token=invocation.flag("automount-service-account-token"),
        history_max=invocation.integer("history-max"),
        replicas=invocation.integer("replicas"),
        host_network=invocation.flag("net-host"),
        node_selectors=invocation.text("node-selectors"),
        overrides=invocation.texts("override"),
        files=files,
    )


def _prepare_home(session: Session, invocation: Invocation) -> None:
    from pilothouse.actions.tiller_home import OLD_STABLE_URL, HomeOptions, prepare_home

    old = invocation.flag("use-deprecated-stable-repository")
    options = HomeOptions(
        home=session.settings.home,
        stable_url=OLD_STABLE_URL if old else invocation.text("stable-repo-url"),
        local_url=invocation.text("local-repo-url"),
        skip_refresh=invocation.flag("skip-refresh"),
        skip_repositories=invocation.flag("skip-repos"),
    )
    out = session.streams.out
    try:
        prepare_home(session.environment, options, clock=session.clock, tell=out.line)
    except PilothouseError as error:
        raise error.prefixed("error initializing: ") from error
    out.line(f"$HELM_HOME has been configured at {session.settings.home}.")
    out.flush()


def _install(session: Session, invocation: Invocation, options: DeploymentOptions, made: Certificates | None) -> None:
    from pilothouse.actions import tiller_setup

    cluster, out = session.assembly().client(), session.streams.out
    try:
        tiller_setup.install(cluster, options)
    except Exists:
        if not invocation.flag("upgrade"):
            out.line(_THERE)
            _remember(session, known=True, tls=False)
            return
        force = invocation.flag("force-upgrade")
        try:
            tiller_setup.upgrade(cluster, options, force=force, renew_tls=made is not None)
        except PilothouseError as error:
            raise error.prefixed("error when upgrading: ") from error
        text = f"\nTiller (the Helm server-side component) has been updated to {options.image} ."
    except PilothouseError as error:
        raise error.prefixed("error installing: ") from error
    else:
        text = f"\n{_INSTALLED}"
        if not (options.files and options.files.authority):
            text += f"\n{_INSECURE}"
    if made:
        made.save(session.settings.home)
    _remember(session, known=False, tls=made is not None)
    out.line(text)
    out.flush()
    if invocation.flag("wait"):
        _wait(session, invocation, options)


def _remember(session: Session, *, known: bool, tls: bool) -> None:
    """Note that the cluster has a Tiller; what is ``known`` of it already stays."""
    from pilothouse.actions.tiller_record import TillerRecord, chosen_place, find_record, remember

    chosen, kubeconfig = session.settings, session.kubeconfig()
    place = {"kubeconfig": kubeconfig, "context": chosen.kube_context}
    if known and find_record(session.environment, chosen.home, **place):
        return
    context, server = chosen_place(session.environment, **place)
    remember(chosen.home, TillerRecord(context=context, server=server, namespace=chosen.tiller_namespace, tls=tls))


def _wait(session: Session, invocation: Invocation, options: DeploymentOptions) -> None:
    from pilothouse.actions.tiller_setup import wait_until_ready
    from pilothouse.cli.helm2.connection import tiller

    timeout = session.settings.tiller_connection_timeout
    wait_until_ready(session.assembly().client(), session.clock, options.namespace, options.image, timeout)
    with tiller(session, invocation) as client:
        try:
            client.ping()
        except PilothouseError as error:
            raise error.prefixed("could not ping Tiller: ") from error
