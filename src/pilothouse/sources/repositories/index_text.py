"""Reads an index as Helm and its servers write it, quickly: the same lines stand in it again and again.

The versions of a chart share most of their fields, so each field is read once and found by its text from then on.
Whatever is written in another way raises :class:`~pilothouse.formats.yaml_keys.Unusual`; then the whole is read as any
YAML. What this reader accepts, it reads exactly as that one does.
"""

from __future__ import annotations

import re

from pilothouse.charts.timestamps import normal_time
from pilothouse.charts.validate import sanitize
from pilothouse.formats.errors import YamlError
from pilothouse.formats.keywords import KEYWORDS
from pilothouse.formats.yaml_keys import Unusual, plain_key
from pilothouse.formats.yaml_reader import prepare
from pilothouse.formats.yaml_text import decode
from pilothouse.golang.functions import FunctionError
from pilothouse.sources.errors import IndexInvalid
from pilothouse.sources.repositories.duplicates import refuse_duplicates
from pilothouse.sources.repositories.fields import CHART_VERSION, SANITIZED, IndexDecoder, sanitize_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue

_ENTRIES = re.compile(r"^entries:\n(?=  [^ ])", re.MULTILINE)
_OUTSIDE = re.compile(r"^[^ \n]", re.MULTILINE)
_CHARTS = re.compile(r"^  (?=[^ \-])", re.MULTILINE)
_CHART = re.compile(r"([A-Za-z0-9][A-Za-z0-9_./-]*):\n  - ").match
_MARGIN = "\n    "
#: Stands for a margin inside a field; YAML has no such character.
_FOLD = "\0"
_FIELD = re.compile(
    r"([A-Za-z]+):(?: (?:"
    r'"([^"\\\n]*)"'  # 2: in double quotes
    r"|'((?:[^'\n]|'')*)'"  # 3: in single quotes
    r"|([A-Za-z][A-Za-z0-9_./-]*(?:(?: |:(?=[A-Za-z0-9/]))[A-Za-z0-9_./(),+-]+)*)"  # 4: plain words
    r"|(\d+\.\d+\.\d[0-9A-Za-z.+-]*)"  # 5: a version, which is never a number
    r")|\n    - ([A-Za-z][^ \n:#'\"]*(?::[^ \n:#'\"]+)*))"  # 6: a list of one word
).fullmatch
# What each version has of its own.
_OWN = re.compile(
    r"digest: (?P<digest>(?:sha256:)?[0-9]*[a-df][0-9a-f]*)"
    r"|urls:\0- (?P<urls>https?:[^ \n:#'\"]+(?::[^ \n:#'\"]+)*|[A-Za-z][^ \n:#'\"]*\.tgz)"
    r"|version: (?P<version>\d+\.\d+\.\d[0-9A-Za-z.+-]*)"
).fullmatch
# A block scalar that says how far it is indented, or keeps the line feeds at its end: both depend on what is around it.
_MANNERED = re.compile(r"[:-] +[|>](?:[-+]?[0-9][-+]?|\+)(?: |$)", re.MULTILINE)
# A line that would belong to something else where the field really stands, or a list below a key that has a value.
_MISPLACED = re.compile(
    r"\n(?! {5}| {4}-(?:[ \n]|\Z)| *(?:\n|\Z))|\A[A-Za-z]+: *[^\s#][^\n]*(?:\n[^\n]*)*?\n {4}-|\n {5,}#"
)


def read_text(data: bytes, *, helm: int = 4) -> dict[str, YamlValue]:
    """Return the fields of an index, the texts in it made harmless.

    Raises:
        Unusual: It is not written in the usual way, or something is wrong with it.
    """
    text = prepare(data)
    start = _ENTRIES.search(text)
    if start is None:
        raise Unusual
    after = _OUTSIDE.search(text, start.end())
    end = after.start() if after else len(text)
    fields = _others(text[: start.start()] + text[end:], helm)
    fields["entries"] = _Reader(helm).entries(text[start.end() : end])
    return fields


def _others(text: str, helm: int) -> dict[str, YamlValue]:
    """Return the fields beside the entries."""
    try:
        value = decode(text, integers=True) if text.strip() else {}
        if not isinstance(value, dict) or "entries" in value:
            raise Unusual
        refuse_duplicates(text, value)
        return IndexDecoder(strict=True, helm=helm).decode(value)
    except (YamlError, IndexInvalid):
        raise Unusual from None


class _Reader:
    """Reads entries and remembers each field by its text."""

    def __init__(self, helm: int) -> None:
        self._known: dict[str, tuple[str, YamlValue]] = {}
        self._decoder = IndexDecoder(strict=True, helm=helm)

    def entries(self, text: str) -> dict[str, YamlValue]:
        """Return the versions of each chart."""
        sections = _CHARTS.split(text)
        if sections[0]:
            raise Unusual
        found: dict[str, YamlValue] = {}
        for section in sections[1:]:
            try:
                name, versions = self._chart(section)
            except Unusual:
                name, versions = self._unusual_chart(section)
            if name in found:
                raise Unusual
            found[name] = versions
        return {name: found[name] for name in sorted(found)}

    def _chart(self, section: str) -> tuple[str, list[YamlValue]]:
        """Return the name and the versions of one chart."""
        head = _CHART(section)
        if head is None:
            raise Unusual
        items = section[head.end() :].removesuffix("\n").split("\n  - ")
        return plain_key(head[1]), [self._version(item) for item in items]

    def _unusual_chart(self, section: str) -> tuple[str, list[YamlValue]]:
        """Read one chart with all of YAML, so that it does not slow down the others."""
        text = "  " + section
        try:
            value = decode(text, integers=True)
            if not isinstance(value, dict) or len(value) != 1:
                raise Unusual
            refuse_duplicates(text, value)
            found = self._decoder.decode({"entries": value})["entries"]
        except (YamlError, IndexInvalid):
            raise Unusual from None
        name = next(iter(found))
        for version in found[name]:
            if version is not None:
                sanitize_texts(version)
        return name, found[name]

    def _version(self, item: str) -> dict[str, YamlValue]:
        """Return the fields of one chart version."""
        lines = item.replace("\n    -", "\0-").replace("\n     ", "\0 ").split(_MARGIN)
        known = self._known
        try:
            made = dict([known.get(line) or self._field(line) for line in lines])
        except (YamlError, IndexInvalid, FunctionError):
            raise Unusual from None
        if len(made) != len(lines):
            raise Unusual
        return made

    def _field(self, folded: str) -> tuple[str, YamlValue]:
        """Read one field that was not read before."""
        found = _OWN(folded)
        if found is not None:
            return found.lastgroup or "", [found["urls"]] if found["urls"] is not None else found[found.lastindex or 0]
        if not folded[:1].isascii() or not folded[:1].isalpha():
            raise Unusual
        text = folded.replace(_FOLD, _MARGIN)
        found = _FIELD(text)
        if found is not None:
            name, quoted, single, plain, version, listed = found.groups()
            kind = CHART_VERSION.fields.get(name)
            if single is not None:
                quoted = single.replace("''", "'")
            value: YamlValue = quoted
            if plain is not None and plain not in KEYWORDS:
                value = plain
            elif version is not None:
                return (name, version) if kind == "string" else self._other(folded, text)
            if quoted is not None and kind == "time":
                return (name, normal_time(quoted))
            if value is not None and kind == "string":
                return self._kept(folded, name, value) if name not in ("version", "digest") else (name, value)
            if listed is not None and kind == "[]string" and listed not in KEYWORDS:
                return (name, [listed]) if name == "urls" else self._kept(folded, name, [listed])
        return self._other(folded, text)

    def _kept(self, folded: str, name: str, value: YamlValue) -> tuple[str, YamlValue]:
        if name in SANITIZED:
            value = [sanitize(one) for one in value] if isinstance(value, list) else sanitize(value)
        self._known[folded] = made = (name, value)
        return made

    def _other(self, folded: str, text: str) -> tuple[str, YamlValue]:
        """Read a field with all of YAML."""
        if _MANNERED.search(text) or _MISPLACED.search(text):
            raise Unusual
        value = decode(text + "\n", integers=True)
        if not isinstance(value, dict) or len(value) != 1:
            raise Unusual
        refuse_duplicates(text + "\n", value)
        name = next(iter(value))
        if name not in CHART_VERSION.fields:
            raise Unusual
        fields = self._decoder.entry(value)
        return self._kept(folded, name, fields[name]) if fields else (name, None)
