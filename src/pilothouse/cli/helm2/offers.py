"""What completion offers in Helm 2's dialect."""

from __future__ import annotations

from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation
    from pilothouse.commandline.options import Completer

_DEFAULT, _NO_FILES = 0, 4
_EVERY_STATUS = (0, 1, 2, 5, 4, 6, 7, 8)
#: Seconds in which Tiller must be there; a person waits at the tab key.
_PATIENCE = 5


def releases(session: Session, *, many: bool = False) -> Completer:
    """Return a completer of release names, for the first argument or for all."""

    def complete(invocation: Invocation, typed: str) -> tuple[list[str], int]:
        if invocation.arguments and not many:
            return [], _DEFAULT
        from pilothouse.cli.helm2.connection import connection_options

        session.settle(invocation)
        try:
            options = connection_options(session, invocation).replace(timeout=_PATIENCE)
            with session.assembly().tiller_client(options) as client:
                request = {"limit": 1000, "filter": f"^{typed}", "status_codes": _EVERY_STATUS, "sort_by": 1}
                found = [
                    release.name for answer in client.stream("ListReleases", **request) for release in answer.releases
                ]
        except (PilothouseError, OSError):
            return [], _DEFAULT
        names = dict.fromkeys(name for name in found if name.startswith(typed) and name not in invocation.arguments)
        return list(names), _NO_FILES

    return complete
