"""The template functions of Helm 2: sprig 2.22 without the environment, and Helm's own."""

from __future__ import annotations

from _collections_abc import Mapping  # without all of collections, which takes a millisecond to load

from pilothouse.formats.errors import FormatError
from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.quoting import quote
from pilothouse.gotemplate.errors import ExecutionError, ParseError
from pilothouse.render.functions import COMMON, NO_VALUE, formatted, to_toml
from pilothouse.render.tiller_context import path_value
from pilothouse.sprig.table import function_map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.golang.kinds import GoValue
    from pilothouse.gotemplate.template import Template
    from pilothouse.render.settings import RenderSettings


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: The functions of sprig 2.22.0 that templates may call.
_SPRIG = _words(
    """
    abbrev abbrevboth add add1 adler32sum ago append atoi b32dec b32enc b64dec b64enc base biggest buildCustomCert
    camelcase cat ceil clean coalesce compact concat contains date dateInZone dateModify date_in_zone date_modify
    decryptAES deepCopy deepEqual default derivePassword dict dir div empty encryptAES ext fail first float64
    floor genCA genPrivateKey genSelfSignedCert genSignedCert getHostByName has hasKey hasPrefix hasSuffix hello
    htmlDate htmlDateInZone indent initial initials int int64 isAbs join kebabcase keys kindIs kindOf last list
    lower max merge mergeOverwrite min mod mul nindent nospace now omit pick pluck plural prepend push quote
    randAlpha randAlphaNum randAscii randNumeric regexFind regexFindAll regexMatch regexReplaceAll
    regexReplaceAllLiteral regexSplit repeat replace rest reverse round semver semverCompare set sha1sum sha256sum
    shuffle slice snakecase sortAlpha split splitList splitn squote sub substr swapcase ternary title toDate
    toDecimal toPrettyJson toString toStrings trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs
    typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin urlParse uuidv4 values without
    wrap wrapWith
    """
)


def _to_yaml(value: GoValue) -> str:
    from pilothouse.formats.yaml_text import encode

    try:
        return encode(value)
    except (FormatError, TypeError):
        return ""


def tpl(running: Template, text: str, data: GoValue) -> str:
    """Return ``text`` executed in the place of the running template (``Engine.alterFuncMap``)."""
    try:
        path_value(data, "Template.BasePath")
    except FunctionError as error:
        raise FunctionError(
            f"Cannot retrieve Template.Basepath from values inside tpl function: {text} ({error})"
        ) from error
    try:
        name = path_value(data, "Template.Name")
    except FunctionError as error:
        raise FunctionError(
            f"Cannot retrieve Template.Name from values inside tpl function: {text} ({error})"
        ) from error
    own = running.clone()
    try:
        own.parse(name, text)
        return own.execute(name, data).replace(NO_VALUE, "")
    except ParseError as error:
        reason = f"parse error in {quote(name)}: {error}"
        raise FunctionError(f"Error during tpl function execution for {quote(text)}: {reason}") from error
    except ExecutionError as error:
        reason = f"render error in {quote(name)}: {error}"
        raise FunctionError(f"Error during tpl function execution for {quote(text)}: {reason}") from error


class TillerFunctions(Mapping[str, Function]):
    """Every function that a template can call under Helm 2.

    Args:
        settings: Where time, chance and warnings come from.
    """

    __slots__ = ("_own", "_sprig")

    def __init__(self, settings: RenderSettings) -> None:
        self._sprig = function_map(
            clock=settings.clock,
            entropy=settings.entropy,
            resolve_host=settings.resolve_host,
            local_zone=settings.local_zone,
            helm=3,
        )
        self._own = {
            "toYaml": Function(_to_yaml, "interface {}", result="string"),
            "toToml": Function(lambda value: to_toml(value, helm=3), "interface {}", result="string"),
            "tpl": Function(tpl, "string, map[string]interface {}", role="context", result="string"),
            "required": Function(_required(settings), "string, interface {}"),
            **{name: COMMON[name] for name in ("fromYaml", "toJson", "fromJson", "include")},
        }

    def __getitem__(self, name: str) -> Function:
        found = self._own.get(name)
        if found is None and name not in _SPRIG:
            raise KeyError(name)
        return self._sprig[name] if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self._own or (name in _SPRIG and name in self._sprig)

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from (name for name in _SPRIG if name not in self._own)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _required(settings: RenderSettings) -> Callable[[str, GoValue], GoValue]:
    def required(message: str, value: GoValue) -> GoValue:
        if value is not None and not (isinstance(value, str) and value == ""):
            return value
        if not settings.lint:
            raise FunctionError(formatted(message))
        settings.reporter.report("info", f"[INFO] Missing required value: {message}")
        return ""

    return required
