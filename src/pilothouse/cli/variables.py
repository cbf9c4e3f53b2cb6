"""What Helm settled from flags, environment and defaults, as variables: for ``helm env`` and for plugins."""

from __future__ import annotations

from pilothouse.cli.settings import max_history, plugins_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session


def variables(session: Session, *, namespace: str) -> dict[str, str]:
    """Return what ``helm env`` prints, by name (``EnvSettings.EnvVars``)."""
    settings, environment = session.settings, session.environment
    found = {
        "HELM_BIN": environment.arguments[0] if environment.arguments else "",
        "HELM_CACHE_HOME": environment.cache_home,
        "HELM_CONFIG_HOME": environment.config_home,
        "HELM_DATA_HOME": environment.data_home,
        "HELM_DEBUG": _boolean(settings.debug),
        "HELM_PLUGINS": plugins_directory(environment),
        "HELM_REGISTRY_CONFIG": settings.registry_config,
        "HELM_REPOSITORY_CACHE": settings.repository_cache,
        "HELM_REPOSITORY_CONFIG": settings.repository_config,
        "HELM_NAMESPACE": namespace,
        "HELM_MAX_HISTORY": str(max_history(environment)),
        "HELM_BURST_LIMIT": str(settings.burst_limit),
        "HELM_QPS": f"{settings.qps:.2f}",
        "HELM_KUBECONTEXT": settings.kube_context,
        "HELM_KUBETOKEN": settings.kube_token,
        "HELM_KUBEASUSER": settings.kube_as_user,
        "HELM_KUBEASGROUPS": ",".join(settings.kube_as_groups),
        "HELM_KUBEAPISERVER": settings.kube_apiserver,
        "HELM_KUBECAFILE": settings.kube_ca_file,
        "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": _boolean(settings.kube_insecure_skip_tls_verify),
        "HELM_KUBETLS_SERVER_NAME": settings.kube_tls_server_name,
    }
    if session.generation != 3:
        found["HELM_CONTENT_CACHE"] = settings.content_cache
    kubeconfig = settings.kubeconfig
    if kubeconfig:
        found["KUBECONFIG"] = kubeconfig
    return found


def helm2_variables(session: Session) -> dict[str, str]:
    """Return what Helm 2 tells its plugins, by name (``plugin.SetupPluginEnv``)."""
    settings, environment = session.settings, session.environment
    home = settings.home
    found = {
        "HELM_BIN": environment.arguments[0] if environment.arguments else "",
        "HELM_PLUGIN": plugins_directory(environment),
        "HELM_HOME": home,
        "HELM_PATH_REPOSITORY": f"{home}/repository",
        "HELM_PATH_REPOSITORY_FILE": settings.repository_config,
        "HELM_PATH_CACHE": settings.repository_cache,
        "HELM_PATH_LOCAL_REPOSITORY": f"{home}/repository/local",
        "HELM_PATH_STARTER": f"{home}/starters",
        "TILLER_HOST": settings.host,
        "TILLER_NAMESPACE": settings.tiller_namespace,
    }
    return {**found, "HELM_DEBUG": "1"} if settings.debug else found


def _boolean(value: bool) -> str:  # noqa: FBT001 - the only argument of a formatter
    return "true" if value else "false"
