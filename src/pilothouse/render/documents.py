"""The documents that a chart's templates make: objects, hooks, and what each says about itself."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Head(Record):
    """What a document says about itself: Go's ``SimpleHead``."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    annotations: Mapping[str, str] | None = None


class Manifest(Record):
    """One document that becomes an object.

    Attributes:
        source: Path of the template that made it.
        content: Its text.
        head: What it says about itself.
    """

    source: str
    content: str
    head: Head

    @property
    def kind(self) -> str:
        """Its kind, empty for a document without one."""
        return self.head.kind

    @property
    def name(self) -> str:
        """The name of its object."""
        return self.head.name


class HookManifest(Record):
    """One document that is applied at an event of the release's life.

    Attributes:
        path: Path of the template that made it.
        manifest: Its text.
        events: When it runs, such as ``pre-install``.
    """

    name: str
    kind: str
    path: str
    manifest: str
    events: tuple[str, ...] = ()
    weight: int = 0
    delete_policies: tuple[str, ...] = ()
    output_log_policies: tuple[str, ...] = ()
