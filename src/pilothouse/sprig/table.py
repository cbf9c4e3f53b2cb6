"""Every sprig function by name: the family that holds it, its Python name, its Go parameters and its Go result.

github.com/Masterminds/sprig/v3 3.3.0 without ``env`` and ``expandenv``, which Helm takes away, and the duration
functions that Helm 4 adds.
"""

from __future__ import annotations

import sys
from _collections_abc import Mapping  # without all of collections, which takes a millisecond to load

from pilothouse.clock import Clock
from pilothouse.golang.functions import Function
from pilothouse.sprig.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

_Row = tuple[str, str, str, str]

FUNCTIONS: dict[str, _Row] = {
    # text
    "hello": ("strings", "hello", "", "string"),
    "trim": ("strings", "trim", "string", "string"),
    "upper": ("strings", "upper", "string", "string"),
    "lower": ("strings", "lower", "string", "string"),
    "title": ("strings", "title", "string", "string"),
    "untitle": ("strings", "untitle", "string", "string"),
    "swapcase": ("strings", "swapcase", "string", "string"),
    "trunc": ("strings", "trunc", "int, string", "string"),
    "abbrev": ("strings", "abbrev", "int, string", "string"),
    "abbrevboth": ("strings", "abbrevboth", "int, int, string", "string"),
    "substr": ("strings", "substr", "int, int, string", "string"),
    "repeat": ("strings", "repeat", "int, string", "string"),
    "trimAll": ("strings", "trim_all", "string, string", "string"),
    "trimall": ("strings", "trim_all", "string, string", "string"),
    "trimSuffix": ("strings", "trim_suffix", "string, string", "string"),
    "trimPrefix": ("strings", "trim_prefix", "string, string", "string"),
    "nospace": ("strings", "nospace", "string", "string"),
    "initials": ("strings", "initials", "string", "string"),
    "snakecase": ("words", "snakecase", "string", "string"),
    "camelcase": ("words", "camelcase", "string", "string"),
    "kebabcase": ("words", "kebabcase", "string", "string"),
    "wrap": ("strings", "wrap", "int, string", "string"),
    "wrapWith": ("strings", "wrap_with", "int, string, string", "string"),
    "contains": ("strings", "contains", "string, string", "bool"),
    "hasPrefix": ("strings", "has_prefix", "string, string", "bool"),
    "hasSuffix": ("strings", "has_suffix", "string, string", "bool"),
    "quote": ("strings", "quote", "...interface {}", "string"),
    "squote": ("strings", "squote", "...interface {}", "string"),
    "cat": ("strings", "cat", "...interface {}", "string"),
    "indent": ("strings", "indent", "int, string", "string"),
    "nindent": ("strings", "nindent", "int, string", "string"),
    "replace": ("strings", "replace", "string, string, string", "string"),
    "plural": ("strings", "plural", "string, string, int", "string"),
    "toString": ("strings", "to_string", "interface {}", "string"),
    "split": ("strings", "split", "string, string", ""),
    "splitn": ("strings", "splitn", "string, int, string", ""),
    "splitList": ("strings", "split_list", "string, string", ""),
    "join": ("strings", "join", "string, interface {}", "string"),
    "sortAlpha": ("strings", "sort_alpha", "interface {}", ""),
    "toStrings": ("strings", "to_strings", "interface {}", ""),
    # numbers
    "int": ("numbers", "to_int", "interface {}", "int"),
    "int64": ("numbers", "to_int64", "interface {}", "int64"),
    "float64": ("numbers", "to_float64", "interface {}", "float64"),
    "atoi": ("numbers", "atoi", "string", "int"),
    "toDecimal": ("numbers", "to_decimal", "interface {}", "int64"),
    "seq": ("numbers", "seq", "...int", "string"),
    "until": ("numbers", "until", "int", ""),
    "untilStep": ("numbers", "until_step", "int, int, int", ""),
    "add1": ("numbers", "add1", "interface {}", "int64"),
    "add": ("numbers", "add", "...interface {}", "int64"),
    "sub": ("numbers", "sub", "interface {}, interface {}", "int64"),
    "div": ("numbers", "div", "interface {}, interface {}", "int64"),
    "mod": ("numbers", "mod", "interface {}, interface {}", "int64"),
    "mul": ("numbers", "mul", "interface {}, ...interface {}", "int64"),
    "max": ("numbers", "maximum", "interface {}, ...interface {}", "int64"),
    "biggest": ("numbers", "maximum", "interface {}, ...interface {}", "int64"),
    "min": ("numbers", "minimum", "interface {}, ...interface {}", "int64"),
    "maxf": ("numbers", "maximum_float", "interface {}, ...interface {}", "float64"),
    "minf": ("numbers", "minimum_float", "interface {}, ...interface {}", "float64"),
    "ceil": ("numbers", "ceil", "interface {}", "float64"),
    "floor": ("numbers", "floor", "interface {}", "float64"),
    "round": ("numbers", "round_half", "interface {}, int, ...float64", "float64"),
    "add1f": ("numbers", "add1f", "interface {}", "float64"),
    "addf": ("numbers", "addf", "...interface {}", "float64"),
    "subf": ("numbers", "subf", "interface {}, ...interface {}", "float64"),
    "divf": ("numbers", "divf", "interface {}, ...interface {}", "float64"),
    "mulf": ("numbers", "mulf", "interface {}, ...interface {}", "float64"),
    # defaults, logic and failure
    "default": ("flow", "default", "interface {}, ...interface {}", ""),
    "empty": ("flow", "empty", "interface {}", "bool"),
    "coalesce": ("flow", "coalesce", "...interface {}", ""),
    "all": ("flow", "all_set", "...interface {}", "bool"),
    "any": ("flow", "any_set", "...interface {}", "bool"),
    "ternary": ("flow", "ternary", "interface {}, interface {}, bool", ""),
    "fail": ("flow", "fail", "string", "string"),
    # types
    "typeOf": ("reflection", "type_of", "interface {}", "string"),
    "typeIs": ("reflection", "type_is", "string, interface {}", "bool"),
    "typeIsLike": ("reflection", "type_is_like", "string, interface {}", "bool"),
    "kindOf": ("reflection", "kind_of", "interface {}", "string"),
    "kindIs": ("reflection", "kind_is", "string, interface {}", "bool"),
    "deepEqual": ("reflection", "deep_equal", "interface {}, interface {}", "bool"),
    "deepCopy": ("reflection", "deep_copy", "interface {}", ""),
    "mustDeepCopy": ("reflection", "deep_copy", "interface {}", ""),
    # lists
    "list": ("lists", "make_list", "...interface {}", ""),
    "tuple": ("lists", "make_list", "...interface {}", ""),
    "append": ("lists", "push", "interface {}, interface {}", ""),
    "push": ("lists", "push", "interface {}, interface {}", ""),
    "mustAppend": ("lists", "push", "interface {}, interface {}", ""),
    "mustPush": ("lists", "push", "interface {}, interface {}", ""),
    "prepend": ("lists", "prepend", "interface {}, interface {}", ""),
    "mustPrepend": ("lists", "prepend", "interface {}, interface {}", ""),
    "first": ("lists", "first", "interface {}", ""),
    "mustFirst": ("lists", "first", "interface {}", ""),
    "rest": ("lists", "rest", "interface {}", ""),
    "mustRest": ("lists", "rest", "interface {}", ""),
    "last": ("lists", "last", "interface {}", ""),
    "mustLast": ("lists", "last", "interface {}", ""),
    "initial": ("lists", "initial", "interface {}", ""),
    "mustInitial": ("lists", "initial", "interface {}", ""),
    "reverse": ("lists", "reverse", "interface {}", ""),
    "mustReverse": ("lists", "reverse", "interface {}", ""),
    "uniq": ("lists", "uniq", "interface {}", ""),
    "mustUniq": ("lists", "uniq", "interface {}", ""),
    "compact": ("lists", "compact", "interface {}", ""),
    "mustCompact": ("lists", "compact", "interface {}", ""),
    "without": ("lists", "without", "interface {}, ...interface {}", ""),
    "mustWithout": ("lists", "without", "interface {}, ...interface {}", ""),
    "has": ("lists", "has", "interface {}, interface {}", "bool"),
    "mustHas": ("lists", "has", "interface {}, interface {}", "bool"),
    "slice": ("lists", "slice_list", "interface {}, ...interface {}", ""),
    "mustSlice": ("lists", "slice_list", "interface {}, ...interface {}", ""),
    "concat": ("lists", "concat", "...interface {}", ""),
    "chunk": ("lists", "chunk", "int, interface {}", ""),
    "mustChunk": ("lists", "chunk", "int, interface {}", ""),
    # maps
    "dict": ("dicts", "make_dict", "...interface {}", "map[string]interface {}"),
    "get": ("dicts", "get", "map[string]interface {}, string", ""),
    "set": ("dicts", "set_key", "map[string]interface {}, string, interface {}", "map[string]interface {}"),
    "unset": ("dicts", "unset", "map[string]interface {}, string", "map[string]interface {}"),
    "hasKey": ("dicts", "has_key", "map[string]interface {}, string", "bool"),
    "pluck": ("dicts", "pluck", "string, ...map[string]interface {}", ""),
    "keys": ("dicts", "keys", "...map[string]interface {}", ""),
    "values": ("dicts", "values", "map[string]interface {}", ""),
    "pick": ("dicts", "pick", "map[string]interface {}, ...string", "map[string]interface {}"),
    "omit": ("dicts", "omit", "map[string]interface {}, ...string", "map[string]interface {}"),
    "merge": ("dicts", "merge", "map[string]interface {}, ...map[string]interface {}", ""),
    "mustMerge": ("dicts", "merge", "map[string]interface {}, ...map[string]interface {}", ""),
    "mergeOverwrite": ("dicts", "merge_overwrite", "map[string]interface {}, ...map[string]interface {}", ""),
    "mustMergeOverwrite": ("dicts", "merge_overwrite", "map[string]interface {}, ...map[string]interface {}", ""),
    "dig": ("dicts", "dig", "...interface {}", ""),
    # encodings and hashes
    "b64enc": ("encoding", "b64enc", "string", "string"),
    "b64dec": ("encoding", "b64dec", "string", "string"),
    "b32enc": ("encoding", "b32enc", "string", "string"),
    "b32dec": ("encoding", "b32dec", "string", "string"),
    "sha1sum": ("crypto", "sha1sum", "string", "string"),
    "sha256sum": ("crypto", "sha256sum", "string", "string"),
    "sha512sum": ("crypto", "sha512sum", "string", "string"),
    "adler32sum": ("crypto", "adler32sum", "string", "string"),
    "toJson": ("encoding", "to_json", "interface {}", "string"),
    "toPrettyJson": ("encoding", "to_pretty_json", "interface {}", "string"),
    "toRawJson": ("encoding", "must_to_raw_json", "interface {}", "string"),
    "mustToJson": ("encoding", "must_to_json", "interface {}", "string"),
    "mustToPrettyJson": ("encoding", "must_to_pretty_json", "interface {}", "string"),
    "mustToRawJson": ("encoding", "must_to_raw_json", "interface {}", "string"),
    "fromJson": ("encoding", "from_json", "string", ""),
    "mustFromJson": ("encoding", "must_from_json", "string", ""),
    # dates
    "now": ("dates", "now", "", "time.Time"),
    "ago": ("dates", "ago", "interface {}", "string"),
    "date": ("dates", "date", "string, interface {}", "string"),
    "dateInZone": ("dates", "date_in_zone", "string, interface {}, string", "string"),
    "date_in_zone": ("dates", "date_in_zone", "string, interface {}, string", "string"),
    "htmlDate": ("dates", "html_date", "interface {}", "string"),
    "htmlDateInZone": ("dates", "html_date_in_zone", "interface {}, string", "string"),
    "dateModify": ("dates", "date_modify", "string, time.Time", "time.Time"),
    "date_modify": ("dates", "date_modify", "string, time.Time", "time.Time"),
    "mustDateModify": ("dates", "must_date_modify", "string, time.Time", "time.Time"),
    "must_date_modify": ("dates", "must_date_modify", "string, time.Time", "time.Time"),
    "toDate": ("dates", "to_date", "string, string", "time.Time"),
    "mustToDate": ("dates", "must_to_date", "string, string", "time.Time"),
    "unixEpoch": ("dates", "unix_epoch", "time.Time", "string"),
    "duration": ("dates", "duration", "interface {}", "string"),
    "durationRound": ("dates", "duration_round", "interface {}", "string"),
    # versions
    "semver": ("semvers", "semver", "string", ""),
    "semverCompare": ("semvers", "semver_compare", "string, string", "bool"),
    # regular expressions
    "regexMatch": ("regexes", "match", "string, string", "bool"),
    "mustRegexMatch": ("regexes", "must_match", "string, string", "bool"),
    "regexFindAll": ("regexes", "find_all", "string, string, int", ""),
    "mustRegexFindAll": ("regexes", "must_find_all", "string, string, int", ""),
    "regexFind": ("regexes", "find", "string, string", "string"),
    "mustRegexFind": ("regexes", "must_find", "string, string", "string"),
    "regexReplaceAll": ("regexes", "replace_all", "string, string, string", "string"),
    "mustRegexReplaceAll": ("regexes", "must_replace_all", "string, string, string", "string"),
    "regexReplaceAllLiteral": ("regexes", "replace_all_literal", "string, string, string", "string"),
    "mustRegexReplaceAllLiteral": ("regexes", "must_replace_all_literal", "string, string, string", "string"),
    "regexSplit": ("regexes", "split", "string, string, int", ""),
    "mustRegexSplit": ("regexes", "must_split", "string, string, int", ""),
    "regexQuoteMeta": ("regexes", "quote_meta", "string", "string"),
    # paths and URLs
    "base": ("paths", "base", "string", "string"),
    "osBase": ("paths", "base", "string", "string"),
    "dir": ("paths", "dir", "string", "string"),
    "osDir": ("paths", "dir", "string", "string"),
    "clean": ("paths", "clean", "string", "string"),
    "osClean": ("paths", "clean", "string", "string"),
    "ext": ("paths", "ext", "string", "string"),
    "osExt": ("paths", "ext", "string", "string"),
    "isAbs": ("paths", "is_abs", "string", "bool"),
    "osIsAbs": ("paths", "is_abs", "string", "bool"),
    "urlParse": ("urls", "url_parse", "string", "map[string]interface {}"),
    "urlJoin": ("urls", "url_join", "map[string]interface {}", "string"),
    "getHostByName": ("network", "get_host_by_name", "string", "string"),
    # chance
    "randAlphaNum": ("randomness", "rand_alpha_num", "int", "string"),
    "randAlpha": ("randomness", "rand_alpha", "int", "string"),
    "randAscii": ("randomness", "rand_ascii", "int", "string"),
    "randNumeric": ("randomness", "rand_numeric", "int", "string"),
    "randBytes": ("randomness", "rand_bytes", "int", "string"),
    "randInt": ("randomness", "rand_int", "int, int", "int"),
    "uuidv4": ("randomness", "uuidv4", "", "string"),
    "shuffle": ("randomness", "shuffle", "string", "string"),
    # passwords, keys and certificates
    "bcrypt": ("crypto", "bcrypt", "string", "string"),
    "htpasswd": ("crypto", "htpasswd", "string, string", "string"),
    "derivePassword": ("crypto", "derive_password", "uint32, string, string, string, string", "string"),
    "encryptAES": ("crypto", "encrypt_aes", "string, string", "string"),
    "decryptAES": ("crypto", "decrypt_aes", "string, string", "string"),
    "genPrivateKey": ("certificates", "gen_private_key", "string", "string"),
    "buildCustomCert": ("certificates", "build_custom_cert", "string, string", "sprig.certificate"),
    "genCA": ("certificates", "gen_ca", "string, int", "sprig.certificate"),
    "genCAWithKey": ("certificates", "gen_ca_with_key", "string, int, string", "sprig.certificate"),
    "genSelfSignedCert": (
        "certificates",
        "gen_self_signed_cert",
        "string, []interface {}, []interface {}, int",
        "sprig.certificate",
    ),
    "genSelfSignedCertWithKey": (
        "certificates",
        "gen_self_signed_cert_with_key",
        "string, []interface {}, []interface {}, int, string",
        "sprig.certificate",
    ),
    "genSignedCert": (
        "certificates",
        "gen_signed_cert",
        "string, []interface {}, []interface {}, int, sprig.certificate",
        "sprig.certificate",
    ),
    "genSignedCertWithKey": (
        "certificates",
        "gen_signed_cert_with_key",
        "string, []interface {}, []interface {}, int, sprig.certificate, string",
        "sprig.certificate",
    ),
}

# What Helm 4 has beside sprig (helm.sh/helm/v4/pkg/engine/funcs.go).
HELM4_DURATIONS: dict[str, _Row] = {
    "mustToDuration": ("durations", "must_to_duration", "interface {}", ""),
    "durationSeconds": ("durations", "seconds", "interface {}", "float64"),
    "durationMilliseconds": ("durations", "milliseconds", "interface {}", "int64"),
    "durationMicroseconds": ("durations", "microseconds", "interface {}", "int64"),
    "durationNanoseconds": ("durations", "nanoseconds", "interface {}", "int64"),
    "durationMinutes": ("durations", "minutes", "interface {}", "float64"),
    "durationHours": ("durations", "hours", "interface {}", "float64"),
    "durationDays": ("durations", "days", "interface {}", "float64"),
    "durationWeeks": ("durations", "weeks", "interface {}", "float64"),
    "durationRoundTo": ("durations", "round_to", "interface {}, interface {}", ""),
    "durationTruncateTo": ("durations", "truncate_to", "interface {}, interface {}", ""),
}

# Families whose functions take the settings as their first argument.
_BOUND = frozenset(("certificates", "dates", "network", "randomness", "semvers", "urls"))
_BOUND_FUNCTIONS = frozenset(
    (
        *("bcrypt", "encryptAES", "htpasswd", "toJson", "toPrettyJson", "toRawJson", "mustToJson"),
        *("mustToPrettyJson", "mustToRawJson", "fromJson", "mustFromJson"),
    )
)

_made: dict[str, Function] = {}


def function_map(
    *,
    clock: Clock,
    entropy: Callable[[int], bytes],
    resolve_host: Callable[[str], Sequence[str]] | None = None,
    local_zone: str = "",
    helm: int = 4,
) -> Mapping[str, Function]:
    """Return the functions by name; a family is imported when one of its functions is first looked up.

    Args:
        clock: Tells the time.
        entropy: Returns so many random bytes.
        resolve_host: Returns the addresses of a host; without it ``getHostByName`` returns an empty text.
        local_zone: Name of the local time zone (``TZ``); empty for UTC.
        helm: 3 or 4: whose results and error texts are wanted where the two differ.
    """
    settings = Settings(clock=clock, entropy=entropy, resolve_host=resolve_host, local_zone=local_zone, helm=helm)
    return FunctionMap(settings)


class FunctionMap(Mapping[str, Function]):
    """A mapping that makes its functions when they are looked up."""

    __slots__ = ("_own", "_settings", "_table")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._table = FUNCTIONS if settings.helm < 4 else {**FUNCTIONS, **HELM4_DURATIONS}
        self._own: dict[str, Function] = {}

    def __getitem__(self, name: str) -> Function:
        found = _made.get(name) or self._own.get(name)
        if found is not None and name in self._table:
            return found
        family, function, params, result = self._table[name]
        call = getattr(_family(family), function)
        if family in _BOUND or name in _BOUND_FUNCTIONS:
            from functools import partial

            made = self._own[name] = Function(partial(call, self._settings), params, result=result)
        else:
            made = _made[name] = Function(call, params, result=result)
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


def _family(name: str) -> ModuleType:
    module = "pilothouse.sprig." + name
    __import__(module)
    return sys.modules[module]
