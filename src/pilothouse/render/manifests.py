"""Rendered files into objects and hooks, in the order they are installed (Helm's ``releaseutil.SortManifests``)."""

from __future__ import annotations

from pilothouse.charts.decoding import Decoder, DecodingError, Struct
from pilothouse.formats.errors import YamlError
from pilothouse.objects.ordering import install_order
from pilothouse.progress import SILENT
from pilothouse.render.documents import Head, HookManifest, Manifest
from pilothouse.render.errors import ManifestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.parsed import Parsed
    from pilothouse.progress import Reporter

#: What Go's ``unicode.IsSpace`` accepts; Python's ``strip`` takes four control characters more.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

HOOK_ANNOTATION = "helm.sh/hook"
HOOK_EVENTS = {
    **{
        f"{moment}-{verb}": f"{moment}-{verb}"
        for moment in ("pre", "post")
        for verb in ("install", "delete", "upgrade", "rollback")
    },
    "test": "test",
    "test-success": "test",
}

_SEPARATOR_3 = r"(?:\A|[\t\n\f\r ]*\n)---[\t\n\f\r ]*"
_INTEGER = r"([+-]?)0*([0-9]{1,19})"

_METADATA = Struct(
    name="SimpleHead",
    full_names=('struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',)
    * 2,
    fields={"name": "string", "annotations": "map[string]string"},
)
_HEAD = Struct(
    name="SimpleHead",
    full_names=("releaseutil.SimpleHead", "util.SimpleHead"),
    fields={"apiVersion": "string", "kind": "string", "metadata": _METADATA},
)


def split_documents(text: str, *, helm: int = 4) -> list[str]:
    """Return the documents in a rendered file, blank ones left out (``SplitManifests``)."""
    if helm == 3:
        import re

        parts = re.split(_SEPARATOR_3, text.strip(SPACES))
        return [part.strip(SPACES) for part in parts if part]
    *before, last = f"\n{text}".split("\n---")
    return [left for part in (*(f"{part}\n" for part in before), last) if (left := part.lstrip(SPACES))]


def decode_head(text: str, *, helm: int = 4) -> Head:
    """Return the head of a document.

    Raises:
        YamlError: It is no YAML.
        DecodingError: Its head has values of wrong kinds.
    """
    from pilothouse.formats.yaml_text import decode

    return head_of(decode(text, integers=True), helm=helm)


def _known_head(text: str, helm: int, cache: Parsed) -> Head:
    def parse() -> tuple[str, str, str, dict[str, str] | None]:
        head = decode_head(text, helm=helm)
        return head.api_version, head.kind, head.name, None if head.annotations is None else dict(head.annotations)

    found = cache.read(b"head", text.encode("utf-8", "surrogateescape"), parse)
    return Head(api_version=found[0], kind=found[1], name=found[2], annotations=found[3])


def head_of(value: object, *, helm: int = 4) -> Head:
    """Return the head of a decoded document."""
    found = Decoder(helm).decode(value, _HEAD)
    metadata = found.get("metadata", {})
    return Head(
        api_version=found.get("apiVersion", ""),
        kind=found.get("kind", ""),
        name=metadata.get("name", ""),
        annotations=metadata.get("annotations"),
    )


def sort_manifests(
    files: Mapping[str, str], *, helm: int = 4, reporter: Reporter = SILENT, cache: Parsed | None = None
) -> tuple[list[HookManifest], list[Manifest]]:
    """Return the hooks and the other documents of rendered files, each in the order of installing.

    Args:
        files: Text by path.
        helm: Whose rules to follow, 3 or 4.
        reporter: Hears of hooks for unknown events, which are left out.
        cache: What was read before.

    Raises:
        ManifestError: A document is no object.
    """
    hooks: list[HookManifest] = []
    manifests: list[Manifest] = []
    for path in sorted(files):
        content = files[path]
        if path.rpartition("/")[2].startswith("_") or not content.strip(SPACES):
            continue
        for text in split_documents(content, helm=helm):
            try:
                head = decode_head(text, helm=helm) if cache is None else _known_head(text, helm, cache)
            except (YamlError, DecodingError) as error:
                text_of_error = f"YAML parse error on {path}: {error.message}"
                raise ManifestError(text_of_error, path=path, files=files, document=text, hooks=tuple(hooks)) from error
            if not head.annotations or HOOK_ANNOTATION not in head.annotations:
                manifests.append(Manifest(source=path, content=text, head=head))
                continue
            hook = _hook(path, text, head, helm, reporter)
            if hook is not None:
                hooks.append(hook)
    order = install_order(helm)
    return order.sort(hooks, lambda hook: hook.kind), order.sort(manifests, lambda manifest: manifest.head.kind)


def _hook(path: str, text: str, head: Head, helm: int, reporter: Reporter) -> HookManifest | None:
    annotations = head.annotations or {}
    named = annotations[HOOK_ANNOTATION]
    events = [HOOK_EVENTS.get(event.strip(SPACES).lower(), "") for event in named.split(",")]
    if "" in events:
        if helm == 3:
            from pilothouse.charts.archive import quoted

            reporter.report("info", f"manifest_sorter.go:190: info: skipping unknown hook: {quoted(named)}")
        else:
            reporter.report("info", "skipping unknown hooks", hookTypes=named)
        return None
    return HookManifest(
        name=head.name,
        kind=head.kind,
        path=path,
        manifest=text,
        events=tuple(events),
        weight=integer(annotations.get("helm.sh/hook-weight", ""), 63),
        delete_policies=_policies(annotations, "helm.sh/hook-delete-policy"),
        output_log_policies=_policies(annotations, "helm.sh/hook-output-log-policy") if helm >= 4 else (),
    )


def integer(text: str, bits: int) -> int:
    """Return the integer that an annotation is, 0 when it is none or has more than ``bits`` beside its sign."""
    if not text:
        return 0
    import re

    found = re.fullmatch(_INTEGER, text)
    number = int(found[1] + found[2]) if found is not None else 0
    return number if -(1 << bits) <= number < 1 << bits else 0


def _policies(annotations: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = annotations.get(name)
    if found is None:
        return ()
    return tuple(policy.strip(SPACES).lower() for policy in found.split(","))
