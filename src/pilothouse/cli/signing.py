"""The flags about signing, and the question for a passphrase."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.signing import Passphrases, SigningOptions
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation


def signing_options(invocation: Invocation) -> SigningOptions:
    """Return what the flags say about signing."""
    from pilothouse.actions.signing import SigningOptions

    return SigningOptions(
        key=invocation.text("key"),
        keyring=invocation.text("keyring"),
        passphrase_file=invocation.text("passphrase-file"),
    )


def passphrases(session: Session, options: SigningOptions) -> Passphrases:
    """Return where the passphrase comes from: a file, a pipe or the terminal."""
    from pilothouse.actions.signing import Passphrases

    def ask(identity: str) -> str:
        known = session.environment.get("HELM_KEY_PASSPHRASE") if session.generation == 2 else ""
        if known:
            return known
        from pilothouse.cli.prompts import AnswerUnreadable, read_secret
        from pilothouse.golang.quoting import quote

        try:
            return read_secret(session, f"Password for key {quote(identity)} >  ")
        except AnswerUnreadable:
            session.streams.out.line()
            raise

    def read_pipe() -> bytes | None:
        import os
        import stat

        try:
            descriptor = session.streams.input.fileno() if session.streams.input else -1
            piped = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        except OSError:
            piped = False
        return session.read_input() if piped else None

    return Passphrases(session.environment, options, ask=ask, read_pipe=read_pipe)
