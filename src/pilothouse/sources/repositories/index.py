"""The index of a repository: read, checked, sorted, merged and written (``repo.IndexFile``)."""

from __future__ import annotations

import re

from pilothouse.charts.errors import MetadataInvalid
from pilothouse.charts.metadata import METADATA, decode_metadata
from pilothouse.charts.timestamps import ZERO
from pilothouse.charts.validate import validated
from pilothouse.formats.errors import JsonError
from pilothouse.records import Record
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version
from pilothouse.sources.errors import IndexInvalid
from pilothouse.sources.repositories.fields import CHART_VERSION, IndexDecoder, sanitize_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

    #: One chart version: the fields of Chart.yaml with ``urls``, ``created``, ``digest`` and ``removed``.
    ChartVersion = dict[str, YamlValue]

_PLAIN_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:\+[0-9A-Za-z.-]+)?").fullmatch
_GOOD_VERSION = re.compile(
    r"v?\d{1,18}(?:\.\d{1,18}){0,2}(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
).fullmatch
_GOOD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*").fullmatch
_TYPES = ("", "application", "library")
_TOLERATED = "validation: more than one dependency with name or alias"


class Skipped(Record):
    """An entry of an index that is passed over.

    Attributes:
        chart: Under which name it stands.
        version: Its version.
        fault: What is wrong with it, empty for an entry that holds nothing.
    """

    chart: str
    version: str = ""
    fault: str = ""


class Index:
    """The charts of a repository.

    Attributes:
        entries: The versions of each chart, newest first.
        api_version: ``apiVersion``.
        generated: When it was made.
        skipped: The entries that were passed over.
        rest: The other fields, by name.
    """

    __slots__ = ("api_version", "entries", "generated", "rest", "skipped")

    def __init__(
        self,
        entries: dict[str, list[ChartVersion]] | None = None,
        *,
        api_version: str = "v1",
        generated: str = ZERO,
        skipped: tuple[Skipped, ...] = (),
        rest: Mapping[str, YamlValue] | None = None,
    ) -> None:
        self.entries = entries if entries is not None else {}
        self.api_version = api_version
        self.generated = generated
        self.skipped = skipped
        self.rest = rest or {}

    def sort(self) -> None:
        """Put the newest version of each chart first (``SortEntries``)."""
        for name, versions in self.entries.items():
            self.entries[name] = sorted_versions(versions)

    def fields(self) -> dict[str, YamlValue]:
        """Return the index as a JSON object with its fields in Go's order."""
        made = {
            "serverInfo": self.rest.get("serverInfo"),
            "apiVersion": self.api_version,
            "generated": self.generated,
            "entries": {
                name: [_ordered(version) for version in versions] or None for name, versions in self.entries.items()
            },
            "publicKeys": self.rest.get("publicKeys"),
            "annotations": self.rest.get("annotations"),
        }
        return {name: made[name] for name in made if made[name] or name in ("apiVersion", "generated", "entries")}


def _ordered(version: ChartVersion) -> ChartVersion:
    """Return a chart version with its fields in Go's order, empty ones left out."""
    always = {"urls": version.get("urls"), "created": version.get("created", ZERO)}
    return {
        name: always.get(name) or version.get(name)
        for name in CHART_VERSION.fields
        if name in always or version.get(name)
    }


def read_index(data: bytes, *, helm: int = 4) -> Index:
    """Return the index in a file's content, invalid entries left out and the rest sorted (``loadIndex``).

    Raises:
        PilothouseError: It is no index; the text is Go's.
    """
    if not data:
        raise IndexInvalid("empty index.yaml file")
    clean, fields = _fields(data, helm)
    skipped: list[Skipped] = []
    entries = {
        name: sorted_versions(_valid(name, versions, skipped, helm, clean=clean))
        for name, versions in fields.get("entries", {}).items()
    }
    if not fields.get("apiVersion"):
        raise IndexInvalid("no API version specified")
    return Index(
        entries,
        api_version=fields["apiVersion"],
        generated=fields.get("generated", ZERO),
        skipped=tuple(skipped),
        rest={name: fields[name] for name in ("serverInfo", "publicKeys", "annotations") if name in fields},
    )


def _json_fields(data: bytes, helm: int) -> dict[str, YamlValue] | None:
    """Return the fields of an index that is JSON, nothing for one that is not."""
    if data.lstrip()[:1] not in (b"{", b"[", b'"'):
        return None
    from pilothouse.formats.json_text import decode

    try:
        value = decode(data, integers=True)
    except JsonError:
        return None
    return IndexDecoder(strict=False, helm=helm).decode(value)


def _fields(data: bytes, helm: int) -> tuple[bool, dict[str, YamlValue]]:
    """Return whether the texts of an index were made harmless, and its fields."""
    json = _json_fields(data, helm)
    if json is not None:
        return False, json
    from pilothouse.formats.yaml_keys import Unusual
    from pilothouse.sources.repositories.index_text import read_text

    try:
        return True, read_text(data, helm=helm)
    except Unusual:
        from pilothouse.formats.yaml_text import decode
        from pilothouse.sources.repositories.duplicates import refuse_duplicates

        value = decode(data, integers=True)
        refuse_duplicates(data, value)
        return False, IndexDecoder(strict=True, helm=helm).decode(value)


def _valid(
    name: str, versions: list[ChartVersion | None], skipped: list[Skipped], helm: int, *, clean: bool
) -> list[ChartVersion]:
    """Return the versions that can be used, the others noted, from the last to the first as Helm does."""
    kept: list[ChartVersion] = []
    for version in reversed(versions):
        if version is None:
            skipped.append(Skipped(chart=name))
            continue
        if None in version.values():
            # null leaves a field of a Go struct as it is without it.
            for field in [field for field, value in version.items() if value is None]:
                del version[field]
        if not version.get("apiVersion"):
            version["apiVersion"] = "v1"
        fault = fault_of(version, helm=helm, clean=clean)
        if fault:
            skipped.append(Skipped(chart=name, version=version.get("version", ""), fault=fault))
        else:
            kept.append(version)
    kept.reverse()
    return kept


def fault_of(version: ChartVersion, *, helm: int = 4, clean: bool = False) -> str:
    """Return why a chart version cannot be used, empty when it can; its texts are made harmless.

    Args:
        version: The fields.
        helm: Whose rules to follow.
        clean: Whether its texts are harmless already.
    """
    if (
        _GOOD_NAME(version.get("name", ""))
        and _GOOD_VERSION(version.get("version", ""))
        and version.get("type", "") in _TYPES
        and "dependencies" not in version
        and None not in version.get("maintainers", ())
    ):
        if not clean:
            sanitize_texts(version)
        return ""
    fields = {name: version[name] for name in METADATA.fields if name in version}
    sanitize_texts(version)
    try:
        validated(decode_metadata(fields, helm=helm), helm=helm)
    except MetadataInvalid as error:
        return "" if error.message.startswith(_TOLERATED) else error.message
    return ""


def sorted_versions(versions: list[ChartVersion]) -> list[ChartVersion]:
    """Return chart versions from the newest to the oldest; what is no version comes last."""
    keys = [order_key(version.get("version", "")) for version in versions]
    if all(keys[number] >= keys[number + 1] for number in range(len(keys) - 1)):
        return versions
    order = sorted(range(len(versions)), key=keys.__getitem__, reverse=True)
    return [versions[number] for number in order]


def order_key(text: str) -> tuple[Any, ...]:
    """Return by what versions are ordered: their precedence, below all of it what is no version."""
    plain = _PLAIN_VERSION(text)
    if plain is not None:
        return (1, int(plain[1]), int(plain[2]), int(plain[3]), 1)
    try:
        version = Version.parse(text)
    except InvalidVersion:
        return (0,)
    if not version.prerelease:
        return (1, version.major, version.minor, version.patch, 1)
    parts = tuple(_part_key(part) for part in version.prerelease.split("."))
    return (1, version.major, version.minor, version.patch, 0, parts)


def _part_key(part: str) -> tuple[int, int, str]:
    if part.isascii() and part.isdecimal() and len(part) < 20 and int(part) < 1 << 64:
        return (0, int(part), "")
    return (1, 0, part)


def tell_skipped(reporter: Reporter, skipped: tuple[Skipped, ...], source: str, *, helm: int = 4) -> None:
    """Warn of the entries that were passed over."""
    for one in skipped:
        start = "skipping loading invalid entry for chart"
        if helm == 3:
            from pilothouse.golang.quoting import quote

            place = f"{quote(one.chart)} {quote(one.version)}" if one.fault else quote(one.chart)
            line = 370 if one.fault else 359
            reason = one.fault or "empty entry"
            reporter.report("info", f"index.go:{line}: {start} {place} from {source}: {reason}")
        elif one.fault:
            reporter.warning(start, name=one.chart, version=one.version, source=source, error=one.fault)
        else:
            reporter.warning(f"{start}: empty entry", name=one.chart, source=source)


def encode_index(index: Index, *, json: bool = False) -> bytes:
    """Return the content of an index file."""
    fields = index.fields()
    if json:
        from pilothouse.formats.json_text import encode as encode_json

        text = encode_json(_structs(fields), indent="  ")
    else:
        from pilothouse.formats.yaml_text import encode

        text = encode(fields)
    return text.encode("utf-8", "surrogateescape")


class _Struct(dict[str, "YamlValue"]):
    """A JSON object whose fields keep their order, as those of a Go struct do."""

    __slots__ = ()
    go_type = "struct"
    go_kind = "struct"


def _structs(fields: dict[str, YamlValue]) -> _Struct:
    """Return an index whose parts that are structs in Go are written in their order."""
    made = _Struct(fields)
    made["entries"] = {
        name: None if versions is None else [_struct_of(version) for version in versions]
        for name, versions in fields["entries"].items()
    }
    return made


def _struct_of(version: ChartVersion) -> _Struct:
    made = _Struct(version)
    for name in ("maintainers", "dependencies"):
        if name in made:
            order = METADATA.fields[name][0].fields
            made[name] = [_Struct({key: item[key] for key in order if key in item}) for item in made[name]]
    return made
