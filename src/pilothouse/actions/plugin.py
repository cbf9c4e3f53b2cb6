"""Installed plugins: listed, updated, removed, packed and checked (``helm plugin``)."""

from __future__ import annotations

import os

from pilothouse.actions.getter_plugins import plugin_folders
from pilothouse.actions.plugin_install import warn
from pilothouse.actions.signing import Passphrases, SigningOptions, given_path
from pilothouse.charts.files import make_folder, write_file
from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError, reason_of
from pilothouse.formats import yaml_text
from pilothouse.plugins.archives import is_archive, pack
from pilothouse.plugins.detection import UNDETECTED
from pilothouse.plugins.discovery import Plugin, find_plugins, installed, load_plugin
from pilothouse.plugins.errors import PluginInvalid, PluginMissing
from pilothouse.plugins.manifest import FILE_NAME, describe
from pilothouse.plugins.repositories import Clone
from pilothouse.plugins.run import run_hook
from pilothouse.records import Record
from pilothouse.sources.pgp import Keyring
from pilothouse.sources.provenance import Signer, Verification, digest, signed_sums, verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter


class ListedPlugin(Record):
    """A plugin and whether it is signed.

    Attributes:
        plugin: The plugin.
        provenance: ``local dev``, ``unsigned``, ``invalid provenance``, ``mismatched provenance``, ``signed`` or
            ``unknown``.
    """

    plugin: Plugin
    provenance: str


def list_plugins(environment: Environment, reporter: Reporter, *, kind: str = "") -> list[ListedPlugin]:
    """Return the installed plugins, of one kind where it is given.

    Raises:
        PluginInvalid: Two have the same name.
    """
    own = os.path.join(environment.data_home, "plugins")
    found = find_plugins(plugin_folders(environment), reporter, kind=kind)
    return [ListedPlugin(plugin=plugin, provenance=_provenance_state(plugin, own)) for plugin in found]


def _provenance_state(plugin: Plugin, folder: str) -> str:
    """Return whether a plugin came from a signed archive; by whom is not asked (``GetPluginSigningInfo``)."""
    path = os.path.join(folder, plugin.name)
    if not os.path.lexists(path):
        return "unknown"
    if os.path.islink(path):
        return "local dev"
    archive = os.path.join(folder, f"{plugin.name}-{plugin.manifest.version}.tgz")
    try:
        with open(f"{archive}.prov", "rb") as file:
            provenance = file.read()
        with open(archive, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return "unsigned"
    except OSError:
        return "unknown"
    sums = signed_sums(provenance)
    if sums is None:
        return "invalid provenance"
    name, wanted = os.path.basename(archive), digest(content)
    fits = any(name in file_name and found == wanted for file_name, found in sums.items())
    return "signed" if fits else "mismatched provenance"


def uninstall_plugins(
    environment: Environment,
    names: tuple[str, ...],
    variables: Mapping[str, str],
    *,
    tell: Callable[[str], None],
    reporter: Reporter,
) -> None:
    """Remove plugins, each told of when it is gone.

    Raises:
        PilothouseError: One or more could not be removed; the others are.
    """
    folder = plugin_folders(environment)

    def remove(plugin: Plugin) -> None:
        import shutil

        if os.path.islink(plugin.folder):
            os.unlink(plugin.folder)
        else:
            shutil.rmtree(plugin.folder)
        archive = os.path.join(folder, f"{plugin.name}-{plugin.manifest.version}.tgz")
        for path in (archive, f"{archive}.prov"):
            if plugin.manifest.version and os.path.exists(path):
                os.unlink(path)
        run_hook(plugin, "delete", variables)

    _each(environment, names, remove, "uninstall", tell, reporter)


def update_plugins(
    environment: Environment,
    names: tuple[str, ...],
    variables: Mapping[str, str],
    *,
    tell: Callable[[str], None],
    reporter: Reporter,
) -> None:
    """Bring plugins from version control up to date, each told of when it is.

    Raises:
        PilothouseError: One or more could not be updated; the others are.
    """

    def update(plugin: Plugin) -> None:
        clone = _source(environment, os.path.realpath(plugin.folder), reporter)
        path = os.path.join(plugin_folders(environment), os.path.basename(clone.source.rstrip("/")))
        if not os.path.exists(path):
            problem = f"stat {path}: no such file or directory"
            warn(environment, reporter, "plugin does not exist", path=path, error=problem)
            raise PluginMissing("plugin does not exist")
        clone.update()
        if not os.path.exists(os.path.join(clone.folder, FILE_NAME)):
            raise PluginInvalid("plugin metadata (plugin.yaml) missing")
        run_hook(load_plugin(path), "update", variables)

    _each(environment, names, update, "update", tell, reporter)


def _source(environment: Environment, folder: str, reporter: Reporter) -> Clone:
    """Return the copy of a repository that a folder is (``installer.FindSource``)."""
    try:
        return Clone.of(folder, environment.variables)
    except PluginInvalid as error:
        if error.message != UNDETECTED:
            raise
        problem = "cannot get information about plugin source"
        warn(environment, reporter, problem, location=folder, error=error.message)
        raise PluginInvalid(problem) from error


def _each(
    environment: Environment,
    names: tuple[str, ...],
    work: Callable[[Plugin], None],
    verb: str,
    tell: Callable[[str], None],
    reporter: Reporter,
) -> None:
    """Do something with each of the named plugins and raise all that went wrong at the end."""
    plugins = {plugin.name: plugin for plugin in installed(plugin_folders(environment), reporter)}
    done = {"uninstall": "Uninstalled", "update": "Updated"}[verb]
    problems: list[str] = []
    for name in names:
        if name not in plugins:
            problems.append(f"{'Plugin' if environment.compatibility == 3 else 'plugin'}: {name} not found")
            continue
        try:
            work(plugins[name])
        except (PilothouseError, OSError) as error:
            start = "Failed" if environment.compatibility == 3 else "failed"
            problems.append(f"{start} to {verb} plugin {name}, got error ({error})")
        else:
            tell(f"{done} plugin: {name}")
    if problems:
        raise PluginMissing("\n".join(problems))


class PackOptions(Record):
    """What to pack, and how.

    Attributes:
        path: Folder of the plugin.
        destination: Folder for the archive.
        signing: With what it is signed, ``None`` to leave it unsigned.
    """

    path: str
    destination: str = "."
    signing: SigningOptions | None = None


def pack_plugin(
    environment: Environment,
    options: PackOptions,
    passphrases: Passphrases | None,
    *,
    tell: Callable[[str], None],
) -> str:
    """Pack a plugin's folder into an archive, sign it, and return the archive's path.

    Raises:
        PilothouseError: It is no plugin, or cannot be signed.
    """
    folder = os.path.join(environment.working_directory, options.path)
    try:
        os.stat(folder)
    except OSError as error:
        raise PluginInvalid(f"stat {options.path}: {reason_of(error)}") from error
    if not os.path.isdir(folder):
        raise PluginInvalid("plugin package only supports directories, not tarballs")
    try:
        manifest = load_plugin(folder).manifest
    except PluginInvalid as error:
        error.message = error.message.replace(folder, os.path.normpath(options.path))
        raise error.prefixed("invalid plugin directory: ") from error
    if not options.destination:
        raise PluginInvalid("mkdir : no such file or directory")
    make_folder(os.path.join(environment.working_directory, options.destination))
    signer = None
    if options.signing is not None and passphrases is not None:
        signer = _signer(environment, options.signing, passphrases)
    else:
        tell("WARNING: Skipping plugin signing. This is not recommended for plugins intended for distribution.")
    name = f"{manifest.name}-{manifest.version}.tgz"
    shown = os.path.normpath(os.path.join(options.destination, name))
    path = os.path.join(environment.working_directory, shown)
    archive = pack(folder, manifest.name)
    signature = signer.sign(archive, name, yaml_text.encode(describe(manifest))) if signer else ""
    write_file(path, archive)
    if signature:
        write_file(f"{path}.prov", signature.encode("utf-8", "surrogateescape"))
        tell(f"Successfully signed. Signature written to: {shown}.prov")
    tell(f"Successfully packaged plugin and saved it to: {shown}")
    return path


def _signer(environment: Environment, options: SigningOptions, passphrases: Passphrases) -> Signer:
    try:
        ring = Keyring.read(given_path(environment, options.keyring), helm=environment.compatibility)
        ring.check(options.key)
    except PilothouseError as error:
        raise error.prefixed("error reading from keyring: ") from error
    passphrases.prepare()
    return Signer(ring, options.key, passphrases)


def verify_plugin(environment: Environment, path: str, keyring: str, *, clock: Clock | None = None) -> Verification:
    """Return who signed a plugin's archive.

    Raises:
        PilothouseError: It is not signed, not as it is, or not with any of the keys.
    """
    full = os.path.join(environment.working_directory, path)
    try:
        os.stat(full)
    except OSError as error:
        raise PluginInvalid(f"stat {path}: {reason_of(error)}") from error
    if os.path.isdir(full):
        raise PluginInvalid("directory verification not supported - only plugin tarballs can be verified")
    if not (is_archive(full) or full.endswith(".gz")):
        raise PluginInvalid("plugin file must be a gzipped tarball (.tar.gz or .tgz)")
    try:
        with open(f"{full}.prov", "rb") as file:
            provenance = file.read()
    except OSError as error:
        raise PluginMissing(
            f"could not find provenance file {path}.prov: stat {path}.prov: {reason_of(error)}"
        ) from error
    ring = Keyring.read(given_path(environment, keyring))
    with open(full, "rb") as file:
        archive = file.read()
    return verify(archive, provenance, os.path.basename(full), ring, now=(clock or Clock()).now())
