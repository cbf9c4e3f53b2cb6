"""Whatever comes in, what comes out is a result or an error of ours: never a traceback, never a hang."""

from __future__ import annotations

import contextlib
import gzip
import importlib
import io
import os
import tarfile
import time
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pilothouse.charts.load import load_archive, load_files
from pilothouse.charts.model import ChartFile
from pilothouse.clock import FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.formats import json_text, toml_text, yaml_text
from pilothouse.formats.errors import YamlError
from pilothouse.golang.globs import compile_glob
from pilothouse.golang.kinds import YamlValue
from pilothouse.golang.printf import sprintf
from pilothouse.gotemplate.limits import Limits
from pilothouse.plugins.manifest import decode_manifest
from pilothouse.render.pipeline import prepare_chart, render_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.versions import Version
from pilothouse.sources.repositories.index import read_index
from pilothouse.sprig.regexes import must_find, must_replace_all
from pilothouse.storage.packing import pack
from pilothouse.storage.records import decode as decode_record
from pilothouse.storage.records import decode_packed
from pilothouse.values.assignments import assign, assign_json, assign_literal, assign_strings
from pilothouse.values.schema import validate_values

strategies = importlib.import_module("property.strategies")

#: Examples of each target; the variable asks for more.
FUZZ = settings(
    max_examples=int(os.environ.get("PILOTHOUSE_FUZZ_EXAMPLES", "150")),
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
#: Of a processor, for one call: the time that passes says little on a busy machine.
_SECONDS = 4
_CHART = "apiVersion: v2\nname: fuzz\nversion: 0.1.0\n"
_SETTINGS = RenderSettings(
    release=ReleaseFacts(name="fuzz"),
    clock=FixedClock(0),
    entropy=bytes,
    limits=Limits(characters=1_000_000, elements=100_000, steps=200_000, seconds=2),
)
BYTES = st.binary(max_size=200) | strategies.YAML_TEXTS.map(lambda text: text.encode("utf-8", "surrogateescape"))


def attempt(call: Callable[..., object], *arguments: object, **options: object) -> None:
    """Call a function, which may not compute for long; errors of ours are results."""
    start = time.process_time()
    with contextlib.suppress(PilothouseError):
        call(*arguments, **options)
    assert time.process_time() - start < _SECONDS


def encoded(value: YamlValue) -> bytes:
    """Write a value as YAML, or as JSON what Helm cannot write as YAML."""
    try:
        text = yaml_text.encode(value)
    except PilothouseError:
        text = json_text.encode(value)
    return text.encode("utf-8", "surrogateescape")


def render(files: dict[str, bytes]) -> None:
    """Load, render and explain a chart."""
    chart = load_files([ChartFile(name=name, data=data) for name, data in files.items()])
    chosen = _SETTINGS.replace(explain=True)
    render_chart(prepare_chart(chart, {}, chosen), chosen)


@FUZZ
@given(text=strategies.TEMPLATES, values=st.dictionaries(st.sampled_from("ablmsx"), strategies.VALUES, max_size=3))
def test_templates(text: str, values: dict[str, YamlValue]) -> None:
    """Any text is rendered, or is no template, or makes no documents."""
    files = {
        "Chart.yaml": _CHART.encode(),
        "templates/a.yaml": text.encode("utf-8", "surrogateescape"),
        "values.yaml": encoded(values),
    }
    attempt(render, files)


@FUZZ
@given(call=strategies.CALLS)
def test_functions(call: str) -> None:
    """Any function takes any arguments, or refuses them."""
    files = {"Chart.yaml": _CHART.encode(), "templates/a.yaml": f"a: {{{{ {call} | quote }}}}\n".encode()}
    attempt(render, files)


@FUZZ
@given(data=BYTES)
def test_yaml(data: bytes) -> None:
    """Any bytes are YAML, or are not; so are the other formats."""
    text = data.decode("utf-8", "surrogateescape")
    attempt(yaml_text.decode, data)
    attempt(yaml_text.decode, text, integers=True)
    attempt(lambda: list(yaml_text.decode_documents(data)))
    attempt(json_text.decode, text)
    attempt(toml_text.decode, text)


@FUZZ
@given(value=strategies.VALUES)
def test_values_are_written(value: YamlValue) -> None:
    """What is written is read back the same, but for what YAML refuses, line breaks and merge keys."""
    breaks = any(mark in json_text.encode(value, escape_html=False) for mark in ("\x85", "\\u2028", "\\u2029", "<<"))
    with contextlib.suppress(YamlError):
        assert breaks or yaml_text.decode(yaml_text.encode(value)) == value
    assert json_text.decode(json_text.encode(value)) == value
    attempt(toml_text.encode, value)


@FUZZ
@given(
    assignment=strategies.ASSIGNMENTS,
    text=strategies.TEXTS,
    values=st.dictionaries(strategies.TEXTS, strategies.VALUES, max_size=3),
)
def test_assignments(assignment: tuple[str, str], text: str, values: dict[str, YamlValue]) -> None:
    """Any text after --set and its relatives changes the values, or is refused."""
    for argument in (f"a{assignment[0]}={assignment[1]}", text, f"a={text}", f"{text}=a"):
        for call in (assign, assign_strings, assign_json, assign_literal):
            attempt(call, argument, dict(values))


@FUZZ
@given(
    data=BYTES,
    fields=st.dictionaries(strategies.CHART_FIELDS, strategies.VALUES, max_size=6),
    helm=st.sampled_from([3, 4]),
)
def test_chart_yaml(data: bytes, fields: dict[str, YamlValue], helm: int) -> None:
    """Any Chart.yaml is a chart's, or is refused."""
    shown = encoded(fields)
    for content in (data, shown, _CHART.encode() + data, _CHART.encode() + shown):
        attempt(load_files, [ChartFile(name="Chart.yaml", data=content)], helm=helm)
        attempt(
            load_files,
            [ChartFile(name="Chart.yaml", data=_CHART.encode()), ChartFile(name="values.yaml", data=content)],
        )


@FUZZ
@given(
    data=BYTES,
    fields=st.dictionaries(strategies.CHART_FIELDS, strategies.VALUES, max_size=6),
    helm=st.sampled_from([3, 4]),
)
def test_index(data: bytes, fields: dict[str, YamlValue], helm: int) -> None:
    """Any repository index is one, or is refused."""
    shown = {"apiVersion": "v1", "entries": {"a": [fields, {"name": "a", "version": "1.0.0", **fields}]}}
    for content in (data, encoded(shown), json_text.encode(shown).encode("utf-8", "surrogateescape")):
        attempt(read_index, content, helm=helm)


def _archive(entries: list[tuple[str, bytes, bytes]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, data in entries:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.size = len(data) if kind == tarfile.REGTYPE else 0
            entry.linkname = name
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


_ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(
            ["c/Chart.yaml", "c/values.yaml", "c/charts/d.tgz", "c/../../x", "/x", "c/a\\b", "c//t", "C:/x"]
        )
        | st.text("abc/.\\:é", min_size=1, max_size=20),
        st.sampled_from(
            [tarfile.REGTYPE, tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE]
        ),
        st.sampled_from([_CHART.encode(), b""]) | BYTES,
    ),
    max_size=5,
)


@FUZZ
@given(
    entries=_ENTRIES,
    cut=st.integers(0, 600),
    flips=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=4),
)
def test_archives(entries: list[tuple[str, bytes, bytes]], cut: int, flips: list[tuple[int, int]]) -> None:
    """Any archive, whole, cut short or damaged, is a chart or is refused."""
    plain = bytearray(_archive(entries))
    for place, value in flips:
        plain[place % len(plain)] = value
    packed = gzip.compress(bytes(plain), 1)
    damaged = bytearray(packed)
    for place, value in flips:
        damaged[place % len(damaged)] = value
    for data in (packed, packed[: len(packed) - cut], bytes(damaged), bytes(plain)):
        attempt(load_archive, data)


@FUZZ
@given(pattern=strategies.PATTERNS, text=st.text("ab-/.*", max_size=20))
def test_patterns(pattern: str, text: str) -> None:
    """Any regular expression, glob, version, constraint or format is one, or is refused."""
    attempt(must_find, pattern, text)
    attempt(must_replace_all, pattern, text, pattern)
    attempt(lambda: compile_glob(pattern).match(text))
    attempt(lambda: Constraints.parse(pattern).check(Version.parse("1.2.3")))
    attempt(Version.parse, pattern)
    attempt(sprintf, pattern, text, 1, None)


_WORDS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "$defs",
        "required",
        "enum",
        "const",
        "pattern",
        "format",
        "minimum",
        "additionalProperties",
        "prefixItems",
        "uniqueItems",
        "dependentRequired",
        "$schema",
        "$id",
        "$anchor",
    ]
)
_SCHEMAS = st.recursive(
    strategies.VALUES | st.sampled_from(["#", "#/$defs/a", "object", "string", "(", "date-time", 1, True]),
    lambda inner: st.dictionaries(_WORDS, inner | st.lists(inner, max_size=3), max_size=4),
    max_leaves=12,
)


@FUZZ
@given(
    schema=st.dictionaries(_WORDS, _SCHEMAS, max_size=5),
    data=BYTES,
    values=st.dictionaries(st.sampled_from("abc"), strategies.VALUES, max_size=3),
    helm=st.sampled_from([3, 4]),
)
def test_schemas(schema: dict[str, YamlValue], data: bytes, values: dict[str, YamlValue], helm: int) -> None:
    """Any schema judges any values, or is refused."""
    for content in (data, json_text.encode(schema).encode("utf-8", "surrogateescape")):
        attempt(validate_values, content, values, helm=helm)


_PLUGIN_FIELDS = st.sampled_from(
    [
        "apiVersion",
        "name",
        "type",
        "runtime",
        "version",
        "sourceURL",
        "config",
        "runtimeConfig",
        "usage",
        "description",
        "command",
        "platformCommand",
        "hooks",
        "platformHooks",
        "downloaders",
        "ignoreFlags",
        "useTunnel",
    ]
)


@FUZZ
@given(
    data=BYTES,
    fields=st.dictionaries(_PLUGIN_FIELDS, strategies.VALUES, max_size=6),
    version=st.sampled_from(["v1", "v2", "-"]),
)
def test_plugin_yaml(data: bytes, fields: dict[str, YamlValue], version: str) -> None:
    """Any plugin.yaml is a plugin's, or is refused."""
    good: dict[str, YamlValue] = {"name": "fuzz", "version": "0.1.0", "command": "x"}
    if version != "-":
        good = {**good, "apiVersion": version, "type": "cli/v1", "runtime": "subprocess"}
    for content in (data, encoded(fields), encoded({**good, **fields})):
        attempt(decode_manifest, content)


_RECORD_FIELDS = st.sampled_from(
    [
        "name",
        "namespace",
        "version",
        "info",
        "chart",
        "config",
        "manifest",
        "hooks",
        "labels",
        "apply_method",
        "status",
        "metadata",
        "templates",
        "files",
        "lock",
    ]
)


@FUZZ
@given(
    data=BYTES,
    fields=st.dictionaries(_RECORD_FIELDS, strategies.VALUES, max_size=6),
    inner=st.dictionaries(_RECORD_FIELDS, strategies.VALUES, max_size=4),
    cut=st.integers(0, 40),
)
def test_release_records(data: bytes, fields: dict[str, YamlValue], inner: dict[str, YamlValue], cut: int) -> None:
    """Any stored record is a release, or is refused."""
    whole: dict[str, YamlValue] = {"name": "fuzz", "namespace": "ns", "version": 1, "info": inner, "chart": inner}
    for content in (fields, {**whole, **fields}, {**whole, "hooks": [inner]}):
        text = json_text.encode(content)
        attempt(decode_record, text)
        packed = pack(text)
        attempt(decode_packed, packed)
        attempt(decode_packed, packed[: len(packed) - cut])
    attempt(decode_packed, data)
