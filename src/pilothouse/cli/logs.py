"""Log lines on standard error: Go's slog text for Helm 4, plain words for Helm 3, lines with a time for Helm 2."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.progress import Event

_LEVELS = {"debug": "DEBUG", "info": "INFO", "warning": "WARN", "error": "ERROR"}


def log_line(event: Event, *, generation: int, debug: bool) -> str:
    """Return an event as a log line, empty when it is not to be shown."""
    if event.kind == "debug" and not debug:
        return ""
    if generation == 2:
        told = event.kind in ("log", "warning") or (event.kind == "info" and event.message.startswith("[INFO]"))
        return _timed_line(event) if told else ""
    if event.kind in ("server-warning", "client-error"):
        return _klog_line(event, generation)
    level = _LEVELS.get(event.kind)
    if level is None:
        return ""
    if generation == 3:
        return _plain_line(event)
    fields = "".join(f" {name}={slog_value(value)}" for name, value in event.fields)
    return f"level={level} msg={slog_value(event.message)}{fields}"


def _klog_line(event: Event, generation: int) -> str:
    """Return a server's warning, or an error of the client library, as client-go logs it, with time and process."""
    import os
    import time

    from pilothouse.clock import Clock

    now = Clock().now_ns()
    moment = time.strftime("%m%d %H:%M:%S", time.localtime(now // 1_000_000_000))
    head = f"{moment}.{now // 1000 % 1_000_000:06d} {os.getpid():7d}"
    from pilothouse.golang.quoting import quote

    if event.kind == "client-error":
        text = f"{event.message}!" if generation == 3 else quote(event.message)
        return f"E{head} {dict(event.fields)['source']}] {text}"
    if generation == 3:
        return f"W{head} warnings.go:70] {event.message}"
    return f"I{head} warnings.go:107] {quote(f'Warning: {event.message}')}"


def _timed_line(event: Event) -> str:
    """Return the line as Go's package log writes it, which Helm 2 uses."""
    import time

    from pilothouse.clock import Clock

    moment = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(Clock().now_ns() // 1_000_000_000))
    return f"{moment} {_plain_line(event).removeprefix('WARNING: ')}"


def _plain_line(event: Event) -> str:
    """Return the line in the style of Helm 3, which has no fields."""
    text = event.message
    if event.fields:
        text += ": " + ", ".join(value for _name, value in event.fields)
    if event.kind == "debug":
        return f"[debug] {text}"
    return f"WARNING: {text[:1].upper()}{text[1:]}" if event.kind == "warning" else text


def slog_value(text: str) -> str:
    """Return a value as Go's ``slog.TextHandler`` writes it: quoted when it is not plain."""
    plain = text and text.isprintable() and not any(letter in text for letter in ' ="')
    if plain and text.isascii():
        return text
    from pilothouse.golang.quoting import quote

    quoted = quote(text)
    return text if plain and quoted == '"' + text.replace("\\", "\\\\") + '"' else quoted
