"""``helm docs``, which is hidden: the help of every command as files."""

from __future__ import annotations

from pilothouse.cli.offers import NO_FILES, no_more
from pilothouse.commandline.command import Command, no_arguments
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Writes the help of every command into files: Markdown, pages for man, or one
script that completes commands in bash.
"""

_TEXTS = (
    ("dir", "directory to which documentation is written", "./"),
    ("type", "the type of documentation to generate (markdown, man, bash)", "markdown"),
)


def _types(_invocation: Invocation, _typed: str) -> tuple[list[str], int]:
    return ["bash", "man", "markdown"], NO_FILES


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "docs",
        long=_LONG,
        options=[
            *(
                Option(
                    name,
                    words[:1].upper() + words[1:] if dialects == (2,) else words,
                    default=usual,
                    dialects=dialects,
                    complete=_types if name == "type" and dialects != (2,) else None,
                )
                for dialects in ((2,), (3, 4))
                for name, words, usual in _TEXTS
            ),
            Option("generate-headers", "generate standard headers for markdown files", BOOL, dialects=(3, 4)),
        ],
        validate=no_arguments,
        complete=no_more,
        run=session.runs(_write),
    )


def _write(session: Session, invocation: Invocation) -> None:
    """Write the files (``docsOptions.run``).

    Raises:
        Invalid: The type is unknown, or a file cannot be written.
    """
    from pilothouse.actions.documentation import write_pages

    write_pages(invocation.text("dir"), _pages(session, invocation))


def _pages(session: Session, invocation: Invocation) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the files."""
    from pilothouse.commandline.pages import every_command, file_stem, manual_page, markdown_page
    from pilothouse.errors import Invalid
    from pilothouse.golang.quoting import quote
    from pilothouse.golang.times import Time

    kind = invocation.text("type")
    now = Time(int(session.clock.now()))
    day, month = now.format("2-Jan-2006"), now.format("Jan 2006")
    root = invocation.command
    while root.parent:
        root = root.parent
    if kind == "bash":
        from pilothouse.commandline.completion_scripts import completion_script

        yield "completions.bash", completion_script("bash", root.name, described=True)
    elif kind in ("markdown", "mdown", "md"):
        for command in every_command(root):
            stem = file_stem(command, "_")
            title = stem.replace("_", " ").title()
            head = f'---\ntitle: "{title}"\n---\n\n' if invocation.flag("generate-headers") else ""
            yield f"{stem}.md", head + markdown_page(command, day)
    elif kind == "man":
        for command in every_command(root):
            yield f"{file_stem(command, '-')}.1", manual_page(command, day, month)
    else:
        raise Invalid(f"unknown doc type {quote(kind)}. Try 'markdown' or 'man'")
