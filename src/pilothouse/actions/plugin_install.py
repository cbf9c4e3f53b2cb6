"""Installing a plugin from a folder, an archive, a URL, a registry or version control (``helm plugin install``)."""

from __future__ import annotations

import os
import re

from pilothouse.actions.getter_plugins import plugin_folders
from pilothouse.actions.plugin_web import PluginWeb
from pilothouse.actions.signing import given_path
from pilothouse.actions.sources import getters
from pilothouse.charts.files import make_folder, write_file
from pilothouse.clock import Clock
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.plugins.archives import is_archive, manifest_in, read_archive, root_of, write_entries
from pilothouse.plugins.discovery import Plugin, load_plugin
from pilothouse.plugins.errors import PluginExists, PluginInvalid
from pilothouse.plugins.manifest import FILE_NAME
from pilothouse.plugins.repositories import Clone, cache_key
from pilothouse.plugins.run import run_hook
from pilothouse.records import Record
from pilothouse.sources.oci.errors import ReferenceInvalid
from pilothouse.sources.oci.opening import RegistryOptions, open_registry
from pilothouse.sources.oci.plugins import pull_plugin
from pilothouse.sources.oci.references import is_oci, parse
from pilothouse.sources.pgp import Keyring
from pilothouse.sources.provenance import Verification, verify
from pilothouse.transport.access import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter

_FOLDER, _ARCHIVE, _REGISTRY, _CLONE = "folder", "archive", "registry", "clone"
_VERSIONED = re.compile(r"(.*)-\d+\..*")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9_][^/\0-\x1f]*")


class InstallOptions(Record):
    """What to install, and how.

    Attributes:
        source: Folder, archive, URL or ``oci://`` reference.
        version: Version or constraint for version control; a registry's reference has a tag.
        verify: Whether archives must be signed.
        keyring: File of the keys that are trusted.
        registry: How to reach registries.
    """

    source: str
    version: str = ""
    verify: bool = True
    keyring: str = ""
    registry: RegistryOptions


class _Fetched(Record):
    """An archive that was fetched.

    Attributes:
        archive: Its content.
        provenance: Its provenance file, ``None`` when there is none.
        name: Name that the provenance file must name.
    """

    archive: bytes
    provenance: bytes | None
    name: str


def install_plugin(
    environment: Environment,
    options: InstallOptions,
    variables: Mapping[str, str],
    *,
    tell: Callable[[str], None],
    reporter: Reporter,
    clock: Clock | None = None,
) -> Plugin:
    """Install a plugin, run its hook and return it.

    Args:
        environment: Says where plugins are kept.
        options: What to install.
        variables: Environment of the hook.
        tell: Takes the lines that Helm prints.
        reporter: Hears of warnings.
        clock: Tells the time, for keys that expire.

    Raises:
        PilothouseError: It cannot be had, is not signed as it should be, or is no plugin.
    """
    kind, clone = _found(environment, options)
    wants_signature = _announce(environment, options, kind, tell)
    target = _target(environment, options.source, kind)
    make_folder(os.path.dirname(target))
    if os.path.lexists(target):
        warn(environment, reporter, "plugin already exists", path=target, error="<nil>")
        raise PluginExists("plugin already exists")
    if clone is not None:
        _clone(environment, clone, options.version, target)
    elif kind == _FOLDER:
        _link(os.path.join(environment.working_directory, options.source), target)
    else:
        fetched = _fetched(environment, options, kind, reporter, wants_signature=wants_signature)
        verification = None
        if wants_signature:
            verification = _verified(environment, fetched, options.keyring, (clock or Clock()).now())
        _unpack(environment, fetched, target)
        if verification is not None:
            for line in verification.lines("Plugin").splitlines():
                tell(line)
    try:
        plugin = load_plugin(target)
    except PluginInvalid as error:
        raise error.prefixed("plugin is installed but unusable: ") from error
    run_hook(plugin, "install", variables)
    tell(f"Installed plugin: {plugin.name}")
    return plugin


def warn(environment: Environment, reporter: Reporter, message: str, /, **fields: str) -> None:
    """Warn of something; Helm 3 says of plugins only what the error says."""
    if environment.compatibility != 3:
        reporter.warning(message, **fields)


def _found(environment: Environment, options: InstallOptions) -> tuple[str, Clone | None]:
    """Return what a source is, and the copy of its repository when it is one (``installer.NewForSource``).

    Raises:
        PluginInvalid: It is nothing that can be installed.
    """
    source, helm = options.source, environment.compatibility
    if is_oci(source) and helm != 3:
        try:
            parse(source)
        except ReferenceInvalid as error:
            raise error.prefixed("invalid OCI reference: ") from error
        return _REGISTRY, None
    path = os.path.join(environment.working_directory, source)
    if os.path.exists(path):
        return _ARCHIVE if is_archive(source) else _FOLDER, None
    web = PluginWeb(environment.variables)
    try:
        if web.is_archive(source, by_name=helm != 3):
            _check_name(source)
            return _ARCHIVE, None
        copy = os.path.join(environment.cache_home, "plugins", cache_key(source))
        return _CLONE, Clone.at(source, copy, environment.variables, web.page)
    except PluginInvalid as error:
        if helm == 3:
            raise
        hint = "(if it's a local directory, does it exist?)"
        start = f"cannot get information about plugin source {quote(source)} {hint}, last error was: "
        raise error.prefixed(start) from error


def _check_name(source: str) -> None:
    if not is_archive(source):
        raise PluginInvalid(f"no extractor implemented yet for {source}")


def _announce(environment: Environment, options: InstallOptions, kind: str, tell: Callable[[str], None]) -> bool:
    """Tell how the source is trusted and return whether it must be signed; Helm 3 knows no signatures here."""
    if environment.compatibility == 3:
        return False
    if kind == _FOLDER:
        tell("Installing plugin from local directory (development mode)")
        return False
    if not options.verify:
        tell("WARNING: Skipping plugin signature verification")
        return False
    if kind == _CLONE:
        raise PluginInvalid("plugin source does not support verification. Use --verify=false to skip verification")
    tell("Verifying plugin signature...")
    return True


def _target(environment: Environment, source: str, kind: str) -> str:
    """Return the folder that a plugin is installed to.

    Raises:
        PluginInvalid: Its name would be another place.
    """
    base = parse(source).name if kind == _REGISTRY else os.path.basename(os.path.normpath(source))
    if kind == _FOLDER:
        base = os.path.basename(os.path.abspath(os.path.join(environment.working_directory, source)))
    elif kind == _ARCHIVE:
        base = stripped_name(base)
    allowed = _REPOSITORY if kind == _CLONE else _SAFE
    if not allowed.fullmatch(base):
        raise PluginInvalid(f"invalid plugin name {quote(base)}: must contain only a-z, A-Z, 0-9, _ and -")
    return os.path.join(plugin_folders(environment) or os.path.join(environment.data_home, "plugins"), base)


def stripped_name(file_name: str) -> str:
    """Return the name of a plugin from that of its archive: without suffix and version (``stripPluginName``)."""
    for suffix in (".tar.gz", ".tgz"):
        if file_name.endswith(suffix):
            file_name = file_name.removesuffix(suffix)
            break
    found = _VERSIONED.fullmatch(file_name)
    return found[1] if found else file_name


def _link(source: str, target: str) -> None:
    """Link to a folder, so that changes there count at once."""
    source = os.path.abspath(source)
    if not os.path.isdir(source):
        raise PluginInvalid("expected plugin to be a directory (containing a file 'plugin.yaml')")
    if not os.path.exists(os.path.join(source, FILE_NAME)):
        raise PluginInvalid("plugin metadata (plugin.yaml) missing")
    os.symlink(source, target)


def _clone(environment: Environment, clone: Clone, version: str, target: str) -> None:
    """Copy a repository, at the version that was asked for."""
    import shutil

    clone.sync()
    if version:
        clone.choose(version, helm=environment.compatibility)
    if not os.path.exists(os.path.join(clone.folder, FILE_NAME)):
        raise PluginInvalid("plugin metadata (plugin.yaml) missing")
    unfinished = f"{target}.{os.getpid()}.part"
    shutil.copytree(clone.folder, unfinished, symlinks=True)
    os.rename(unfinished, target)


def _fetched(
    environment: Environment, options: InstallOptions, kind: str, reporter: Reporter, *, wants_signature: bool
) -> _Fetched:
    """Return an archive; what goes wrong says what it was wanted for."""
    try:
        return _fetch(environment, options, kind, reporter)
    except PilothouseError as error:
        if not wants_signature:
            raise
        what = "failed to download plugin: " if kind == _ARCHIVE and not is_oci(options.source) else ""
        raise error.prefixed(f"failed to get verification data: {what}") from error


def _fetch(environment: Environment, options: InstallOptions, kind: str, reporter: Reporter) -> _Fetched:
    """Return an archive with its provenance file, from a file, a web server or a registry."""
    source = options.source
    if kind == _REGISTRY:
        pulled = pull_plugin(open_registry(environment, options.registry), source)
        manifest = _manifest(pulled.archive)
        return _Fetched(archive=pulled.archive, provenance=pulled.provenance, name=manifest)
    name = os.path.basename(source)
    path = os.path.join(environment.working_directory, source)
    if os.path.exists(path):
        with open(path, "rb") as file:
            return _Fetched(archive=file.read(), provenance=_content(f"{path}.prov"), name=name)
    web = getters(environment, reporter=reporter)
    tls = options.registry.tls
    access = Access(
        url=source,
        ca_file=tls.ca_file,
        cert_file=tls.certificate_file,
        key_file=tls.key_file,
        insecure=not tls.verify,
    )
    archive = web.get(source, access).data
    try:
        provenance: bytes | None = web.get(f"{source}.prov", access).data
    except PilothouseError:
        provenance = None
    return _Fetched(archive=archive, provenance=provenance, name=name)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _manifest(archive: bytes) -> str:
    """Return the name that an archive should have, by its own manifest."""
    try:
        manifest = manifest_in(read_archive(archive))
    except PluginInvalid as error:
        raise error.prefixed("failed to extract plugin metadata from tarball: ") from error
    return f"{manifest.name}-{manifest.version}.tgz"


def _verified(environment: Environment, fetched: _Fetched, keyring: str, now: float) -> Verification:
    """Check an archive against its provenance file; without one it is refused.

    Raises:
        NotFound: There is none.
        PilothouseError: It does not fit.
    """
    if not fetched.provenance:
        raise NotFound("plugin verification failed: no provenance file (.prov) found")
    try:
        ring = Keyring.read(given_path(environment, keyring))
        return verify(fetched.archive, fetched.provenance, fetched.name, ring, now=now)
    except PilothouseError as error:
        raise error.prefixed("plugin verification failed: ") from error


def _unpack(environment: Environment, fetched: _Fetched, target: str) -> None:
    """Write an archive's plugin, and keep archive and provenance file beside it."""
    name = _manifest(fetched.archive)
    entries = read_archive(fetched.archive)
    write_entries(entries, root_of(entries), target)
    if environment.compatibility == 3:
        return
    kept = os.path.join(os.path.dirname(target), name)
    write_file(kept, fetched.archive)
    if fetched.provenance:
        write_file(f"{kept}.prov", fetched.provenance)
