"""``helm rollback``."""

from __future__ import annotations

from pilothouse.cli.commands.upgrade import server_side_option
from pilothouse.cli.offers import no_more, release_names, revisions
from pilothouse.cli.options import (
    FORCE_EXCLUSIVE,
    dry_run_option,
    dry_run_strategy,
    force_options,
    force_replace,
    history_max_option,
    timeout_option,
    wait_options,
    wait_strategy,
)
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Takes a release back to an earlier revision, which becomes its newest one.

Without a revision, or with 0, that is the one before the newest.
'helm history RELEASE' lists the revisions.
"""
_LONGEST_DESCRIPTION = 256


def declare(session: Session) -> Command:
    """Return the command."""
    old = session.generation == 3

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if not invocation.arguments:
            return release_names(session, invocation, typed)
        if len(invocation.arguments) == 1:
            return revisions(session, invocation, invocation.arguments[0])
        return no_more(invocation, typed)

    return Command(
        "rollback <RELEASE> [REVISION]",
        long=_LONG,
        options=[
            Option("dry-run", "simulate a rollback", BOOL) if old else dry_run_option(session.generation),
            Option("recreate-pods", "performs pods restart for the resource if applicable", BOOL, hidden=not old),
            *force_options(session.generation, "force resource update through delete/recreate if needed"),
            server_side_option(session.generation),
            Option("no-hooks", "prevent hooks from running during rollback", BOOL),
            timeout_option(),
            *wait_options(session),
            Option(
                "cleanup-on-fail", "allow deletion of new resources created in this rollback when rollback fails", BOOL
            ),
            history_max_option(session),
            Option("description", "add a custom description for the rollback (max 256 characters)", hidden=old),
        ],
        exclusive=FORCE_EXCLUSIVE,
        validate=at_least(1),
        complete=complete,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Roll the release back."""
    from pilothouse.actions.rollback import RollbackOptions, rollback

    revision = _revision(invocation.arguments[1]) if len(invocation.arguments) > 1 else 0
    description = invocation.text("description")
    if len(description) > _LONGEST_DESCRIPTION:
        raise UsageError(f"description must be {_LONGEST_DESCRIPTION} characters or less, got {len(description)}")
    if session.generation == 3:
        dry_run = "server" if invocation.flag("dry-run") else "none"
    else:
        dry_run = dry_run_strategy(session, invocation)
    rollback(
        session.context(),
        RollbackOptions(
            name=invocation.arguments[0],
            revision=revision,
            dry_run=dry_run,
            wait=wait_strategy(session, invocation),
            wait_for_jobs=invocation.flag("wait-for-jobs"),
            timeout=invocation.number("timeout"),
            no_hooks=invocation.flag("no-hooks"),
            cleanup_on_fail=invocation.flag("cleanup-on-fail"),
            history_max=invocation.integer("history-max"),
            description=description,
            server_side="false" if session.generation == 3 else invocation.text("server-side"),
            force_replace=force_replace(invocation),
            force_conflicts=invocation.flag("force-conflicts"),
            recreate_pods=invocation.flag("recreate-pods"),
        ),
    )
    session.streams.out.line("Rollback was a success! Happy Helming!")


def _revision(text: str) -> int:
    """Return the number that ``strconv.Atoi`` reads."""
    from pilothouse.golang.numbers import NumberRangeError, parse_decimal
    from pilothouse.golang.quoting import quote

    try:
        return parse_decimal(text)
    except ValueError as error:
        reason = "value out of range" if isinstance(error, NumberRangeError) else "invalid syntax"
        raise UsageError(
            f"could not convert revision to a number: strconv.Atoi: parsing {quote(text)}: {reason}"
        ) from None
