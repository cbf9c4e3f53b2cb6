"""Deleting a release by Helm 2's rules (``ReleaseServer.UninstallRelease``)."""

from __future__ import annotations

from pilothouse.actions.errors import OperationFailed
from pilothouse.actions.tiller_context import TillerContext, check_name
from pilothouse.actions.tiller_recovery import leftovers
from pilothouse.apply.tiller_manifests import build
from pilothouse.apply.tiller_objects import NOTHING_VISITED, is_kept
from pilothouse.charts.decoding import DecodingError
from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import YamlError
from pilothouse.objects.ordering import uninstall_order
from pilothouse.plan.resources import RESOURCE_POLICY
from pilothouse.records import Record
from pilothouse.releases.hooks import POST_DELETE, PRE_DELETE
from pilothouse.releases.release import UNINSTALLED, UNINSTALLING
from pilothouse.releases.times import timestamp
from pilothouse.render.documents import Manifest
from pilothouse.render.manifests import decode_head, split_documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.convert import TillerRelease


class TillerUninstallOptions(Record):
    """How to delete; fields of ``UninstallReleaseRequest``.

    Attributes:
        purge: Whether the records are removed as well.
    """

    name: str
    disable_hooks: bool = False
    purge: bool = False
    timeout: float = 300.0
    description: str = ""


class TillerRemoval(Record):
    """What became of a release's objects.

    Attributes:
        release: The release as it was last.
        info: What is said of objects that were kept.
        errors: Texts of the deletions that failed.
    """

    release: TillerRelease
    info: str = ""
    errors: tuple[str, ...] = ()


def uninstall(context: TillerContext, options: TillerUninstallOptions) -> TillerRemoval:
    """Delete the objects of a release, and with ``purge`` its records.

    Raises:
        NotFound: There is no such release.
        OperationFailed: It is deleted already, or objects could not be deleted.
    """
    check_name(options.name)
    try:
        revisions = context.revisions(options.name)
    except PilothouseError:
        context.log(f"uninstall: Release not loaded: {options.name}")
        raise
    release = revisions[0]
    if release.info.status == UNINSTALLED:
        if not options.purge:
            raise OperationFailed(f'the release named "{options.name}" is already deleted')
        _purge(context, revisions)
        return TillerRemoval(release=release)
    context.log(f"uninstall: Deleting {options.name}")
    release = being_deleted(context, release)
    left = leftovers(revisions, revisions[0])
    context.clear_hooks(left.hooks)
    if options.disable_hooks:
        context.log(f"delete hooks disabled for {options.name}")
    else:
        release = context.run_hooks(release, PRE_DELETE, options.timeout)
    try:
        context.store.update(release)
    except PilothouseError as error:
        context.log(f"uninstall: Failed to store updated release: {error.message}")
    removal = delete_objects(context, release)
    for manifest in left.manifests:
        more = delete_objects(context, release.replace(manifest=manifest))
        removal = removal.replace(errors=(*removal.errors, *more.errors))
    return _finish(context, options, revisions, removal)


def being_deleted(context: TillerContext, release: TillerRelease) -> TillerRelease:
    """Return a release as it is while its objects go."""
    return release.with_info(
        status=UNINSTALLING,
        deleted=timestamp(context.clock),
        description="Deletion in progress (or silently failed)",
    )


def _finish(
    context: TillerContext, options: TillerUninstallOptions, revisions: list[TillerRelease], removal: TillerRemoval
) -> TillerRemoval:
    release, errors = removal.release, list(removal.errors)
    if not options.disable_hooks:
        try:
            release = context.run_hooks(release, POST_DELETE, options.timeout)
        except PilothouseError as error:
            errors.append(error.message)
    release = release.with_info(status=UNINSTALLED, description=options.description or "Deletion complete")
    removal = removal.replace(release=release, errors=tuple(errors))
    if options.purge:
        context.log(f"purge requested for {options.name}")
        try:
            _purge(context, revisions)
        except PilothouseError as error:
            context.log(f"uninstall: Failed to purge the release: {error.message}")
            raise
        return removal
    try:
        context.store.update(release)
    except PilothouseError as error:
        context.log(f"uninstall: Failed to store updated release: {error.message}")
    if errors:
        raise OperationFailed(f"deletion completed with {len(errors)} error(s): {'; '.join(errors)}")
    return removal


def _purge(context: TillerContext, revisions: list[TillerRelease]) -> None:
    for revision in sorted(revisions, key=lambda one: one.revision):
        context.store.delete(revision.name, revision.revision)


def delete_objects(context: TillerContext, release: TillerRelease) -> TillerRemoval:
    """Delete the objects of a release, one document after the other (``ReleaseModule.Delete``)."""
    try:
        documents = _ordered(release.manifest)
    except (YamlError, DecodingError) as error:
        text = f"corrupted release record. You must manually delete the resources: {error.message}"
        return TillerRemoval(release=release, errors=(text,))
    kept = [one for one in documents if is_kept((one.head.annotations or {}).get(RESOURCE_POLICY))]
    info = _summary(context, kept, release.namespace)
    errors = []
    for document in documents:
        if document in kept:
            continue
        try:
            context.objects().delete(document.content, release.namespace)
        except PilothouseError as error:
            context.reporter.report("log", f'uninstall: Failed deletion of "{release.name}": {error.message}')
            text = error.message
            if text == NOTHING_VISITED:
                what = f"[{document.kind}] {document.name}" if document.kind else ""
                text = f'release "{release.name}": object "{what}" not found, skipping delete'
            context.log(f"error: {text}")
            errors.append(text)
    return TillerRemoval(release=release, info=info, errors=tuple(errors))


def _ordered(manifest: str) -> list[Manifest]:
    """Return the documents in the order of deletion; those of one kind by their number's text."""
    documents = [
        Manifest(source=f"manifest-{number}", content=text, head=decode_head(text, helm=3))
        for number, text in enumerate(split_documents(manifest, helm=3))
    ]
    documents.sort(key=lambda document: document.source)
    return uninstall_order(2).sort(documents, lambda document: document.kind)


def _summary(context: TillerContext, kept: list[Manifest], namespace: str) -> str:
    """Return which of the kept objects are in the cluster (``summarizeKeptManifests``)."""
    lines = []
    for document in kept:
        try:
            for resource in build(context.cluster, document.content, namespace):
                context.cluster.get(resource.mapping, resource.namespace, resource.name)
        except PilothouseError:
            continue
        lines.append(f"[{document.kind}] {document.name}\n")
    return "These resources were kept due to the resource policy:\n" + "".join(lines) if lines else ""
