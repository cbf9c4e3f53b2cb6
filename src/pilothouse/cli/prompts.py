"""Questions on the terminal, and answers that are not shown while they are typed."""

from __future__ import annotations

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session


class AnswerUnreadable(Invalid):
    """There is no terminal, or nothing more to read."""

    reference = "answer-unreadable"


def read_line(session: Session, prompt: str) -> str:
    """Print ``prompt`` and return the line that is typed after it.

    Raises:
        AnswerUnreadable: The input is at its end.
    """
    session.streams.out.write(prompt)
    session.streams.out.flush()
    source = session.streams.input
    line = source.readline() if source else b""
    if not line:
        raise AnswerUnreadable("EOF")
    return line.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")


def read_secret(session: Session, prompt: str) -> str:
    """Print ``prompt`` and return the line that is typed after it, which the terminal does not show.

    Raises:
        AnswerUnreadable: The input is no terminal, or at its end.
    """
    import termios

    session.streams.out.write(prompt)
    session.streams.out.flush()
    try:
        descriptor = session.streams.input.fileno() if session.streams.input else -1
        before = termios.tcgetattr(descriptor)
    except (termios.error, OSError, ValueError, TypeError):
        raise AnswerUnreadable("inappropriate ioctl for device") from None
    hidden = [*before]
    hidden[3] = before[3] & ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, hidden)
    try:
        text = read_line(session, "")
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
    session.streams.out.line()
    return text
