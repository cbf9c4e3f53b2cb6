"""Every flag of every command that needs no cluster, beside the real Helm: text, exit code and the files left.

    scripts/differential-flags --helm .cache/oracles/helm-4.3.1 --pairs 10 --seed 1

gives each flag good, empty, wrong and missing values, and puts flags together by chance. ``HELM_COMPAT=3`` compares
with Helm 3. Both programs work on copies of one home, at the same path; a repository and, where it is installed, a
registry run on loopback.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import io
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from differential.differential import Ran
from functional.registry_server import registry
from functional.repository_server import Repository, serving
from pilothouse.cli.main import run
from pilothouse.commandline.runner import run_in_process
from pilothouse.environment import Environment

OBSERVED = Path(__file__).resolve().parents[2] / "docs" / "reference" / "flags-of-helm.json"
#: Each command with words that make it work; WEB, REGISTRY and WORK stand for addresses and the folder.
COMMANDS = {
    "create": ("new",),
    "dependency build": ("parent",),
    "dependency list": ("parent",),
    "dependency update": ("parent",),
    "env": ("",),
    "lint": ("demo", "broken", "demo broken"),
    "package": ("demo",),
    "plugin install": ("plugins/two",),
    "plugin list": ("",),
    "plugin package": ("plugins/two",),
    "plugin uninstall": ("one",),
    "plugin update": ("one",),
    "plugin verify": ("demo-0.1.0.tgz",),
    "pull": ("known/demo", "oci://REGISTRY/charts/demo --plain-http"),
    "push": ("demo-0.1.0.tgz oci://REGISTRY/pushed --plain-http",),
    "registry login": ("REGISTRY -u me -p secret",),
    "registry logout": ("REGISTRY",),
    "repo add": ("new WEB",),
    "repo index": ("packages",),
    "repo list": ("",),
    "repo remove": ("known",),
    "repo update": ("",),
    "search hub": ("demo --endpoint WEB",),
    "search repo": ("demo",),
    "show all": ("demo", "known/demo"),
    "show chart": ("demo",),
    "show crds": ("demo",),
    "show readme": ("demo",),
    "show values": ("demo",),
    "template": ("rel demo", "demo"),
    "verify": ("signed-0.1.0.tgz --keyring ring.gpg", "demo-0.1.0.tgz --keyring ring.gpg"),
    "version": ("",),
}
VALUES = {
    "bool": ("", "=false", "=maybe", "="),
    "int": ("=3", "=-1", "=x", "=1.5", "="),
    "uint": ("=3", "=0", "=-1", "=x"),
    "duration": ("=5m", "=5", "=x", "=-1s"),
    "float32": ("=2.5", "=x"),
    "format": ("=json", "=yaml", "=table", "=xml", "="),
    "stringToString": ("=a=b", "=a", "=a=b,c=d", "="),
    "strings": ("=a=b,c=d", "=a", "="),
    "stringArray": ("=a=b", "=a", "="),
}
TEXTS = ("=x", "=", "=no/such/file")
#: Further values of single flags.
GOOD = {
    "values": ("=values.yaml", "=broken.yaml", "=-"),
    "set": ("=a.b=1", "=a[0].b=x", "=a..b=1", "=a[x]=1", "=text=null"),
    "set-json": ('=a={"b":1}', "=a={"),
    "set-file": ("=text=values.yaml", "=text=none"),
    "set-string": ("=a.b=1",),
    "set-literal": ("=text=a,b",),
    "version": ("=0.1.0", "=^0.1", "=>1", "=9.9.9"),
    "kube-version": ("=1.30", "=v1.30.1", "=1.x"),
    "app-version": ("=2.0",),
    "destination": ("=out",),
    "untardir": ("=out",),
    "output-dir": ("=out",),
    "show-only": ("=templates/x.yaml", "=templates/*.yaml"),
    "api-versions": ("=a/v1,b/v2",),
    "keyring": ("=ring.gpg",),
    "key": ("=anna",),
    "ca-file": ("=values.yaml",),
    "cert-file": ("=values.yaml",),
    "key-file": ("=values.yaml",),
    "passphrase-file": ("=values.yaml",),
    "repo": ("=WEB",),
    "username": ("=me",),
    "password": ("=secret",),
    "starter": ("=demo",),
    "merge": ("=packages/index.yaml",),
    "url": ("=https://h/x",),
    "jsonpath": ("={.a}", "={", "={.none}"),
    "name-template": ('=n-{{ lower "X" }}', "={{"),
    "post-renderer": ("=cat", "=none"),
    "template": ("={{.Version}}", "={{"),
    "type": ("=cli/v1",),
    "dry-run": ("=client", "=server", "=none", "=true"),
    "namespace": ("=other",),
    "color": ("=never", "=always"),
}
#: Flags that would reach out or wait: the real programs and ours would do it as well.
LEFT_OUT = {"password-stdin", "debug", "kube-apiserver"}
FILES = {
    "demo/Chart.yaml": "apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: '1'\nicon: https://h/i.png\n",
    "demo/values.yaml": "# about a\na:\n  b: 1\ntext: x\n",
    "demo/README.md": "# demo\n",
    "demo/crds/c.yaml": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: c.d\n"
    ),
    "demo/templates/NOTES.txt": "notes {{ .Release.Name }}\n",
    "demo/templates/x.yaml": (
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n"
        "data:\n  a: {{ .Values.a | toJson | quote }}\n  text: {{ .Values.text | quote }}\n"
        "  kube: {{ .Capabilities.KubeVersion.Version }}\n  upgrade: '{{ .Release.IsUpgrade }}'\n"
        "  known: '{{ .Capabilities.APIVersions.Has \"a/v1\" }}'\n"
    ),
    "demo/templates/test.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: t\n  annotations:\n    helm.sh/hook: test\n"
    ),
    "demo/templates/hook.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: h\n  annotations:\n    helm.sh/hook: pre-install\n"
    ),
    "broken/Chart.yaml": "apiVersion: v2\nname: Broken_\nversion: one\n",
    "broken/templates/x.yaml": "a: {{ .Values.none.b }}\n",
    "broken/templates/y.yaml": "{a: b\n",
    "parent/Chart.yaml": (
        "apiVersion: v2\nname: parent\nversion: 0.1.0\ndependencies:\n"
        "- {name: demo, version: '>=0', repository: WEB}\n"
        "- {name: demo, alias: twice, version: 0.1.0, repository: '@known'}\n"
    ),
    "values.yaml": "a:\n  b: from-the-file\n",
    "broken.yaml": "a: [\n",
    "plugins/two/plugin.yaml": "name: two\nversion: 1.0.0\ncommand: echo\n",
}
_HINT = re.compile(r"(?m)^(?:hint: .*\n(?: +.*\n)*|caused by .*\n)")
_GO_LINE = re.compile(r"(?m)^\w+\.go:\d+: .*?(?=\[debug\]|WARNING|\S)")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)?(?: [A-Z]+)?")
_CHANCE = re.compile(r"(?<=HELM_BIN=).*|(?<=rel-|new-)\d{10,}|helm-plugin-\d+|\d+\.part")
_UNFINISHED = re.compile(r"(?<=\.tgz)\d{6,}|(?<=\.yaml)\d{6,}")
_SANDBOX = re.compile(r"(?m)^(--)?(sandbox|convert)\t.*\n")
_SHA = re.compile(r"(?<=sha256[:-])[0-9a-f]{64}\b")
#: What one program keeps for itself, and indexes that each writes in its own words.
_OWN = re.compile(
    r"^\.cache/helm/(wazero-build|content)|(^|/)pilothouse/|\.pilothouse|^\.kube/cache|repository/.*(-index|-charts)"
)


class Home:
    """A home with a working folder, made anew for each run.

    Args:
        place: Where it is, always the same path.
        helm: The real program, which prepares it.
        names: What stands for the addresses.
    """

    def __init__(self, place: Path, helm: str, names: dict[str, str]) -> None:
        self.place = place
        self._names = names
        self._model = place.with_name("model")
        self.work = place / "work"
        self.variables = {
            "HOME": str(place),
            "TZ": "UTC",
            "PATH": os.defpath,
            "KUBECONFIG": str(place / "none"),
            "NO_PROXY": "*",
        }
        self._prepare(helm)
        shutil.move(place, self._model)

    def named(self, text: str) -> str:
        """Return a text with the addresses in it."""
        for name, value in self._names.items():
            text = text.replace(name, value)
        return text

    def _prepare(self, helm: str) -> None:
        for name, content in FILES.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.named(content))
        key = "Key-Type: RSA\nKey-Length: 2048\nName-Real: anna\nName-Email: a@x\n%no-protection\n%commit\n"
        gnupg = self.place.with_name("gnupg")
        gnupg.mkdir(mode=0o700)
        gpg = ("gpg", "--homedir", str(gnupg), "--batch", "--quiet")
        subprocess.run([*gpg, "--gen-key"], input=key.encode(), check=True, capture_output=True)
        ring = subprocess.run([*gpg, "--export-secret-keys", "anna"], check=True, capture_output=True).stdout
        (self.work / "ring.gpg").write_bytes(ring)
        (self.work / "demo" / "Chart.yaml").write_text(FILES["demo/Chart.yaml"].replace("demo", "signed"))
        self._helm(helm, "package demo --sign --key anna --keyring ring.gpg")
        (self.work / "demo" / "Chart.yaml").write_text(FILES["demo/Chart.yaml"])
        self._helm(helm, "package demo")
        self._helm(helm, "package demo -d packages")
        self._helm(helm, "repo index packages --url https://h")
        self._helm(helm, "repo add known WEB")
        shutil.copytree(self.work / "plugins" / "two", self.place / ".local/share/helm/plugins/one")
        manifest = self.place / ".local/share/helm/plugins/one/plugin.yaml"
        manifest.write_text(manifest.read_text().replace("two", "one"))
        starters = self.place / ".local/share/helm/starters"
        shutil.copytree(self.work / "demo", starters / "demo")
        if "oci" in self._names:
            self._helm(helm, "push demo-0.1.0.tgz oci://REGISTRY/charts --plain-http")

    def _helm(self, helm: str, line: str) -> None:
        words = self.named(line).split()
        subprocess.run([helm, *words], cwd=self.work, env=self.variables, check=True, capture_output=True)

    def fresh(self) -> None:
        """Make the home as it was at the beginning."""
        os.chdir("/")
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self._model, self.place, symlinks=True)

    def left(self) -> dict[str, str]:
        """Return what each file holds, archives by their members."""
        found = {}
        for path in sorted(self.place.rglob("*")):
            name = str(path.relative_to(self.place))
            if not _OWN.search(name) and not path.is_dir():
                found[_CHANCE.sub("N", name)] = _content(path)
        return found

    def told(self, text: str) -> str:
        """Return what was printed, without what chance puts there, and the files left."""
        text = _CHANCE.sub("N", _TIME.sub("TIME", _UNFINISHED.sub("", text)))
        files = "\n".join(f"file {name}\n{content}" for name, content in self.left().items())
        return _numbered(f"{text}\n---- files\n{files}")


def _numbered(text: str) -> str:
    """Replace digests by their numbers, in the order in which they appear: archives hold the time of their making."""
    seen: dict[str, str] = {}
    return _SHA.sub(lambda found: seen.setdefault(found[0], f"DIGEST-{len(seen) + 1}"), text)


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"-> {os.readlink(path)}"
    data = path.read_bytes()
    if path.name.endswith(".tgz"):
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                members = [(entry.name, archive.extractfile(entry)) for entry in archive]
                return "\n".join(f"{name} {_digest(file.read() if file else b'')}" for name, file in members)
        except (tarfile.TarError, EOFError):
            return hashlib.sha256(data).hexdigest()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return hashlib.sha256(data).hexdigest()
    if path.name.endswith((".prov", ".sig")):
        return text.partition("files:")[0]
    return re.sub(r"(?m)^(\s*(?:- )?(?:digest|generated|created)): .*$", r"\1: N", _TIME.sub("TIME", text))


def _digest(content: bytes) -> str:
    return hashlib.sha256(re.sub(rb"(?m)^generated: .*$", b"", content)).hexdigest()


class Sweep:
    """Both programs on one home.

    Args:
        helm: The real program.
        home: The home.
        generation: Which Helm it is.
    """

    def __init__(self, helm: str, home: Home, generation: int) -> None:
        self._helm = helm
        self._home = home
        self._generation = generation

    def difference(self, words: Sequence[str]) -> list[str]:
        """Return the lines that differ; what two runs of the real program say differently is left aside."""
        ours, real = self._ours(words), self._real(words)
        if ours == real:
            return []
        ours, real = without_chance(ours, real, self._real(words))
        return list(difflib.unified_diff(real.splitlines(), ours.splitlines(), "helm", "ours", lineterm="", n=0))

    def _real(self, words: Sequence[str]) -> str:
        self._home.fresh()
        done = subprocess.run(
            [self._helm, *words],
            cwd=self._home.work,
            env=self._home.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=180,
            check=False,
        )
        return self._told(
            Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
        )

    def _ours(self, words: Sequence[str]) -> str:
        self._home.fresh()
        variables = {**self._home.variables, **({"HELM_COMPAT": "3"} if self._generation == 3 else {})}
        environment = Environment(
            variables=variables, working_directory=str(self._home.work), arguments=("helm", *words)
        )
        os.chdir(self._home.work)
        ended = run_in_process(lambda given, streams: run(given, streams, environment), list(words))
        return self._told(Ran(ended.exit_code, ended.stdout, ended.stderr))

    def _told(self, ran: Ran) -> str:
        errors = _HINT.sub("", ran.stderr if ran.stderr.endswith("\n") or not ran.stderr else ran.stderr + "\n")
        ran = Ran(ran.exit_code, _SANDBOX.sub("", ran.stdout), ran.stderr)
        errors = re.sub(r"(?m)^\w+\.go:\d+: ", "", errors) if self._generation == 3 else errors
        return self._home.told(Ran(ran.exit_code, ran.stdout, errors).text())


def without_chance(ours: str, real: str, again: str) -> tuple[str, str]:
    """Return our text and the real one, without the lines in which a second real one differs, if it does."""
    if again == real:
        return ours, real
    ours, real = ("\n".join(sorted(set(one.splitlines()))) for one in (ours, real))
    chance = set(again.splitlines()) ^ set(real.splitlines())
    ours, real = ("\n".join(line for line in one.splitlines() if line not in chance) for one in (ours, real))
    return ours, real


def settings(flag: str, kind: str) -> Iterator[str]:
    """Yield a flag with each of its values, and without one."""
    values = (*VALUES.get(kind, TEXTS), *GOOD.get(flag, ()))
    yield from (f"--{flag}{value}" for value in values)


def cases(flags: dict[str, dict[str, list[str]]], pairs: int, chance: random.Random) -> Iterator[list[str]]:
    """Yield the command lines."""
    for command, bases in COMMANDS.items():
        if f"helm {command}" not in flags:
            continue
        own = {flag: kind for flag, (_, kind) in flags[f"helm {command}"].items() if flag not in LEFT_OUT}
        words = command.split()
        yield words
        for base in bases:
            yield [*words, *base.split()]
            yield [*words, *base.split(), "one-more", "two-more"]
            yield [*words, *base.split(), "--no-such-flag"]
            for flag, kind in own.items():
                yield from ([*words, *base.split(), setting] for setting in settings(flag, kind))
                yield [*words, *base.split(), f"--{flag}"]
            every = [setting for flag, kind in own.items() for setting in settings(flag, kind)]
            for _ in range(pairs if len(own) > 1 else 0):
                yield [*words, *base.split(), *chance.sample(every, min(len(every), chance.choice((2, 2, 3))))]
    for flag, (_, kind) in flags["helm"].items():
        if flag not in LEFT_OUT:
            yield from (["template", "rel", "demo", setting] for setting in settings(flag, kind))
            yield from (["env", setting] for setting in settings(flag, kind))


def completions(flags: dict[str, dict[str, list[str]]]) -> Iterator[list[str]]:
    """Yield what shells ask for at each position of each command."""
    for command, own in flags.items():
        words = ["__complete", *command.split()[1:]]
        ends = ("", "-", "--", "d", "known/d", "./", "known ", "demo ", "demo demo ", "none .", "x known/", "x k")
        for end in (line.split(" ") for line in ends):
            yield [*words, *end]
        for flag, (short, kind) in own.items():
            yield [*words, f"--{flag}"]
            yield [*words, f"--{flag}="]
            if kind != "bool":
                yield from ([*words, *before, f"--{flag}", ""] for before in ((), ("known/demo",), ("x", "known/demo")))
            if short:
                yield [*words, f"-{short}", ""]


def main() -> int:
    """Compare, print what differs, and return 1 if anything does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--helm", required=True, type=os.path.abspath, help="the real program")
    parser.add_argument("--filter", default="", help="only command lines that this expression finds")
    parser.add_argument("--pairs", type=int, default=6, help="flags put together, so often for each command")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--completions", action="store_true", help="ask for completions instead")
    given = parser.parse_args()
    generation = 3 if os.environ.get("HELM_COMPAT") == "3" else 4
    flags = json.loads(OBSERVED.read_text())["3.16" if generation == 3 else "4.3"]
    total = different = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.callback(os.chdir, os.getcwd())
        web = stack.enter_context(serving(Repository()))
        names = {"WEB": web.url}
        if shutil.which("docker-registry"):
            names |= {"REGISTRY": stack.enter_context(registry(folder / "registry")).host, "oci": "oci"}
        publish(web.files)
        home = Home(folder / "home", given.helm, names)
        sweep = Sweep(given.helm, home, generation)
        chosen = completions(flags) if given.completions else cases(flags, given.pairs, random.Random(given.seed))
        for words in chosen:
            line = [home.named(word) for word in words]
            if not re.search(given.filter, " ".join(words)) or ("REGISTRY" in " ".join(words) and "oci" not in names):
                continue
            total += 1
            lines = sweep.difference(line)
            if lines:
                different += 1
                print(f"== helm {shlex.join(words)}", *lines[:30], sep="\n", flush=True)
    print(f"{total} cases, {different} different")
    return 1 if different else 0


def publish(files: dict[str, bytes]) -> None:
    """Put two versions of a chart into a repository, and a page for searches."""
    entries = []
    for version in ("0.1.0", "0.2.0-rc.1"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, content in FILES.items():
                if name.startswith("demo/"):
                    data = content.replace("0.1.0", version).encode()
                    entry = tarfile.TarInfo(name)
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
        files[f"/demo-{version}.tgz"] = packed.getvalue()
        digest = hashlib.sha256(packed.getvalue()).hexdigest()
        entries.append(
            {
                "apiVersion": "v2",
                "name": "demo",
                "version": version,
                "appVersion": "1",
                "description": "shows things",
                "urls": [f"demo-{version}.tgz"],
                "digest": digest,
            }
        )
    files["/index.yaml"] = json.dumps({"apiVersion": "v1", "entries": {"demo": entries}}).encode()
    found = {"name": "demo", "repo": {"name": "r", "url": "https://r"}}
    newest = {"version": "1.0.0", "app_version": "2"}
    page = [
        {
            "id": "r/demo",
            "attributes": {**found, "description": "d"},
            "relationships": {"latestChartVersion": {"data": newest}},
        }
    ]
    files["/api/chartsvc/v1/charts/search?q=demo"] = json.dumps({"data": page}).encode()


if __name__ == "__main__":
    sys.exit(main())
