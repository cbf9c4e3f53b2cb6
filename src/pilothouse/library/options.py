"""What the methods of releases take by name: the flags of the commands, with ``_`` for ``-``.

Only type checkers read this; at run time the names are those of the actions' options.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal, TypedDict

    from pilothouse.progress import Event
    from pilothouse.render.postrender import PostRenderer

    #: ``False``, ``True``, or how to wait.
    Wait = bool | Literal["watcher", "legacy", "hookOnly"]

    class FetchOptions(TypedDict, total=False):
        """How a chart is fetched; ``verify`` checks its provenance with the keys of ``keyring``."""

        username: str
        password: str
        pass_credentials: bool
        cert_file: str
        key_file: str
        ca_file: str
        insecure_skip_tls_verify: bool
        plain_http: bool
        verify: bool
        keyring: str

    class ConnectionOptions(TypedDict, total=False):
        """How the API server is reached in place of what the kubeconfig says; ``as_user`` is ``--kube-as-user``."""

        server: str
        token: str
        as_user: str
        as_groups: tuple[str, ...]
        ca_file: str
        insecure: bool
        tls_server_name: str
        qps: float
        burst: int

    class ChangeOptions(TypedDict, total=False):
        """What every change of a release takes, named as the commands' flags are.

        ``dry_run`` is ``none``, ``client`` or ``server``.
        """

        dry_run: str
        wait_for_jobs: bool
        no_hooks: bool
        description: str
        force_replace: bool
        force_conflicts: bool

    class ChartOptions(ChangeOptions, total=False):
        """What changes with a chart take as well; ``labels`` are those of the record."""

        hide_secret: bool
        skip_schema_validation: bool
        disable_openapi_validation: bool
        render_subchart_notes: bool
        enable_dns: bool
        labels: Mapping[str, str]
        take_ownership: bool
        post_renderer: PostRenderer | None

    class InstallOptions(ChartOptions, total=False):
        """What only an installation takes; ``reuse_name`` is ``--replace``."""

        reuse_name: bool
        skip_crds: bool
        server_side: bool

    class UpgradeOptions(ChartOptions, total=False):
        """What only an upgrade takes; ``server_side`` is ``true``, ``false`` or ``auto``."""

        cleanup_on_fail: bool
        reset_values: bool
        reset_then_reuse_values: bool
        history_max: int
        server_side: str

    class RollbackOptions(ChangeOptions, total=False):
        """What only a rollback takes; ``server_side`` as for an upgrade."""

        cleanup_on_fail: bool
        history_max: int
        server_side: str
        recreate_pods: bool

    class UninstallOptions(TypedDict, total=False):
        """How to remove; ``cascade`` is ``background``, ``foreground`` or ``orphan``."""

        dry_run: bool
        ignore_not_found: bool
        no_hooks: bool
        description: str
        cascade: str

    class TillerOptions(TypedDict, total=False):
        """Where a Tiller runs and how it is spoken to.

        ``tiller_namespace`` is that of its pod. ``tls`` is whether certificates are used, which are in the folder
        ``home`` (``HELM_HOME``); without it they are where ``helm init`` made them. ``timeout`` is how many seconds
        the Tiller may take to be reached.
        """

        tiller_namespace: str
        tls: bool | None
        home: str
        timeout: float
        sandbox: bool
        variables: Mapping[str, str] | None
        on_progress: Callable[[Event], None] | None

    class TillerChangeOptions(TypedDict, total=False):
        """What every change of a Tiller's release takes, named as the flags of Helm 2."""

        wait: bool
        timeout: int
        no_hooks: bool
        dry_run: bool
        description: str

    class TillerUpgradeOptions(TillerChangeOptions, total=False):
        """What only an upgrade takes; ``atomic`` rolls back an upgrade that failed."""

        force: bool
        recreate_pods: bool
        cleanup_on_fail: bool
        reset_values: bool
        reuse_values: bool

    class TillerRollbackOptions(TillerChangeOptions, total=False):
        """What only a rollback takes."""

        force: bool
        recreate_pods: bool
        cleanup_on_fail: bool
