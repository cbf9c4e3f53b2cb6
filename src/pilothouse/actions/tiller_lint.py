"""Examining charts by Helm 2's rules (``helm lint`` of Helm 2)."""

from __future__ import annotations

import os

from pilothouse.clock import Clock
from pilothouse.errors import Invalid, PilothouseError
from pilothouse.lint.findings import ERROR, WARNING
from pilothouse.lint.helm2 import run_rules
from pilothouse.progress import SILENT
from pilothouse.records import Record, field
from pilothouse.render.settings import RenderSettings
from pilothouse.render.tiller_capabilities import default_capabilities
from pilothouse.render.tiller_context import TillerRelease

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.findings import Finding
    from pilothouse.progress import Reporter


class LintOptions(Record):
    """What to examine, and how strictly.

    Attributes:
        paths: Folders and archives.
        strict: Whether warnings are failures.
    """

    paths: tuple[str, ...]
    values: Mapping[str, YamlValue] = field(default_factory=dict)
    namespace: str = "default"
    strict: bool = False


def lint(
    environment: Environment,
    options: LintOptions,
    *,
    tell: Callable[[str], None],
    clock: Clock | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Examine charts, tell what is wrong with each, and return how many there were.

    Raises:
        Invalid: Some failed; the text says how many.
    """
    settings = RenderSettings(
        release=TillerRelease(
            name="testRelease", namespace=options.namespace, revision=0, is_install=False, is_upgrade=False
        ),
        capabilities=default_capabilities(),
        clock=clock or Clock(),
        entropy=os.urandom,
        helm=2,
        lint=True,
        reporter=reporter,
    )
    limit = WARNING if options.strict else ERROR
    total = failures = 0
    for path in options.paths:
        try:
            with _Unpacked(os.path.join(environment.working_directory, path), path) as folder:
                found = run_rules(folder, options.values, settings)
        except PilothouseError as error:
            tell(f"==> Skipping {path}\n{error.message}\n\n")
            failures += 1
            continue
        total += 1
        tell("".join(_lines(path, found)))
        failures += any(one.severity >= limit for one in found)
    if failures:
        raise Invalid(f"{total} chart(s) linted, {failures} chart(s) failed")
    return f"{total} chart(s) linted, no failures"


def _lines(path: str, found: list[Finding]) -> Iterator[str]:
    yield f"==> Linting {path}\n"
    if not found:
        yield "Lint OK\n"
    yield from (f"{one}\n" for one in found)
    yield "\n"


class _Unpacked:
    """The folder of a chart; an archive is unpacked for the while.

    Args:
        path: Where it is.
        shown: How messages name it.
    """

    def __init__(self, path: str, shown: str) -> None:
        self._path = path
        self._shown = shown
        self._temporary: str = ""

    def __enter__(self) -> str:
        if self._path.endswith(".tgz"):
            return self._unpack()
        if not os.path.exists(os.path.join(self._path, "Chart.yaml")):
            shown = os.path.normpath(os.path.join(self._shown, "Chart.yaml"))
            raise Invalid(f"unable to check Chart.yaml file in chart: stat {shown}: no such file or directory")
        return os.path.normpath(self._path)

    def __exit__(self, *_error: object) -> None:
        if self._temporary:
            from shutil import rmtree

            rmtree(self._temporary)

    def _unpack(self) -> str:
        import tempfile

        from pilothouse.sources.unpack import unpack

        if not os.path.exists(self._path):
            raise Invalid(f"unable to open tar ball {self._shown}: open {self._shown}: no such file or directory")
        self._temporary = tempfile.mkdtemp(prefix="helm-lint")
        try:
            unpack(self._path, self._temporary, helm=3)
        except PilothouseError as error:
            raise error.prefixed("unable to extract tar ball: ") from error
        (name,) = os.listdir(self._temporary)
        return os.path.join(self._temporary, name)
