"""A sandbox of its own, which ends with the test."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping

from pilothouse.library.releases import Releases
from pilothouse.progress import Event
from pilothouse.records import Record
from pilothouse.sandbox import control


class SandboxCluster(Record):
    """A running sandbox.

    Attributes:
        folder: Where all of it is kept.
    """

    folder: str

    @property
    def kubeconfig(self) -> str:
        """Path of the kubeconfig that leads to it; its second context is a user without rights."""
        return os.path.join(self.folder, "kubeconfig")

    @property
    def variables(self) -> Mapping[str, str]:
        """Environment variables with which ``kubectl``, ``helm`` and others work on it, and leave this user's be."""
        return {
            "KUBECONFIG": self.kubeconfig,
            "PILOTHOUSE_SANDBOX_HOME": self.folder,
            **{f"HELM_{kind}_HOME": os.path.join(self.folder, kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")},
        }

    def releases(
        self,
        *,
        namespace: str = "default",
        on_progress: Callable[[Event], None] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Releases:
        """Return the releases of a namespace; close them, or use them as a context.

        Args:
            namespace: The namespace.
            on_progress: Hears of each step.
            variables: More environment variables, such as ``HELM_DRIVER``.
        """
        variables = {**self.variables, **(variables or {})}
        return Releases.from_kubeconfig(
            self.kubeconfig, namespace=namespace, on_progress=on_progress, variables=variables
        )


@contextlib.contextmanager
def sandbox_cluster(folder: str | os.PathLike[str] = "") -> Iterator[SandboxCluster]:
    """Run a sandbox for the time of a block.

    Args:
        folder: Where it is kept; what is there already is there again. By default a new folder, removed in the end.

    Raises:
        Unreachable: It does not start.
        Unsupported: The packages of the extra ``server`` are not installed.
    """
    with contextlib.ExitStack() as stack:
        if folder:
            place = os.path.abspath(folder)
        else:
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="pilothouse-", ignore_cleanup_errors=True))
        control.start(place)
        stack.callback(control.stop, place)
        yield SandboxCluster(folder=place)
