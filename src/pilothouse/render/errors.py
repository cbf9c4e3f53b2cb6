"""What can go wrong when a chart is rendered.

::

    Invalid
    ├── RenderError          a template does not parse or fails
    ├── ManifestError        what the templates made is no stream of objects
    ├── IncompatibleCluster  the chart is for other versions of Kubernetes
    └── VersionInvalid       a version of Kubernetes cannot be read
"""

from __future__ import annotations

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.gotemplate.errors import Level
    from pilothouse.render.documents import HookManifest


class RenderError(Invalid):
    """A template does not parse or fails.

    Attributes:
        template: Path of the file, such as ``chart/templates/x.yaml``.
        line: Line of the fault, from 1; 0 when it has none.
        column: Bytes before the fault in its line; -1 when it has none.
        levels: For a template that ran: where it failed, from the executed file inwards.
    """

    reference = "render"

    def __init__(
        self, message: str, *, template: str = "", line: int = 0, column: int = -1, levels: tuple[Level, ...] = ()
    ) -> None:
        super().__init__(message)
        self.template = template
        self.line = line
        self.column = column
        self.levels = levels


class ManifestError(Invalid):
    """What a template made is no object.

    Attributes:
        path: Path of the file.
        files: Everything that was rendered, by path, for showing.
        document: Text of the document.
        hooks: The hooks that were found before it.
    """

    reference = "manifest"

    def __init__(
        self,
        message: str,
        *,
        path: str,
        files: Mapping[str, str],
        document: str = "",
        hooks: tuple[HookManifest, ...] = (),
    ) -> None:
        super().__init__(message)
        self.path = path
        self.files = files
        self.document = document
        self.hooks = hooks


class IncompatibleCluster(Invalid):
    """The chart is for other versions of Kubernetes."""

    reference = "incompatible-cluster"


class VersionInvalid(Invalid):
    """A version of Kubernetes cannot be read."""

    reference = "kube-version-invalid"
