"""The template functions that Helm adds to sprig's (``engine.funcMap`` and ``Engine.initFunMap``)."""

from __future__ import annotations

from _collections_abc import Mapping  # without all of collections, which takes a millisecond to load

from pilothouse.formats.errors import FormatError, JsonError
from pilothouse.golang.functions import Function, FunctionError
from pilothouse.gotemplate.errors import ExecutionError, ParseError
from pilothouse.sprig.table import function_map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.golang.kinds import GoValue
    from pilothouse.gotemplate.template import Template
    from pilothouse.render.settings import RenderSettings

NO_VALUE = "<no value>"
#: Name of the set of all templates of a chart, and of every text given to ``tpl``.
SET_NAME = "gotpl"


class Refusal(FunctionError):
    """What ``fail`` and ``required`` raise: the chart's author speaks, so the rest of the message is left out.

    Attributes:
        text: The author's words.
    """

    def __init__(self, message: str, *, text: str | None = None) -> None:
        super().__init__(message)
        self.text = message if text is None else text


def _to_yaml(value: GoValue) -> str:
    from pilothouse.formats.yaml_text import encode

    try:
        return encode(value).removesuffix("\n")
    except (FormatError, TypeError):
        return ""


def _must_to_yaml(value: GoValue) -> str:
    from pilothouse.formats.yaml_text import encode

    try:
        return encode(value).removesuffix("\n")
    except FormatError as error:
        raise FunctionError(error.message) from error


def _to_yaml_pretty(value: GoValue) -> str:
    from pilothouse.formats.yaml_text import encode_pretty

    try:
        return encode_pretty(value).removesuffix("\n")
    except (FormatError, TypeError):
        return ""


def _from_yaml(text: str) -> GoValue:
    from pilothouse.formats.yaml_text import decode_mapping

    try:
        return decode_mapping(text)
    except FormatError as error:
        return {"Error": error.message}


def _from_yaml_array(text: str) -> GoValue:
    from pilothouse.formats.yaml_text import decode_list

    try:
        return decode_list(text)
    except FormatError as error:
        return [error.message]


def _to_json(value: GoValue, *, go: str = "1.27") -> str:
    from pilothouse.formats.json_text import encode

    try:
        return encode(value, go=go)
    except (FormatError, TypeError):
        return ""


def _must_to_json(value: GoValue) -> str:
    from pilothouse.formats.json_text import encode

    try:
        return encode(value)
    except FormatError as error:
        raise FunctionError(error.message) from error


class _NilMap(dict[str, "GoValue"]):
    """A ``map[string]interface {}`` that is nil: empty, but null in JSON."""

    __slots__ = ()
    go_type = "map[string]interface {}"
    go_kind = "map"
    go_nil = True

    def go_json(self) -> None:
        """Return the JSON null."""


class _NilList(list["GoValue"]):
    """A ``[]interface {}`` that is nil: empty, but null in JSON."""

    __slots__ = ()
    go_type = "[]interface {}"
    go_kind = "slice"
    go_nil = True

    def go_json(self) -> None:
        """Return the JSON null."""


def _from_json(text: str, *, helm: int = 4) -> GoValue:
    from pilothouse.formats.json_text import decode_mapping

    try:
        return decode_mapping(text, helm=helm) or ({} if text.strip() != "null" else _NilMap())
    except JsonError as error:
        return {**(error.partial or {}), "Error": error.message}


def _from_json_array(text: str, *, helm: int = 4) -> GoValue:
    from pilothouse.formats.json_text import decode_list

    try:
        return decode_list(text, helm=helm) or ([] if text.strip() != "null" else _NilList())
    except JsonError as error:
        return [error.message]


def to_toml(value: GoValue, *, helm: int) -> str:
    """Return a value as TOML, or what is wrong with it."""
    from pilothouse.formats.toml_text import encode

    try:
        return encode(value, helm=helm)
    except FormatError as error:
        return error.message


def _must_to_toml(value: GoValue) -> str:
    from pilothouse.formats.toml_text import encode

    try:
        return encode(value)
    except FormatError as error:
        raise FunctionError(error.message) from error


def _from_toml(text: str) -> GoValue:
    from pilothouse.formats.toml_text import decode

    try:
        return decode(text)
    except FormatError as error:
        return {"Error": error.message}


def tpl(running: Template, text: str, data: GoValue) -> str:
    """Return ``text`` executed as a template of its own, which sees all defines and keeps its own to itself."""
    if "{{" not in text:
        return text.replace(NO_VALUE, "")
    from pilothouse.golang.quoting import quote

    own = running.clone()
    try:
        own.parse(SET_NAME, text)
    except ParseError as error:
        raise FunctionError(f"cannot parse template {quote(text)}: {error}") from error
    try:
        return own.execute(SET_NAME, data).replace(NO_VALUE, "")
    except ExecutionError as error:
        message = f"error during tpl function execution for {quote(text)}: {error}"
        if isinstance(error.error, Refusal):
            raise Refusal(message, text=error.error.text) from error
        raise FunctionError(message) from error


#: The functions that every Helm has; Helm 2 lacks the lists.
COMMON = {
    "toYaml": Function(_to_yaml, "interface {}", result="string"),
    "fromYaml": Function(_from_yaml, "string", result="map[string]interface {}"),
    "fromYamlArray": Function(_from_yaml_array, "string"),
    "toJson": Function(_to_json, "interface {}", result="string"),
    "fromJson": Function(_from_json, "string", result="map[string]interface {}"),
    "fromJsonArray": Function(_from_json_array, "string"),
    "include": Function(lambda *_: "", "string, interface {}", role="include", result="string"),
    "tpl": Function(tpl, "string, interface {}", role="context", result="string"),
}
_HELM_4 = {
    "fromToml": Function(_from_toml, "string", result="map[string]interface {}"),
    "mustToYaml": Function(_must_to_yaml, "interface {}", result="string"),
    "toYamlPretty": Function(_to_yaml_pretty, "interface {}", result="string"),
    "mustToJson": Function(_must_to_json, "interface {}", result="string"),
    "toToml": Function(lambda value: to_toml(value, helm=4), "interface {}", result="string"),
    "mustToToml": Function(_must_to_toml, "interface {}", result="string"),
}
_HELM_3 = {
    "toJson": Function(lambda value: _to_json(value, go="1.22"), "interface {}", result="string"),
    "fromJson": Function(lambda text: _from_json(text, helm=3), "string", result="map[string]interface {}"),
    "fromJsonArray": Function(lambda text: _from_json_array(text, helm=3), "string"),
    "toToml": Function(lambda value: to_toml(value, helm=3), "interface {}", result="string"),
}


class ChartFunctions(Mapping[str, Function]):
    """Every function that a template of a chart can call: Helm's own, then sprig's.

    Args:
        settings: Where time, chance, the cluster and warnings come from.
    """

    __slots__ = ("_own", "_sprig")

    def __init__(self, settings: RenderSettings) -> None:
        self._sprig = function_map(
            clock=settings.clock,
            entropy=settings.entropy,
            resolve_host=settings.resolve_host,
            local_zone=settings.local_zone,
            helm=settings.helm,
        )
        self._own = {**COMMON, **(_HELM_3 if settings.helm == 3 else _HELM_4), **_bound(settings)}

    def __getitem__(self, name: str) -> Function:
        found = self._own.get(name)
        return self._sprig[name] if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._sprig

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from (name for name in self._sprig if name not in self._own)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _bound(settings: RenderSettings) -> dict[str, Function]:
    """Return the functions that depend on the settings."""
    reporter, helm = settings.reporter, settings.helm

    def required(message: str, value: GoValue) -> GoValue:
        if value is not None and not (isinstance(value, str) and value == ""):
            return value
        if not settings.lint:
            raise Refusal(formatted(message) if helm == 3 else message)
        if helm == 3:
            line = 206 if value is None else 214
            reporter.report("info", f"engine.go:{line}: [INFO] Missing required value: {message}")
        else:
            reporter.warning(f"missing required value{'' if value is None else 's'}", message=message)
        return ""

    def fail(message: str) -> str:
        if not settings.lint:
            raise Refusal(message)
        if helm == 3:
            reporter.report("info", f"engine.go:227: [INFO] Fail: {message}")
        else:
            reporter.report("info", "funcMap fail", message=message)
        return ""

    def lookup(api_version: str, kind: str, namespace: str, name: str) -> GoValue:
        return {} if settings.lookup is None else settings.lookup(api_version, kind, namespace, name)

    return {
        "required": Function(required, "string, interface {}"),
        "fail": Function(fail, "string", result="string"),
        "lookup": Function(lookup, "string, string, string, string", result="map[string]interface {}"),
    }


def formatted(message: str) -> str:
    """Return ``message`` as a format without arguments, which is what Helm 3 makes of it."""
    if "%" not in message:
        return message
    from pilothouse.golang.printf import sprintf

    return sprintf(message)
