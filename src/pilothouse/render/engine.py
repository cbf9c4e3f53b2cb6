"""Chart and values into text: Helm's ``engine.Engine``.

All files of all charts of the tree become one set of templates, parsed from the deepest file to the topmost, so that a
chart's definitions win over those of its subcharts; then every file that is no partial is executed in that order.
"""

from __future__ import annotations

from pilothouse.gotemplate.errors import ExecutionError, ParseError, UnknownTemplate
from pilothouse.gotemplate.limits import Meter
from pilothouse.gotemplate.template import Template
from pilothouse.render.chart_texts import ChartTexts
from pilothouse.render.context import capabilities_value, chart_map, files_value, release_value, values_type
from pilothouse.render.errors import RenderError
from pilothouse.render.functions import NO_VALUE, SET_NAME, ChartFunctions, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.charts.metadata import Metadata
    from pilothouse.charts.model import Chart, ChartFile
    from pilothouse.golang.functions import Function
    from pilothouse.golang.kinds import GoValue, YamlValue
    from pilothouse.gotemplate.cache import CompileCache
    from pilothouse.gotemplate.errors import Level
    from pilothouse.gotemplate.traced import TracedOutput
    from pilothouse.render.settings import RenderSettings

_PARTIAL = "_"


class _File:
    """One template file with the data it is executed with."""

    __slots__ = ("base_path", "data", "owner", "text")

    def __init__(self, text: str, base_path: str, data: dict[str, GoValue], owner: _Branch) -> None:
        self.text = text
        self.base_path = base_path
        self.data = data
        self.owner = owner


class _Branch:
    """One chart of the tree: its values as templates see them, and as they stand in its parent's values."""

    __slots__ = ("in_parent", "shown")

    def __init__(self, shown: dict[str, GoValue], in_parent: dict[str, GoValue] | None) -> None:
        self.shown = shown
        self.in_parent = in_parent

    def write_back(self) -> None:
        """Carry keys that a template set over to the parent's table, which is the same map in Go."""
        if self.in_parent is not None and self.in_parent != self.shown:
            self.in_parent.clear()
            self.in_parent.update(self.shown)


def render(chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings) -> dict[str, str]:
    """Return what every template of the chart and its subcharts makes, by path.

    Args:
        chart: The chart, its dependencies processed.
        values: The values of the chart, coalesced with the defaults of all charts of the tree.
        settings: Everything from outside.

    Raises:
        RenderError: A template does not parse or fails.
    """
    files, templates = _parsed(chart, values, settings)
    rendered: dict[str, str] = {}
    for path, file in files.items():
        if path.rpartition("/")[2].startswith(_PARTIAL):
            continue
        file.data["Template"] = values_type(settings.helm)(Name=path, BasePath=file.base_path)
        try:
            text = templates.execute(path, file.data)
        except ExecutionError as error:
            raise _execution_error(path, error, settings.helm) from error
        except RecursionError as error:
            raise RenderError(f"rendering template failed: {error}", template=path) from error
        rendered[path] = text.replace(NO_VALUE, "") if NO_VALUE in text else text
        file.owner.write_back()
    templates.save()
    return rendered


def trace(chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings, path: str) -> TracedOutput:
    """Render one file of a chart again, and remember where each part of its text comes from.

    Args:
        chart: The chart, its dependencies processed.
        values: The values of the chart, coalesced with the defaults of all charts of the tree.
        settings: Everything from outside.
        path: The file.

    Raises:
        RenderError: A template does not parse or fails.
    """
    files, templates = _parsed(chart, values, settings.replace(cache_folder=""))
    file = files[path]
    file.data["Template"] = values_type(settings.helm)(Name=path, BasePath=file.base_path)
    try:
        return templates.execute_traced(path, file.data)
    except ExecutionError as error:
        raise _execution_error(path, error, settings.helm) from error


def _parsed(
    chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings
) -> tuple[dict[str, _File], Template]:
    """Return the files in the order in which they are parsed and executed, and the set they make."""
    found = _collect(chart, values, settings)
    order = sorted(found, key=lambda path: (path.count("/"), path), reverse=True)
    files = {path: found[path] for path in order}
    return files, _parse([(path, file.text) for path, file in files.items()], settings, ChartTexts(chart))


def _collect(chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings) -> dict[str, _File]:
    """Return the template files of the whole tree by path (``allTemplates``)."""
    table = values_type(settings.helm)
    shared = _shared(settings)
    files: dict[str, _File] = {}

    def visit(current: Chart, path: str, loaded_path: str, branch: _Branch) -> dict[str, GoValue]:
        subcharts: dict[str, GoValue] = {}
        data = table(
            Chart=_chart_value(
                current.metadata, settings.helm, is_root=path == current.name and branch.in_parent is None
            ),
            Files=_files(current.files, settings.helm),
            **shared,
            Values=branch.shown,
            Subcharts=subcharts,
        )
        above = loaded_path if settings.helm == 3 and _is_mere_copy(current) else path
        for subchart in current.subcharts:
            subcharts[subchart.name] = visit(
                subchart,
                f"{above}/charts/{subchart.name}",
                f"{loaded_path}/charts/{(subchart.copied or subchart).name}",
                _below(branch, subchart.name, table),
            )
        for template in current.templates:
            base = template.name.rpartition("/")[2]
            if not current.is_library or base.startswith(_PARTIAL):
                text = template.data.decode("utf-8", "surrogateescape")
                files[f"{path}/{template.name}"] = _File(text, f"{path}/templates", data, branch)
        return data

    visit(chart, chart.name, chart.name, _Branch(table(values), None))
    return files


def _is_mere_copy(chart: Chart) -> bool:
    """Return whether a chart is a copy whose subcharts still name the original as their parent.

    Helm 3 gives subcharts a parent when it goes through what a chart declares, and copies declare nothing to go through
    when the original did not (``getAliasDependency``, ``processDependencyEnabled``).
    """
    return chart.copied is not None and not chart.copied.metadata.dependencies


def _shared(settings: RenderSettings) -> dict[str, GoValue]:
    """Return what is the same for every chart of the tree."""
    if settings.helm == 2:
        from pilothouse.render import tiller_context

        return {
            "Release": tiller_context.release_value(settings.release),
            "Capabilities": tiller_context.capabilities_value(settings.capabilities),
        }
    return {
        "Release": release_value(settings.release),
        "Capabilities": capabilities_value(settings.capabilities),
    }


def _files(files: Iterable[ChartFile], helm: int) -> GoValue:
    if helm == 2:
        from pilothouse.render import tiller_context

        return tiller_context.files_value(files)
    return files_value(files, helm)


def _functions(settings: RenderSettings) -> Mapping[str, Function]:
    if settings.helm == 2:
        from pilothouse.render.tiller_functions import TillerFunctions

        return TillerFunctions(settings)
    return ChartFunctions(settings)


def _below(parent: _Branch, name: str, table: type[dict[str, GoValue]]) -> _Branch:
    """Return the values of a subchart: the table of its name in the parent's (``Values.Table``)."""
    found: GoValue = parent.shown
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return _Branch(table(), {})
    return _Branch(table(found), found)


def _chart_value(metadata: Metadata, helm: int, *, is_root: bool) -> GoValue:
    if helm == 2:
        from pilothouse.render.tiller_context import ChartMetadata

        return ChartMetadata(metadata)
    if helm == 3:
        from pilothouse.render.chart_struct import ChartStruct

        return ChartStruct(metadata, is_root=is_root)
    return chart_map(metadata, is_root=is_root)


def _parse(files: list[tuple[str, str]], settings: RenderSettings, own: ChartTexts) -> Template:
    templates = Template(
        SET_NAME,
        _functions(settings),
        missing_key="error" if settings.strict else "zero",
        go="1.22" if settings.helm <= 3 else "1.27",
        cache=_cache(settings.cache_folder),
        keepable=own.hold,
        include_overflow=_overflow,
        meter=Meter(settings.limits, settings.clock.monotonic),
    )
    try:
        templates.parse_files(files)
    except ParseError as error:
        raise _parse_error(error, settings.helm) from error
    return templates


def _cache(folder: str) -> CompileCache | None:
    if not folder:
        return None
    from pilothouse.gotemplate.cache import CompileCache

    return CompileCache(folder)


def _overflow(name: str) -> str:
    return f"rendering template has a nested reference name: {name}: unable to execute template"


def _parse_error(error: ParseError, helm: int) -> RenderError:
    """Return a parse error as Helm lays it out (``cleanupParseError``): only what follows the last colon is kept."""
    if helm == 2:
        from pilothouse.golang.quoting import quote

        text = f"parse error in {quote(error.name)}: {error}"
        return RenderError(text, template=error.name, line=error.line)
    parts = str(error).split(": ")
    if len(parts) == 1:
        return RenderError(f"parse error in ({error.name}): {error}", template=error.name, line=error.line)
    return RenderError(f"parse error at ({parts[1]}): {parts[-1]}", template=error.name, line=error.line)


def _execution_error(path: str, error: ExecutionError, helm: int) -> RenderError:
    """Return a failure as Helm lays it out (``reformatExecErrorMsg``; Helm 3 ``cleanupExecError``)."""
    levels = error.levels
    if helm == 2:
        from pilothouse.golang.quoting import quote

        text = f"render error in {quote(path)}: {error}"
        return RenderError(text, template=path, levels=levels)
    if not levels:
        return RenderError(str(error), template=path)
    first = levels[0]
    if isinstance(error.error, Refusal):
        text = f"execution error at ({first.location}): {error.error.text}"
    elif helm == 3 or (error.error is not None and not isinstance(error.error, UnknownTemplate)):
        text = str(error)
    else:
        text = _traced(levels, error.error)
    return RenderError(text, template=first.template, line=first.line, column=first.column, levels=levels)


def _traced(levels: tuple[Level, ...], innermost: BaseException | None) -> str:
    """Return the chain of levels, three lines each; a level like the one before it is left out."""
    blocks: list[str] = []
    for level in levels:
        executing = str(level).removeprefix(f"template: {level.location}: ").removesuffix(level.cause)
        lines = [level.location, f"  {executing.rstrip()}", f"    {level.cause.removesuffix(str(innermost)).rstrip()}"]
        block = "\n".join(lines)
        if not blocks or blocks[-1] != block:
            blocks.append(block)
    if innermost is not None:
        blocks.append(str(innermost))
    return "\n".join(blocks)
