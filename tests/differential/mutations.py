"""Command lines for a chart that nobody wrote by hand: changed values, flags, templates and files, from a seed."""

from __future__ import annotations

import io
import json
import random
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pilothouse.errors import PilothouseError
from pilothouse.formats.yaml_text import decode
from pilothouse.golang.kinds import YamlValue

#: A path of keys in the values, and what stands there.
Leaf = tuple[tuple[str, ...], YamlValue]

_ODD: tuple[YamlValue, ...] = (
    *(None, "", "text", "a: b", "{{ .Release.Name }}", "{{ .Values.nothing.more }}", "{{", "true", "12", "- x\n- y"),
    *(0, 1, -3, 1234567, 80.5, 1e21, True, False, [], {}, ["a"], [1, "b"], {"a": "b"}, {"a": {"b": [1, None]}}),
    *(
        [{"name": "n", "value": "v"}],
        "é\t\U0001f600",
        "a\nb\n",
        " x ",
        "1.2.3",
        "10Gi",
        "2001-01-01",
        [None],
        {"": None},
    ),
)
_FILLED: tuple[YamlValue, ...] = (
    *("filled", 8080, {"key": "value", "other.io/name": "on"}, [{"name": "A", "value": "b"}], ["one", "two"], True),
)
_NAMES = ("rel", "a", "my-release.x", "x" * 53, "x" * 54, "UPPER", "1", "with_underscore", "")
_KUBE = (
    "1.16",
    "1.21.0",
    "v1.25.3-gke.1",
    "1.30",
    "1.31.0+k3s1",
    "1.40.0",
    "1",
    "x",
    "1.19.0-rc.1",
    "01.2",
    "1.22.1.3",
)
_APIS = (
    *("monitoring.coreos.com/v1", "monitoring.coreos.com/v1/ServiceMonitor", "policy/v1beta1", "cert-manager.io/v1"),
    *("networking.k8s.io/v1beta1/Ingress", "route.openshift.io/v1", "security.openshift.io/v1", "a,b", ""),
)
_SPLICES = (
    "",
    "",
    "{{",
    "}}",
    "{{ end }}",
    "-",
    "\n",
    ": ",
    "\t",
    '"',
    "'",
    " ",
    "(",
    ")",
    "|",
    ".",
    "$",
    "1",
    "{",
    "[",
    "#",
)
_SWITCHES = (
    *("--include-crds", "--no-hooks", "--skip-tests", "--is-upgrade", "--skip-schema-validation", "--debug"),
    *("--render-subchart-notes", "--include-crds=false", "--disable-openapi-validation", "--create-namespace"),
)


@dataclass(frozen=True)
class Case:
    """A command line and what it needs.

    Attributes:
        arguments: The words after ``helm``, run in the folder that holds the chart's.
        files: Files to write there first.
    """

    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)


class Chart:
    """An unpacked chart: its folder, its values with those of its subcharts, and its files."""

    def __init__(self, place: Path) -> None:
        self.top = place.name
        self.files = {
            str(path.relative_to(place.parent)): path.read_bytes()
            for path in sorted(place.rglob("*"))
            if path.is_file()
        }
        self.values = _mapping(self.files.get(f"{self.top}/values.yaml", b""))
        self.metadata = _mapping(self.files.get(f"{self.top}/Chart.yaml", b""))
        requirements = _mapping(self.files.get(f"{self.top}/requirements.yaml", b""))
        found = self.metadata.get("dependencies") or requirements.get("dependencies") or []
        self.dependencies = [entry for entry in found if isinstance(entry, dict)]
        self.leaves = list(leaves(self.values))
        self.subchart_leaves = [
            ((name, *path), value) for name, inner in self._subcharts() for path, value in leaves(inner)
        ]

    def _subcharts(self) -> Iterator[tuple[str, dict[str, YamlValue]]]:
        for name, data in self.files.items():
            parts = name.split("/")
            if parts[1] != "charts":
                continue
            if len(parts) == 4 and parts[3] == "values.yaml":
                yield parts[2], _mapping(data)
            elif len(parts) == 3 and name.endswith(".tgz"):
                with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                    for member in archive:
                        inner = member.name.split("/")
                        file = archive.extractfile(member) if inner[1:] == ["values.yaml"] else None
                        if file is not None:
                            yield inner[0], _mapping(file.read())

    def templates(self) -> list[str]:
        """Return the paths of the chart's own templates."""
        return [name for name in self.files if name.split("/")[1] == "templates"]


def _mapping(data: bytes) -> dict[str, YamlValue]:
    try:
        found = decode(data.decode("utf-8", "surrogateescape"))
    except PilothouseError:
        return {}
    return found if isinstance(found, dict) else {}


def leaves(value: YamlValue, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield every key of nested tables that holds no filled table."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif path:
        yield path, value


def nested(pairs: list[Leaf]) -> dict[str, YamlValue]:
    """Return tables that hold the values at the paths."""
    made: dict[str, YamlValue] = {}
    for path, value in pairs:
        here = made
        for key in path[:-1]:
            inner = here.get(key)
            if not isinstance(inner, dict):
                inner = here[key] = {}
            here = inner
        here[path[-1]] = value
    return made


def cases(chart: Chart, seed: str, count: int) -> list[Case]:
    """Return command lines for a chart."""
    made = []
    for number in range(count):
        chance = random.Random(f"{seed}/{chart.top}/{number}")
        kind = chance.choices(KINDS, WEIGHTS)[0]
        made.append(kind(chart, chance))
    return made


def _template(chart: Chart, *more: str, name: str = "rel", files: dict[str, bytes] | None = None) -> Case:
    return Case(("template", name, f"./{chart.top}", "--namespace", "ns", *more), files or {})


def _with_values(chart: Chart, pairs: list[Leaf], *more: str) -> Case:
    text = json.dumps(nested(pairs), ensure_ascii=False).encode("utf-8", "surrogateescape")
    return _template(chart, "-f", "changed.yaml", *more, files={"changed.yaml": text})


def _flipped(chart: Chart, chance: random.Random) -> Case:
    """Switch booleans: all on, all off, all to the other side, or half of them by chance."""
    switches = [(path, value) for path, value in chart.leaves + chart.subchart_leaves if isinstance(value, bool)]
    how = chance.randrange(4)
    if how == 3:
        switches = chance.sample(switches, len(switches) // 2)
    chosen: list[Leaf] = [(path, how == 0 or (how > 1 and not value)) for path, value in switches]
    return _with_values(chart, chosen, *_some_switches(chance))


def _retyped(chart: Chart, chance: random.Random) -> Case:
    """Put other kinds of values in some places, and nothing or something else where tables are."""
    pool = chart.leaves + (chart.subchart_leaves if chance.random() < 0.4 else [])
    chosen = chance.sample(pool, min(len(pool), chance.randint(1, 4)))
    pairs: list[Leaf] = []
    for path, _ in chosen:
        cut = path if chance.random() < 0.7 else path[: chance.randint(1, len(path))]
        pairs.append((cut, chance.choice(_ODD)))
    return _with_values(chart, pairs)


def _filled(chart: Chart, chance: random.Random) -> Case:
    """Put something in empty places and switch things on."""
    pairs: list[Leaf] = []
    for path, value in chart.leaves + chart.subchart_leaves:
        if value in ("", None) and chance.random() < 0.5:
            pairs.append((path, chance.choice(("filled", "other", 8080))))
        elif value == {}:
            pairs.append((path, chance.choice(({"key": "value"}, {"a/b": "on", "c": "1"}, {}))))
        elif value == []:
            pairs.append((path, chance.choice(([], ["one"], [{"name": "A", "value": "b"}]))))
        elif value is False and chance.random() < 0.4:
            pairs.append((path, True))
    return _with_values(chart, pairs, *_some_switches(chance))


def _assigned(chart: Chart, chance: random.Random) -> Case:
    """Say values on the command line, in every form that there is."""
    words: list[str] = []
    files: dict[str, bytes] = {}
    for path, value in chance.sample(chart.leaves, min(len(chart.leaves), chance.randint(1, 4))):
        key = ".".join(part.replace(".", "\\.") for part in path)
        new = chance.choice((value, *_ODD, *_FILLED))
        flag = chance.choice(("--set", "--set", "--set-string", "--set-json", "--set-literal", "--set-file"))
        plain = new if isinstance(new, str) else json.dumps(new)
        if flag == "--set-json":
            words += [flag, f"{key}={json.dumps(new)}"]
        elif flag == "--set-file":
            files["given.txt"] = plain.encode("utf-8", "surrogateescape")
            words += [flag, f"{key}=given.txt"]
        else:
            suffix = chance.choice(("", "", "", "[0]", "[1].name", ".more"))
            words += [flag, f"{key}{suffix}={plain}"]
    return _template(chart, *words, files=files)


def _flagged(chart: Chart, chance: random.Random) -> Case:
    """Say something else about the release, the cluster or what is shown."""
    words = list(_some_switches(chance, most=3))
    if chance.random() < 0.6:
        words += ["--kube-version", chance.choice(_KUBE)]
    for api in chance.sample(_APIS, chance.choice((0, 0, 1, 2))):
        words += ["--api-versions", api]
    if chance.random() < 0.3:
        shown = [name.split("/", 1)[1] for name in chart.templates()] + [
            "templates/*.yaml",
            "nothing.yaml",
            "templates",
        ]
        for name in chance.sample(shown, chance.choice((1, 1, min(2, len(shown))))):
            words += ["--show-only", name]
    case = _template(chart, *words, name=chance.choice(_NAMES))
    if chance.random() < 0.3:
        return Case((*case.arguments, "--namespace", chance.choice(("default", "", "x" * 64, "Kube"))), case.files)
    return case


def _chosen(chart: Chart, chance: random.Random) -> Case:
    """Switch subcharts by their conditions and tags, and give values to globals."""
    pairs: list[Leaf] = []
    for entry in chart.dependencies:
        for condition in str(entry.get("condition") or "").split(","):
            if condition.strip() and chance.random() < 0.7:
                value: YamlValue = chance.choice((True, True, False, "true", None, 1, {}))
                pairs.append((tuple(condition.strip().split(".")), value))
        pairs += [(("tags", str(tag)), chance.choice((True, False, "yes", None))) for tag in entry.get("tags") or ()]
        name = str(entry.get("alias") or entry.get("name"))
        if chance.random() < 0.3:
            pairs.append(((name,), chance.choice((None, {}, "text", {"global": {"a": 1}}, {"enabled": False}))))
    if chance.random() < 0.5:
        pairs.append((("global",), chance.choice((None, {}, {"a": {"b": 1}}, "text", {"imageRegistry": "r.example"}))))
    return _with_values(chart, pairs, *_some_switches(chance))


def _spliced(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    where = chance.randrange(len(text) + 1)
    marks = [place for place, letter in enumerate(text) if letter in "{}|()\"':-"]
    if marks and chance.random() < 0.7:
        where = chance.choice(marks)
    cut = chance.choice((0, 1, 1, 2, 5))
    return (text[:where] + chance.choice(_SPLICES) + text[where + cut :]).encode("utf-8", "surrogateescape")


def _damaged(chart: Chart, chance: random.Random) -> Case:
    """Damage a template."""
    names = chart.templates()
    if not names:
        return _flagged(chart, chance)
    name = chance.choice(names)
    return _template(chart, files={name: _spliced(chart.files[name], chance)})


def _broken(chart: Chart, chance: random.Random) -> Case:
    """Damage values.yaml, Chart.yaml, a schema or a file of dependencies."""
    known = ("values.yaml", "values.yaml", "Chart.yaml", "values.schema.json", "requirements.yaml")
    names = [f"{chart.top}/{name}" for name in known if f"{chart.top}/{name}" in chart.files]
    name = chance.choice(names)
    return _template(chart, files={name: _spliced(chart.files[name], chance)})


def _some_switches(chance: random.Random, *, most: int = 1) -> tuple[str, ...]:
    return tuple(chance.sample(_SWITCHES, chance.randint(0, most)))


KINDS: tuple[Callable[[Chart, random.Random], Case], ...] = (
    *(_flipped, _retyped, _filled, _assigned, _flagged, _chosen, _damaged, _broken),
)
WEIGHTS = (2, 4, 3, 3, 3, 2, 4, 2)
