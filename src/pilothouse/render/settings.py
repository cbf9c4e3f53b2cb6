"""What rendering is told beside chart and values."""

from __future__ import annotations

from pilothouse.gotemplate.limits import Limits
from pilothouse.progress import SILENT
from pilothouse.records import Record, field
from pilothouse.render.capabilities import Capabilities, default_capabilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.charts.parsed import Parsed
    from pilothouse.clock import Clock
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter


class ReleaseFacts(Record):
    """What ``.Release`` says."""

    name: str
    namespace: str = "default"
    revision: int = 1
    is_install: bool = True
    is_upgrade: bool = False


class RenderSettings(Record):
    """How to render; everything from outside that templates can reach.

    Attributes:
        release: What ``.Release`` says.
        capabilities: What ``.Capabilities`` says.
        clock: Tells the time.
        entropy: Returns that many random bytes.
        helm: Whose rules and texts to follow, 3 or 4.
        lookup: Returns an object of the cluster, or a list of them, for API version, kind, namespace and name; ``{}``
            when there is none. Without it ``lookup`` finds nothing.
        resolve_host: Returns the addresses of a host; without it ``getHostByName`` returns an empty text.
        local_zone: Name of the local time zone, empty for UTC.
        strict: Whether a missing key is an error.
        lint: Whether ``required`` and ``fail`` only report.
        cache_folder: Where compiled templates are kept, empty for nowhere.
        cache: Heads of documents that were read before.
        reporter: Hears of warnings.
        limits: How much memory and time templates may use.
        explain: Whether a fault in what was rendered is explained by the templates that made it.
    """

    release: ReleaseFacts
    clock: Clock
    entropy: Callable[[int], bytes]
    capabilities: Capabilities = field(default_factory=default_capabilities)
    helm: int = 4
    lookup: Callable[[str, str, str, str], dict[str, YamlValue]] | None = None
    resolve_host: Callable[[str], Sequence[str]] | None = None
    local_zone: str = ""
    strict: bool = False
    lint: bool = False
    cache_folder: str = ""
    cache: Parsed | None = None
    reporter: Reporter = SILENT
    limits: Limits = field(default_factory=Limits)
    explain: bool = False
