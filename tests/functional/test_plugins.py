"""Plugins: installed, run, completed, signed and removed as with the real programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from functional.registry_server import Program, ours, registry
from functional.test_provenance import Keys, keys

__all__ = ["keys"]

HELLO = """\
apiVersion: v1
type: cli/v1
name: hello
version: 0.1.0
runtime: subprocess
sourceURL: https://example.com/hello
config: {usage: "hello [flags]", shortHelp: says hello, longHelp: Says hello at length.}
runtimeConfig:
  platformCommand: [{command: "${HELM_PLUGIN_DIR}/hello.sh", args: ["$HELM_NAMESPACE", "x y"]}]
  platformHooks:
    install: [{command: echo, args: ["installing"]}]
    delete: [{command: sh, args: ["-c", "echo deleting; exit 3"]}]
"""
LEGACY = """\
name: legacy
version: 1.2.3
usage: "old one"
description: A long text.
command: "$HELM_PLUGIN_DIR/hello.sh first"
hooks: {install: "echo hook $HELM_PLUGIN_NAME"}
"""
GETTER = 'name: getter\nversion: 1.0.0\ncommand: x\ndownloaders: [{command: "get.sh", protocols: [my]}]\n'
POST = """\
apiVersion: v1
type: postrenderer/v1
name: post
version: 0.1.0
runtime: subprocess
runtimeConfig: {platformCommand: [{command: "${HELM_PLUGIN_DIR}/post.sh"}]}
"""
SCRIPT = """\
#!/bin/sh
echo "args: $*"
echo "problem" >&2
env | grep -E '^HELM_(PLUGIN|NAMESPACE|DEBUG|KUBECONTEXT)' | sort
for word; do case "$word" in exit=*) exit "${word#exit=}";; esac; done
"""


def place(folder: Path, manifest: str, **files: str) -> str:
    """Write a plugin's folder and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.yaml").write_text(manifest)
    for name, content in files.items():
        path = folder / name.replace("_", ".", 1)
        path.write_text(content)
        path.chmod(0o755)
    return str(folder)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with plugins."""
    folder = tmp_path / "sources"
    complete = '#!/bin/sh\necho "dyn $*"\necho ":4"\n'
    place(folder / "hello", HELLO, hello_sh=SCRIPT, plugin_complete=complete)
    (folder / "hello" / "completion.yaml").write_text(
        "commands:\n- {name: greet, flags: [loud, l], validArgs: [one, two]}\n- {name: bye}\n"
    )
    place(folder / "legacy", LEGACY, hello_sh=SCRIPT)
    place(folder / "getter", GETTER, get_sh='#!/bin/sh\ncat "/${4#my://x/}"\n')
    place(folder / "post", POST, post_sh='#!/bin/sh\n[ "$1" = fail ] && exit 4\nsed "s/old/new/"\n')
    place(folder / "broken", "name: a/b\n")
    return folder


@pytest.fixture(params=["4", "3"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Program, Program]:
    """Ours and the real program of a generation, each with a home of its own."""
    generation = int(request.param)
    real: str = request.getfixturevalue(f"helm{generation}")
    return ours(tmp_path / "ours", generation), Program((real,), tmp_path / "real", generation)


def masked(found: tuple[int, str, str]) -> tuple[int, str, str]:
    """Return what a command did without what only one of the programs can say."""
    code, output, errors = found
    output = "\n".join(line for line in output.split("\n") if "sandbox" not in line and "HELM_BIN" not in line)
    # Helm tells of broken plugins with every command, and twice where it looks for plugins itself.
    errors = "\n".join(line for line in errors.split("\n") if "failed to load plugin (ignoring)" not in line)
    return code, output, errors


BOTH = (
    "plugin list",
    "plugin install SOURCES/legacy",
    "plugin install SOURCES/getter",
    "plugin list",
    "legacy a b --debug=false -n ns --foo exit=7",
    "legacy --help",
    "-n x legacy --kube-context=c --namespace y q",
    "legacy --namespace",
    "plugin uninstall legacy none",
    "plugin uninstall",
    "plugin list",
)
NEWER = (
    "plugin install SOURCES/hello",
    "plugin install SOURCES/hello",
    "plugin list",
    "plugin list --type getter/v1",
    "hello a b --debug exit=3",
    "__complete hel",
    "__complete hello ",
    "__complete hello greet ",
    "__complete hello greet --",
    "__complete hello bye x ",
    "__complete plugin uninstall ",
    "plugin update hello",
    "plugin update none",
    "plugin verify SOURCES/hello",
    "plugin verify SOURCES/hello/plugin.yaml",
    "plugin verify none",
    "plugin package none",
    "plugin package SOURCES/hello/plugin.yaml",
    "plugin package SOURCES/broken",
    "plugin package SOURCES",
    "plugin package SOURCES/hello",
    "plugin uninstall hello none",
    "plugin install SOURCES",
    "plugin install SOURCES/hello/plugin.yaml",
    "plugin install none",
    "plugin install none --verify=false",
    "plugin install SOURCES/broken",
    "plugin list",
    "hello",
)


def test_same_words(pair: tuple[Program, Program], sources: Path) -> None:
    """Text, order, errors and exit codes are those of the real program."""
    for line in (*BOTH, *(NEWER if pair[0].generation == 4 else ())):
        words = line.replace("SOURCES", str(sources)).split(" ")
        assert masked(pair[0].run(*words)) == masked(pair[1].run(*words)), line


_V1 = "apiVersion: v1\nname: z\nversion: 1.0.0\n"
_EXTISM = f"{_V1}type: cli/v1\nruntime: extism/v1\nruntimeConfig:\n"
_SUBPROCESS = f"{_V1}type: cli/v1\nruntime: subprocess\n"
MISTYPED = (
    f"{_EXTISM}  memory: {{maxPages: [1]}}\n",
    f"{_EXTISM}  memory: {{other: 1, maxPages: -1, maxVarBytes: 1.5}}\n",
    f'{_EXTISM}  memory: {{maxPages: 5.0, maxVarBytes: "5"}}\n',
    f"{_EXTISM}  allowedHosts: text\n  hostFunctions: {{a: b}}\n  config: {{a: [b], c: {{d: 1}}}}\n",
    f"{_EXTISM}  entryFuncName: 5\n  timeout: -5\n  fileSystem: {{createTempDir: 3}}\n",
    f"{_SUBPROCESS}runtimeConfig: {{platformCommand: [text, {{os: [a]}}], platformHooks: text}}\n",
    f"{_SUBPROCESS}runtimeConfig: {{platformCommand: [{{args: [a, [b], {{c: d}}]}}], nothing: 1}}\n",
    f'{_SUBPROCESS}config: {{ignoreFlags: no way, longHelp: "a\\nb", shortHelp: {{a: b}}, usage: 5}}\n',
    f"{_SUBPROCESS}config: {{ignoreFlags: 'on', shortHelp: null, usage: [a], 1: 2}}\n",
    f"{_SUBPROCESS}config: []\nother: x\n",
    f"{_V1}type: [a]\nruntime: {{b: c}}\n",
    "name: x\nplatformCommand: [a, {os: [b], more: x}]\nhooks: {a: [b]}\n",
    "name: x\ndownloaders: [a, {command: [], protocols: x}]\n",
    "name: x\nplatformHooks: {a: b}\nignoreFlags: a very long text\n",
    "name: x\nname: y\n",
    "x: [\n",
    "a: b: c\n",
    "apiVersion: [a]\n",
    "c: *y\n",
    "text\n",
)


@pytest.mark.parametrize("number", range(len(MISTYPED)))
def test_mistyped_manifests(number: int, tmp_path: Path, helm4: str) -> None:
    """What is not of the type of its field is refused in the real program's words, which name its line."""
    found = []
    for helm in (ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")):
        folder = helm.place / ".local" / "share" / "helm" / "plugins" / "z"
        folder.mkdir(parents=True)
        (folder / "plugin.yaml").write_text(MISTYPED[number])
        lines = helm.run("plugin", "list")[2].replace(str(helm.place), "<place>").splitlines()
        found.append({line for line in lines if "failed to load plugin" in line})
    assert found[0] == found[1] != set()


def test_aliases_that_multiply(tmp_path: Path) -> None:
    """A manifest that stands for more values than any has is refused at once."""
    helm = ours(tmp_path)
    folder = helm.place / ".local" / "share" / "helm" / "plugins" / "z"
    folder.mkdir(parents=True)
    lines = [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    (folder / "plugin.yaml").write_text("\n".join(["name: z", "a: &a [x, x, x, x, x, x, x, x]", *lines]))
    assert "document contains excessive aliasing" in helm.run("plugin", "list")[2]


def test_signed_archives(tmp_path: Path, sources: Path, keys: Keys, helm4: str) -> None:
    """An archive that one program packed and signed is verified and installed by the other."""
    one, other = ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")
    for packing, installing in ((one, other), (other, one)):
        packing.must(
            "plugin", "package", str(sources / "hello"), "--key", "anna", "--keyring", keys.secret, "-d", str(tmp_path)
        )
        archive = str(tmp_path / "hello-0.1.0.tgz")
        first = installing.must("plugin", "verify", archive, "--keyring", keys.public)
        assert first == packing.must("plugin", "verify", archive, "--keyring", keys.public)
        output = installing.must("plugin", "install", archive, "--keyring", keys.public)
        assert output.startswith("Verifying plugin signature...\nSigned by: anna <anna@x>\n")
        assert "signed" in installing.must("plugin", "list")
        assert "args: default x y q" in installing.must("hello", "q")
        kept = installing.place / ".local" / "share" / "helm" / "plugins"
        assert sorted(os.listdir(kept)) == ["hello", "hello-0.1.0.tgz", "hello-0.1.0.tgz.prov"]
        installing.run("plugin", "uninstall", "hello")
        assert os.listdir(kept) == []


def test_no_plugins(tmp_path: Path) -> None:
    """HELM_NO_PLUGINS switches plugins off; HELM_PLUGINS names several folders."""
    helm = ours(tmp_path)
    place(tmp_path / "one" / "a", "name: a\ncommand: echo one\n")
    place(tmp_path / "two" / "b", "name: b\ncommand: echo two\n")
    variables = {"HELM_PLUGINS": f"{tmp_path / 'one'}:{tmp_path / 'two'}"}
    assert helm.run("a", variables=variables)[1] == "one\n"
    assert helm.run("b", variables=variables)[1] == "two\n"
    code, _, errors = helm.run("a", variables={**variables, "HELM_NO_PLUGINS": "1"})
    assert (code, 'unknown command "a" for "helm"' in errors) == (1, True)


def test_getters(pair: tuple[Program, Program], sources: Path, tmp_path: Path) -> None:
    """Charts and values come through a plugin's own protocol."""
    chart = tmp_path / "demo"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\n")
    (chart / "templates" / "x.yaml").write_text("a: {{ .Values.a }}\n")
    values = tmp_path / "values.yaml"
    values.write_text("a: from-the-plugin\n")
    pair[0].must("package", str(chart), "-d", str(tmp_path))
    url = f"my://x{tmp_path}"
    for program in pair:
        program.must("plugin", "install", str(sources / "getter"))
    for words in (
        ("template", f"{url}/demo-0.1.0.tgz", "-f", f"{url}/values.yaml"),
        ("pull", f"{url}/demo-0.1.0.tgz"),
        ("pull", "none://x/demo-0.1.0.tgz"),
    ):
        assert pair[0].run(*words) == pair[1].run(*words), words
    assert (pair[0].work / "demo-0.1.0.tgz").exists()


def test_post_renderers(tmp_path: Path, sources: Path, helm4: str, helm3: str) -> None:
    """A plugin of Helm 4, or any program with Helm 3, changes what is rendered; its failure is Helm's."""
    chart = tmp_path / "demo"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: demo\nversion: 0.1.0\n")
    document = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: old\n"
    (chart / "templates" / "x.yaml").write_text(document)
    for program in (ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")):
        program.must("plugin", "install", str(sources / "post"))
    new, real = ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")
    for words in (("post",), ("none",), ("post", "--post-renderer-args", "fail")):
        line = ("template", str(chart), "--post-renderer", *words)
        assert new.run(*line) == real.run(*line), words
    assert "a: new" in new.must("template", str(chart), "--post-renderer", "post")
    old, real = ours(tmp_path / "three", 3), Program((helm3,), tmp_path / "real3", 3)
    program_path = str(sources / "post" / "post.sh")
    for words in ((program_path,), ("cat",), ("none",), ("./none",), (program_path, "--post-renderer-args", "fail")):
        line = ("template", str(chart), "--post-renderer", *words)
        assert old.run(*line) == real.run(*line), words


def test_from_a_repository(tmp_path: Path, sources: Path) -> None:
    """A plugin from version control is cloned at a version, and updated until files are changed here."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    source = tmp_path / "git" / "legacy"
    shutil.copytree(sources / "legacy", source)
    identity = ("-c", "user.name=a", "-c", "user.email=a@x")
    for words in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "x"), ("tag", "1.2.3")):
        subprocess.run(["git", *words], cwd=source, check=True)
    helm = ours(tmp_path)
    url = f"file://{source}"
    code, _, errors = helm.run("plugin", "install", url)
    assert (code, "does not support verification" in errors) == (1, True)
    assert "Installed plugin: legacy\n" in helm.must("plugin", "install", url, "--verify=false", "--version", "~1")
    assert "args: first q" in helm.must("legacy", "q")
    assert helm.must("plugin", "update", "legacy") == "Updated plugin: legacy\n"
    (tmp_path / ".local" / "share" / "helm" / "plugins" / "legacy" / "plugin.yaml").write_text(LEGACY + "#\n")
    code, _, errors = helm.run("plugin", "update", "legacy")
    assert (code, "plugin repo was modified" in errors) == (1, True)


def pushed(server: str, archive: Path, name: str, helm: Program) -> None:
    """Put a plugin's archive and its provenance file into a registry, as oras does it."""
    import hashlib
    import urllib.request

    def send(method: str, url: str, content: bytes, kind: str) -> str:
        request = urllib.request.Request(url, data=content, method=method, headers={"Content-Type": kind})
        with urllib.request.urlopen(request) as answer:
            return str(answer.headers.get("Location", ""))

    def layer(path: Path) -> dict[str, object]:
        content = path.read_bytes()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        location = send("POST", f"http://{server}/v2/{name}/blobs/uploads/", b"", "application/octet-stream")
        send("PUT", f"{location}&digest={digest}", content, "application/octet-stream")
        kind = "application/vnd.oci.image.layer.v1.tar"
        title = {"org.opencontainers.image.title": path.name}
        return {"mediaType": kind, "digest": digest, "size": len(content), "annotations": title}

    empty = helm.work / "empty.json"
    empty.write_text("{}")
    config = {**layer(empty), "mediaType": "application/vnd.oci.empty.v1+json"}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.helm.plugin.v1+json",
        "config": config,
        "layers": [layer(archive), layer(Path(f"{archive}.prov"))],
    }
    content = json.dumps(manifest).encode()
    send("PUT", f"http://{server}/v2/{name}/manifests/0.1.0", content, str(manifest["mediaType"]))


def test_from_a_registry(tmp_path: Path, sources: Path, keys: Keys, helm4: str) -> None:
    """A plugin from a registry is installed in the words of Helm 4, once its signature was checked."""
    helm, real = ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")
    helm.must("plugin", "package", str(sources / "hello"), "--key", "anna", "--keyring", keys.secret)
    with registry(tmp_path / "registry") as server:
        pushed(server.host, helm.work / "hello-0.1.0.tgz", "p/hello", helm)
        words = ("plugin", "install", f"oci://{server.host}/p/hello:0.1.0", "--plain-http", "--keyring")
        found = helm.run(*words, str(keys.folder / "strangers.gpg"))
        assert found == real.run(*words, str(keys.folder / "strangers.gpg"))
        assert helm.run(*words, keys.public) == real.run(*words, keys.public)
        assert helm.run("plugin", "list") == real.run("plugin", "list")


def test_plugins_cost_nothing_unasked(tmp_path: Path) -> None:
    """Commands of Helm's own do not read plugins; others do."""
    helm = ours(tmp_path)
    for number in range(5):
        place(tmp_path / ".local" / "share" / "helm" / "plugins" / f"p{number}", "{")
    code, _, errors = helm.run("version", "--short")
    assert (code, errors) == (0, "")
    assert helm.run("p0")[2].count("failed to load plugin (ignoring)") == 5
