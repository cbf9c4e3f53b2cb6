"""What charts are made of: texts, values, formats, versions, assignments, templates."""

from __future__ import annotations

import re
import string

from hypothesis import strategies as st

from pilothouse.golang.kinds import YamlValue
from pilothouse.gotemplate.builtins import builtins
from pilothouse.render.functions import COMMON
from pilothouse.sprig.table import FUNCTIONS, HELM4_DURATIONS

_TAG = re.compile(r"!\S*,")

_WORDS = (
    *("null", "~", "true", "yes", "Off", "0x1F", "0o17", "1_000", "1e3", ".inf", "-.INF", ".nan", "2001-01-01", "<<"),
    *("2001-12-14t21:59:43.10-05:00", "=", "---", "...", "0b1", "012", "1:30", "+1", "y", "- a", "a: b", "--- x"),
)
#: Texts that formats treat specially, beside any text at all.
TEXTS = (
    st.text(max_size=12)
    | st.text("ab01 -_:#'\"\\\n\t,.[]{}&*!|>%@`~=<>?é😀\x85\u2028\x00", max_size=14)
    | st.sampled_from(_WORDS)
)
NUMBERS = (
    st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.1, 1e21, 1e20, 123456.7, 1e-5, 1e6, 1234567, -0.0, 5e-324, 1.7976931348623157e308])
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES: st.SearchStrategy[YamlValue] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)

_FLAGS = st.text("+-# 0", max_size=3)
_WIDTHS = st.sampled_from(["", "", "1", "5", "12", "*", ".", ".0", ".2", "6.3", "08.3", ".*", "[1]", "[2]", "[3]"])
_VERBS = st.sampled_from("vvvsdqxXtTbocOUeEfFgGp%!zw")
FORMATS = st.lists(
    st.text("ab %\n", max_size=3) | st.builds(lambda *parts: "%" + "".join(parts), _FLAGS, _WIDTHS, _VERBS),
    max_size=4,
).map("".join)
#: An operand and the function that makes an integer of it, or none.
OPERANDS = st.tuples(
    SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXTS, SCALARS, max_size=2), st.just("")
) | (st.tuples(st.integers(-(2**40), 2**40), st.sampled_from(["int", "int64"])))

_INDENTS = st.sampled_from(["", "  ", "    ", "- ", "  - "])
YAML_LINES = st.builds(
    lambda indent, key, colon, value: indent + key + colon + value,
    _INDENTS,
    st.sampled_from(["a", "b", "'c'", '"d"', "? e", "<<", "&x f", "1", "true", "", "a b"]),
    st.sampled_from([": ", ":", ": |\n    ", ": >-\n    ", "", ": &y ", ": *x", ": !!str ", ": !!int "]),
    TEXTS.map(lambda text: text.replace("\x00", ""))
    | st.sampled_from(["[1, {a: b}]", "{x: [}", "'it''s'", '"\\u0041"', "*y"]),
)
#: libyaml wants a blank after a tag; go-yaml lets a comma be part of it.
YAML_TEXTS = (st.lists(YAML_LINES, max_size=5).map("\n".join) | TEXTS).filter(lambda text: not _TAG.search(text))

_PARTS = st.integers(0, 30).map(str) | st.sampled_from(["x", "*", "X", "01"])
_SUFFIXES = st.sampled_from(["", "", "", "-alpha", "-alpha.1", "-rc.10", "-0", "+b1", "-a+b", "-01", "-a..b"])
VERSIONS = st.builds(
    lambda start, parts, suffix: start + ".".join(parts) + suffix,
    st.sampled_from(["", "", "v", " "]),
    st.lists(_PARTS, min_size=1, max_size=4),
    _SUFFIXES,
)
_RANGES = st.builds(
    lambda operator, space, version: operator + space + version,
    st.sampled_from(["", "=", "!=", ">", "<", ">=", "<=", "=>", "=<", "~", "~>", "^"]),
    st.sampled_from(["", "", " "]),
    VERSIONS,
)
CONSTRAINTS = st.lists(_RANGES, min_size=1, max_size=3).flatmap(
    lambda ranges: st.sampled_from([" ", ", ", ",", " || ", "||", " - "]).map(lambda between: between.join(ranges))
)

_NAMES = st.text(string.ascii_lowercase + "01-_é", min_size=1, max_size=4) | st.sampled_from(
    ["a\\.b", "a\\,b", "a\\=b"]
)
_STEPS = st.lists(_NAMES.map(lambda name: "." + name) | st.integers(0, 3).map(lambda index: f"[{index}]"), max_size=3)
_TYPED = st.sampled_from(
    ["", "1", "-5", "01", "1.5", "1e3", "true", "null", "x y", "{a,b}", "{}", "{1,{2},x}", "a\\,b", "'q'"]
)
ASSIGNMENTS = st.tuples(
    _STEPS.map("".join), _TYPED | TEXTS.map(lambda text: text.replace("\x00", "").replace(",", "\\,"))
)

_ACTIONS = st.sampled_from(
    [
        *(
            ".",
            ".a",
            ".a.b",
            "$",
            "$x",
            "$x := 1",
            "$x = 2",
            "nil",
            "true",
            "1e9",
            "0x1p-2",
            "'a'",
            '"s"',
            "`r`",
            "end",
        ),
        *(
            "if .a",
            "else",
            "else if 1",
            "range .",
            "range $i, $e := .l",
            "with .m",
            "define `d`",
            "block `e` .",
            "break",
        ),
        *("template `d` .", "printf `%d` .a", "len .l", "index .l 0", "eq 1 .a", "and .a .b", "(.m).x", "not", "| len"),
        *(
            "1 | print",
            "print 1 2 | len",
            "/* c */",
            "- .a -",
            ".l.x",
            "lt .a 1.5",
            "slice .s 1 2",
            "html .s",
            "call .a",
        ),
    ]
)
TEMPLATES = st.lists(
    st.text("ab {}\n", max_size=4) | _ACTIONS.map(lambda action: f"{{{{ {action} }}}}") | st.just("{{ end }}"),
    max_size=8,
).map("".join) | st.text("{}.$|()`\"'-/* \nabeindrgf019:=,", max_size=30)

_ARGUMENTS = st.sampled_from(
    [
        *(
            '"a"',
            '""',
            "0",
            "1",
            "-1",
            "3",
            "1.5",
            "1e9",
            "true",
            "nil",
            ".",
            ".Values",
            ".Files",
            ".Capabilities",
            ".Chart",
        ),
        *(
            "(list)",
            '(list 1 "a" nil)',
            "(dict)",
            '(dict "a" 1)',
            "(until 3)",
            '"a,b"',
            '"1.2.3"',
            '"2006-01-02"',
            "now",
        ),
        *('"^a(b)?$"', '"{{ . }}"', '"http://a:b@c/d"', '"YQ=="', '"a: [1, {b: c}]"', '`{"a": [1]}`', '"-----BEGIN"'),
        *(
            "9223372036854775807",
            "-9223372036854775808",
            '"\\xff"',
            '"é😀"',
            '(semver "1.2.3")',
            "(list (list 1) (dict))",
        ),
    ]
)
#: A call of some function that charts have.
CALLS = st.builds(
    lambda name, arguments: " ".join((name, *arguments)),
    st.sampled_from(
        sorted(
            {*FUNCTIONS, *HELM4_DURATIONS, *builtins("1.27"), *COMMON}
            - {"genPrivateKey", "derivePassword", "bcrypt", "htpasswd"}
        )
    ),
    st.lists(_ARGUMENTS, max_size=4),
)
_FIELDS = (
    *("apiVersion", "name", "version", "kubeVersion", "description", "type", "keywords", "home", "sources", "icon"),
    *("dependencies", "maintainers", "appVersion", "deprecated", "annotations", "condition", "tags", "urls", "created"),
    *("digest", "removed", "alias", "import-values", "repository", "x"),
)
CHART_FIELDS = st.sampled_from(_FIELDS)
PATTERNS = st.text("ab()[]{}*+?|^$.\\-1,:<>=PiUsdwDb&é%#v~", max_size=14)
