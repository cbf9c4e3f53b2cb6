"""The command ``tiller``: the server that Helm 2 clients talk to."""

from __future__ import annotations

import signal
import sys
import threading
import time

from pilothouse.commandline.terminal import Streams
from pilothouse.environment import Environment
from pilothouse.errors import Invalid, PilothouseError, reason_of
from pilothouse.progress import Event, Reporter
from pilothouse.tiller.flags import HelpWanted, parse, usage
from pilothouse.tiller.settings import TillerSettings, settings_from, split_address
from pilothouse.version import HELM2_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.tiller.certificates import CertificateFiles
    from pilothouse.tiller.gate import Gate
    from pilothouse.tiller.keeper import Keeper
    from pilothouse.tiller.metrics import Metrics
    from pilothouse.tiller.probes import ProbeServer
    from pilothouse.tiller.server import TillerServer
    from pilothouse.tiller.tracing import CallTrace

#: Seconds that running calls may take after a signal; Kubernetes kills a pod after thirty.
GRACE = 25.0
#: Kinds of events that are parts of Tiller, and stand before their lines.
_PARTS = ("main", "tiller", "storage", "storage/driver", "kube")


def main() -> int:
    """Run the command with the arguments and the environment of this process."""
    streams = Streams.of_process()
    try:
        code = _run(Environment.of_process(), streams)
        streams.out.flush()
    except OSError as error:  # nobody takes what is written
        return 141 if isinstance(error, BrokenPipeError) else 1
    return code


def _run(environment: Environment, streams: Streams) -> int:
    try:
        flags = parse(environment.arguments[1:])
    except HelpWanted:
        streams.err.write(usage())
        return 2
    except Invalid as error:
        streams.err.write(f"{error.message}\n{usage()}")
        return 2
    if flags.get("version") == "true":
        streams.out.line(HELM2_VERSION)
        return 0
    try:
        if "verify-audit-log" in flags:
            from pilothouse.tiller.audit import verify

            streams.out.line(f"{verify(flags['verify-audit-log'])} lines, none of them changed")
            return 0
        return serve(settings_from(flags, environment), environment)
    except PilothouseError as error:
        log(Event(kind="main", message=error.message))
        for hint in error.hints:
            streams.err.line(f"hint: {hint}")
        return 1


def log(event: Event) -> None:
    """Write an event as Go's ``log`` package does: its part, date and time, and the text."""
    if event.kind not in (*_PARTS, "log"):
        return
    part = f"[{event.kind}] " if event.kind in _PARTS else ""
    stamp = time.strftime("%Y/%m/%d %H:%M:%S")
    if sys.stderr is not None:
        sys.stderr.write(f"{part}{stamp} {event.message.removesuffix(chr(10))}\n")
        sys.stderr.flush()


def serve(settings: TillerSettings, environment: Environment) -> int:
    """Serve until a signal comes, then let running calls end.

    Raises:
        PilothouseError: An address cannot be bound, a file not be read.
    """
    try:
        import grpc as _grpc  # type: ignore[import-untyped]  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise Invalid("tiller needs grpcio and protobuf", hints=("pip install 'pilothouse[tiller]'",)) from error
    reporter = Reporter(log)
    server, probes, keeper = _assembled(settings, environment, reporter)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if keeper is not None:
        keeper.start()
    server.start()
    if probes is not None:
        probes.start()
    stop.wait()
    reporter.report("main", "Shutting down; waiting for running calls")
    ended = server.stop(GRACE)
    if probes is not None:
        probes.stop()
    if keeper is not None:
        keeper.stop(ended=ended)
    if not ended:
        reporter.report("main", "Calls were cut off; they end by themselves or are settled by the next Tiller")
    return 0 if ended else 1


def _assembled(
    settings: TillerSettings, environment: Environment, reporter: Reporter
) -> tuple[TillerServer, ProbeServer | None, Keeper | None]:
    from pilothouse.tiller.metrics import Metrics
    from pilothouse.tiller.server import TillerServer

    context, gate = _gate(settings, environment, reporter)
    metrics = Metrics(context.clock.now())
    server = TillerServer(
        gate,
        version=context.version[0],
        metrics=metrics,
        reporter=reporter,
        workers=settings.max_concurrent_calls,
        trace=_trace(settings, context, environment, reporter),
    )
    host, wanted = split_address(settings.listen)
    port = server.listen(f"{_bracketed(host) or '[::]'}:{wanted}", _tls_files(settings, reporter))
    for warning in settings.warnings:
        reporter.report("main", warning)
    tls = str(settings.tls).lower()
    reporter.report("main", f"Starting Tiller {HELM2_VERSION} (tls={tls})")
    reporter.report("main", f"GRPC listening on {_bracketed(host)}:{port}")
    probes = _probes(settings, metrics, reporter) if settings.probe_listen else None
    reporter.report("main", f"Storage driver is {context.store.name}")
    reporter.report("main", f"Max history per release is {settings.history_max}")
    return server, probes, _keeper(settings, context, gate)


def _keeper(settings: TillerSettings, context: TillerContext, gate: Gate) -> Keeper | None:
    """Return what settles interrupted operations, none where Tiller is as 2.17's or its releases end with it."""
    from pilothouse.actions.tiller_owner import TillerLease, this_process
    from pilothouse.tiller.keeper import Keeper

    if settings.compatible or context.store.name == "Memory":
        return None
    owner = this_process(context.entropy)
    return Keeper(context, TillerLease(context.cluster, settings.namespace, context.clock, owner), gate.locks)


def _gate(settings: TillerSettings, environment: Environment, reporter: Reporter) -> tuple[TillerContext, Gate]:
    from pilothouse.assembly import Assembly
    from pilothouse.tiller.audit import AuditLog
    from pilothouse.tiller.gate import Gate

    assembly = Assembly(environment, reporter=reporter)
    try:
        context = assembly.tiller(
            driver=settings.storage,
            namespace=settings.namespace,
            history_max=settings.history_max,
            connection=settings.connection,
        )
        _ = context.cluster.config if hasattr(context.cluster, "config") else None
    except PilothouseError as error:
        raise error.prefixed("Cannot initialize Kubernetes connection: ") from error
    audit = AuditLog(settings.audit_log, context.clock, sys.stdout) if settings.audit_log else None
    gate = Gate(
        context,
        client_for=assembly.acting_clients() if settings.impersonate else None,
        audit=audit,
        seconds=settings.max_call_seconds,
    )
    return context, gate


def _trace(
    settings: TillerSettings, context: TillerContext, environment: Environment, reporter: Reporter
) -> CallTrace | None:
    """Return what remembers calls, and show it over HTTP for as long as the process lives; none if it is not wanted."""
    if not settings.trace_listen:
        return None
    from pilothouse.tiller.tracing import CallTrace, TraceServer

    trace = CallTrace(context.clock)
    host, port = split_address(settings.trace_listen)
    try:
        pages = TraceServer(host, port, trace, environment.arguments)
    except OSError as error:
        reporter.report("main", f"tracing error: listen tcp {settings.trace_listen}: bind: {reason_of(error)}")
        return None
    pages.start()
    reporter.report("main", f"Tracing server is listening on {_bracketed(host)}:{pages.port}")
    return trace


def _probes(settings: TillerSettings, metrics: Metrics, reporter: Reporter) -> ProbeServer:
    from pilothouse.tiller.probes import ProbeServer

    host, port = split_address(settings.probe_listen)
    try:
        probes = ProbeServer(host, port, metrics)
    except OSError as error:
        raise Invalid(f"Probes server died: listen tcp {settings.probe_listen}: bind: {reason_of(error)}") from error
    reporter.report("main", f"Probes listening on {_bracketed(host)}:{probes.port}")
    return probes


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tls_files(settings: TillerSettings, reporter: Reporter) -> CertificateFiles | None:
    from pilothouse.tiller.certificates import CertificateFiles, TlsPaths

    if not settings.tls:
        return None
    paths = TlsPaths(
        certificate=settings.tls_certificate,
        key=settings.tls_key,
        authority=settings.tls_authority if settings.tls_verify else "",
    )
    return CertificateFiles(paths, reporter)


if __name__ == "__main__":
    sys.exit(main())
