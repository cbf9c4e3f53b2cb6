"""Grammar, help, errors and completion: ours beside the real program's, in the same run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pilothouse.cli.main import run
from pilothouse.commandline.runner import Outcome, run_in_process
from pilothouse.environment import Environment

COMMANDS = (
    "",
    "completion",
    "completion bash",
    "completion fish",
    "completion powershell",
    "completion zsh",
    "create",
    "dependency",
    "dependency build",
    "dependency list",
    "dependency update",
    "docs",
    "env",
    "get",
    "get all",
    "get hooks",
    "get manifest",
    "get metadata",
    "get notes",
    "get values",
    "help",
    "history",
    "install",
    "lint",
    "list",
    "package",
    "plugin",
    "plugin install",
    "plugin list",
    "plugin uninstall",
    "plugin update",
    "pull",
    "push",
    "registry",
    "registry login",
    "registry logout",
    "repo",
    "repo add",
    "repo index",
    "repo list",
    "repo remove",
    "repo update",
    "rollback",
    "search",
    "search hub",
    "search repo",
    "show",
    "show all",
    "show chart",
    "show crds",
    "show readme",
    "show values",
    "status",
    "template",
    "test",
    "uninstall",
    "upgrade",
    "verify",
    "version",
)
ONLY_4 = ("plugin package", "plugin verify")

#: What Pilothouse adds to Helm's help.
OWN_LINES = ("      --sandbox", "  sandbox ", "  convert ")

REFUSED = (
    "version --foo",
    "version -z",
    "version -hz",
    "version x",
    "install",
    "create",
    "create a b",
    "lint",
    "package",
    "package --sign x",
    "show chart",
    "show chart nope",
    "show chart ./nope",
    "nope",
    "lis",
    "rm",
    "inspec",
    "--debug=x version",
    "version --debug=x",
    "version --template",
    "version -n",
    "install --wait=foo a b",
    "install --wait= a b",
    "install a ./x --dry-run=foo",
    "upgrade a ./x --dry-run=foo",
    "template ./x --dry-run=none",
    "template ./x --dry-run=false",
    "install -o xml a ./x",
    "install --timeout 5 a x",
    "list -m x",
    "list -m",
    "list x",
    "version --qps x",
    "version --qps 1e50",
    "version --burst-limit 99999999999999999999",
    "search repo --max-col-width -1",
    "install --labels a a b",
    "install --labels a=b,c a b",
    "install --force-replace --force-conflicts a b",
    "install --force --force-conflicts a b",
    "template --validate --dry-run=client a b",
    "--color foo version",
    "version --color=foo",
    "env a b",
    "version -- x",
    "version --short=maybe",
    "-x version",
    "--foo version",
    "install --set",
    "completion bash x",
    "upgrade",
    "upgrade a",
    "rollback",
    "rollback a b",
    "history",
    "status",
    "status a b",
    "get all",
    "get values a b",
    "test",
    "uninstall",
    "uninstall --cascade x y",
    "template",
    "template a b c d",
    "install a b c d",
    "install -g a b",
    "install --name-template x a b",
    "install ./x",
    "verify",
    "push",
    "repo add",
    "repo add a",
    "repo remove",
    "repo index",
    "pull",
    "dependency build a b",
    "plugin install",
    "plugin uninstall",
    "plugin update",
    "registry login",
    "registry logout",
    "version --Short",
    "version --=x",
    "version ---x",
    "version -=",
    "version --template {{",
    "version --template {{.Foo}}",
    "template ./nope --kube-version abc",
    "install --post-renderer= --server-side=auto x ./y",
)

#: Flags that Pilothouse accepts although Helm 3 does not, and a command whose words belong to linting.
UNKNOWN_TO_3 = ("--force-conflicts", "--force-replace", "--color", "--server-side", "lint")

ANSWERED = (
    "version",
    "version --short",
    "version --short --short=false",
    "version --help=false --short",
    "version --",
    "-nfoo version --short",
    "--debug version --short",
    "-n=foo env HELM_NAMESPACE",
    "env",
    "env nope",
    "env HELM_QPS --qps 1.25",
    "--kube-context c --kube-token t --kube-as-user u --kube-apiserver https://x env",
    "--kube-insecure-skip-tls-verify --kube-ca-file f --kube-tls-server-name n --burst-limit 7 --debug env",
    "--registry-config a --repository-config b --repository-cache c --content-cache d --kubeconfig e env",
)

#: Words to complete, the last one as far as it was typed. Those whose answer names commands are left out, since
#: Pilothouse has one more.
COMPLETED = (
    "in",
    "install --",
    "install -",
    "install --out",
    "install --output ''",
    "install -o ''",
    "install --output=j",
    "install ''",
    "install a ''",
    "install a b ''",
    "version ''",
    "create ''",
    "create a ''",
    "lint ''",
    "package ''",
    "show ''",
    "inspect ''",
    "show all ''",
    "show all ./",
    "show all h",
    "show all zz",
    "show all x ''",
    "--name",
    "help sh",
    "help show ''",
    "template ''",
    "template a ''",
    "template -g ''",
    "get val",
    "completion ''",
    "completion bash ''",
    "env ''",
    "env HELM_K",
    "env HELM_BIN ''",
    "nope ''",
    "version --sh",
    "version --nope ''",
    "-n",
    "uninstall --cascade ''",
    "--debug",
    "list --kube-insecure-skip-tls-verify",
    "--kube-context ''",
    "install --version ''",
    "install --wait ''",
    "install --wait=",
    "install --dry-run=",
    "install --timeout ''",
    "install --debug ''",
    "repo add ''",
    "ins",
    "insp",
    "install --set a=b --s",
    "pull ''",
    "push a ''",
    "list ''",
    "list --output ''",
    "install --force-replace --f",
    "upgrade --atomic --a",
    "verify ''",
    "plugin install ''",
    "registry login ''",
    "dependency list ''",
    "get notes a ''",
    "history a ''",
)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The variables of a user who has used no Helm before."""
    return {"HOME": str(tmp_path), "PATH": os.defpath}


def ours(words: list[str], variables: dict[str, str]) -> Outcome:
    """Run our command in this process."""
    environment = Environment(variables=variables, arguments=("helm",), working_directory=os.getcwd())
    return run_in_process(lambda given, streams: run(given, streams, environment), words)


def real(program: str, words: list[str], variables: dict[str, str]) -> Outcome:
    """Run the real program."""
    done = subprocess.run(
        ["helm", *words], executable=program, env=variables, capture_output=True, text=True, check=False
    )
    return Outcome(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def without_hints(text: str) -> str:
    """Return what stands on standard error without our hints."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("hint: "))


def usage(text: str) -> list[str]:
    """Return the lines of help from ``Usage:`` on, without what Pilothouse adds; the prose before is its own."""
    lines = text[text.index("Usage:\n") :].splitlines()
    return [line for line in lines if not line.startswith(OWN_LINES)]


@pytest.mark.oracle
@pytest.mark.parametrize("command", [*COMMANDS, *ONLY_4])
def test_help_is_that_of_helm_4(helm4: str, home: dict[str, str], command: str) -> None:
    """Usage, aliases, commands, flags with their types, texts and defaults, and global flags are equal."""
    words = [*command.split(), "--help"]
    expected, got = real(helm4, words, home), ours(words, home)
    assert usage(got.stdout) == usage(expected.stdout)
    assert got.stdout.startswith("\n") == expected.stdout.startswith("\n")
    assert (got.exit_code, got.stderr) == (0, "")


@pytest.mark.oracle
@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_that_of_helm_3_when_asked_for(helm3: str, home: dict[str, str], command: str) -> None:
    """With HELM_COMPAT=3 the flags of Helm 3 are shown and those of Helm 4 are not."""
    words = [*command.split(), "--help"]
    expected, got = real(helm3, words, home), ours(words, {**home, "HELM_COMPAT": "3"})
    assert usage(got.stdout) == usage(expected.stdout)


@pytest.mark.oracle
@pytest.mark.parametrize("line", REFUSED)
def test_what_helm_4_refuses_is_refused_in_its_words(helm4: str, home: dict[str, str], line: str) -> None:
    """Wrong flags, arguments and commands give the same text and exit code."""
    words = line.split(" ")
    expected, got = real(helm4, words, home), ours(words, home)
    assert (got.exit_code, got.stdout, without_hints(got.stderr)) == (
        expected.exit_code,
        expected.stdout,
        expected.stderr,
    )


@pytest.mark.oracle
@pytest.mark.parametrize("line", ANSWERED)
def test_what_helm_4_answers_is_answered_alike(helm4: str, home: dict[str, str], line: str) -> None:
    """Commands that need neither chart nor cluster print the same bytes."""
    words = line.split(" ")
    assert ours(words, home) == real(helm4, words, home)


@pytest.mark.oracle
@pytest.mark.parametrize("line", ["-h repo", "--help repo", "-h none", "-h none list", "repo -h add"])
def test_help_takes_the_next_word_before_a_command_is_known(helm4: str, home: dict[str, str], line: str) -> None:
    """While Cobra looks for the command, it does not know the flag yet."""
    expected, got = real(helm4, line.split(" "), home), ours(line.split(" "), home)
    assert (got.exit_code, usage(got.stdout)) == (expected.exit_code, usage(expected.stdout))
    assert got.stderr == expected.stderr


@pytest.mark.oracle
@pytest.mark.parametrize("generation", [4, 3])
def test_variables_that_are_set_to_nothing(
    request: pytest.FixtureRequest, home: dict[str, str], generation: int
) -> None:
    """Places may be empty; everything else is as if it were not set."""
    program = request.getfixturevalue(f"helm{generation}")
    names = (
        *("CACHE_HOME", "CONFIG_HOME", "CONTENT_CACHE", "DATA_HOME", "DEBUG", "MAX_HISTORY", "NAMESPACE", "PLUGINS"),
        *("QPS", "REGISTRY_CONFIG", "REPOSITORY_CACHE", "REPOSITORY_CONFIG", "BURST_LIMIT", "KUBECONTEXT"),
    )
    variables = {**home, **{f"HELM_{name}": "" for name in names}}
    assert ours(["env"], {**variables, "HELM_COMPAT": str(generation)}) == real(program, ["env"], variables)


@pytest.mark.oracle
@pytest.mark.parametrize("line", ["version", "version --short", "version -c --short", "env", "list --nope"])
def test_helm_3_is_spoken_when_asked_for(helm3: str, home: dict[str, str], line: str) -> None:
    """With HELM_COMPAT=3 the same commands answer as Helm 3.16 does."""
    words = line.split(" ")
    assert ours(words, {**home, "HELM_COMPAT": "3"}) == real(helm3, words, home)


@pytest.mark.oracle
@pytest.mark.parametrize("line", [line for line in REFUSED if not any(word in line for word in UNKNOWN_TO_3)])
def test_what_helm_3_refuses_is_refused_in_its_words_when_asked_for(
    helm3: str, home: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """With HELM_COMPAT=3 the order of checks and the words are those of Helm 3.16."""
    monkeypatch.chdir(tmp_path)
    words = line.split(" ")
    expected, got = real(helm3, words, home), ours(words, {**home, "HELM_COMPAT": "3"})
    assert (got.exit_code, got.stdout, without_hints(got.stderr)) == (
        expected.exit_code,
        expected.stdout,
        expected.stderr,
    )


@pytest.mark.oracle
@pytest.mark.parametrize("line", COMPLETED)
def test_completion_offers_what_helm_4_offers(helm4: str, home: dict[str, str], line: str) -> None:
    """Offers, directives and the words on standard error are equal."""
    words = ["__complete", *("" if word == "''" else word for word in line.split(" "))]
    expected, got = real(helm4, words, home), ours(words, home)
    offers = [offer for offer in got.stdout.splitlines() if not offer.startswith("--sandbox\t")]
    assert offers == expected.stdout.splitlines()
    assert got.stderr.splitlines()[-1:] == expected.stderr.splitlines()[-1:]


@pytest.mark.oracle
def test_an_unknown_topic_is_told_like_helm_tells_it(helm4: str, home: dict[str, str]) -> None:
    """The usage of the root follows on standard error, and that is no failure."""
    expected, got = real(helm4, ["help", "nope"], home), ours(["help", "nope"], home)
    assert usage(got.stderr) == usage(expected.stderr)
    assert got.stderr.splitlines()[0] == expected.stderr.splitlines()[0]
    assert got.exit_code == expected.exit_code == 0


@pytest.mark.oracle
@pytest.mark.parametrize(
    "line", ["--kube-context ''", "--kube-context al", "list --kube-context=", "install --kube-context x"]
)
def test_contexts_are_offered(helm4: str, home: dict[str, str], tmp_path: Path, line: str) -> None:
    """The contexts of the kubeconfig are offered with their clusters; their order is Go's chance."""
    (tmp_path / ".kube").mkdir()
    contexts = "[{name: beta, context: {cluster: two}}, {name: alpha, context: {cluster: one}}]"
    (tmp_path / ".kube" / "config").write_text(f"apiVersion: v1\nkind: Config\ncontexts: {contexts}\n")
    words = ["__complete", *("" if word == "''" else word for word in line.split(" "))]
    expected, got = real(helm4, words, home), ours(words, home)
    assert got.stdout.splitlines() == ["alpha\tone", "beta\ttwo", ":4"]
    assert sorted(expected.stdout.splitlines()) == sorted(got.stdout.splitlines())
