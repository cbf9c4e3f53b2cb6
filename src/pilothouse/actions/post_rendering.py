"""The post-renderer that a command line names: a plugin with Helm 4, a program with Helm 3."""

from __future__ import annotations

from pilothouse.actions.getter_plugins import plugin_folders
from pilothouse.errors import PilothouseError, Unsupported
from pilothouse.golang.quoting import quote
from pilothouse.plugins.post_renderers import plugin_post_renderer, program_post_renderer
from pilothouse.render.errors import RenderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.render.postrender import PostRenderer

__all__ = ["PostRenderer", "post_renderer"]


class _Reported:
    """A post-renderer whose failures are failures of rendering."""

    def __init__(self, inner: PostRenderer) -> None:
        self._inner = inner

    def run(self, manifests: str) -> str:
        """Return manifests as they should be.

        Raises:
            RenderError: The program fails.
        """
        try:
            return self._inner.run(manifests)
        except Unsupported:
            raise
        except PilothouseError as error:
            text = f"error while running post render on files: {error.message}"
            raise RenderError(text, template="(post-renderer)") from error


def post_renderer(
    environment: Environment, name: str, arguments: Sequence[str], reporter: Reporter
) -> PostRenderer | None:
    """Return the post-renderer of that name, nothing when no name is given.

    Raises:
        PilothouseError: There is none of that name.
    """
    if not name:
        return None
    try:
        if environment.compatibility == 3:
            here = environment.working_directory
            return _Reported(program_post_renderer(name, arguments, environment.variables, here))
        folders = plugin_folders(environment)
        return _Reported(plugin_post_renderer(name, arguments, folders, environment.variables, reporter))
    except PilothouseError as error:
        raise error.prefixed(f'invalid argument {quote(name)} for "--post-renderer" flag: ') from error
