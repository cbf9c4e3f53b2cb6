"""Credential plugins: ``users[].user.exec`` of a kubeconfig, client-go's ``plugin/pkg/client/auth/exec``."""

from __future__ import annotations

import json
import os
import sys

from pilothouse.clock import Clock
from pilothouse.errors import reason_of
from pilothouse.kube.credentials import Credentials
from pilothouse.kube.errors import ConfigInvalid, CredentialsFailed
from pilothouse.kube.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_CLUSTER_KEYS = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
_EXTENSION = "client.authentication.k8s.io/exec"
_HELP = """

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"""


class PluginCredentials(Credentials):
    """What a credential plugin prints; it runs again when that expired or the server refused it.

    Args:
        plugin: The ``exec`` entry of the kubeconfig.
        cluster: The cluster's entry, which the plugin is told when it asks for it.
        environment: The process's environment, which the plugin inherits.
        clock: Tells whether credentials expired.
    """

    def __init__(
        self,
        plugin: Mapping[str, YamlValue],
        cluster: Mapping[str, YamlValue],
        environment: Environment,
        clock: Clock | None = None,
    ) -> None:
        self._plugin = plugin
        self._cluster = cluster
        self._environment = environment
        self._clock = clock or Clock()
        self._version = str(plugin.get("apiVersion") or "")
        self._command = os.path.normpath(str(plugin.get("command") or ""))
        self._token = ""
        self._pair: tuple[bytes, bytes] | None = None
        self._expires: float | None = None
        self._is_known = False
        if self._version not in _VERSIONS:
            raise ConfigInvalid(f'exec plugin: invalid apiVersion "{self._version}"')

    def headers(self) -> dict[str, str]:
        """Return the header of the plugin's token."""
        self._renew()
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def certificate(self) -> tuple[bytes, bytes] | None:
        """Return the plugin's certificate and key."""
        self._renew()
        return self._pair

    def rejected(self) -> bool:
        """Run the plugin again at the next request."""
        self._is_known = False
        return True

    def _renew(self) -> None:
        if self._is_known and (self._expires is None or self._clock.now() < self._expires):
            return
        self._take(self._run())
        self._is_known = True

    def _run(self) -> bytes:
        import subprocess

        interactive = self._is_interactive()
        command = [self._command, *(str(argument) for argument in self._plugin.get("args") or ())]
        try:
            done = subprocess.run(  # noqa: S603 - the user's kubeconfig names the program
                command,
                env=self._variables(interactive=interactive),
                stdin=None if interactive else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                check=False,
            )
        except FileNotFoundError as error:
            hint = str(self._plugin.get("installHint") or "")
            text = f"exec: executable {self._command} not found{_HELP}" + (f"\n\n{hint}" if hint else "")
            raise CredentialsFailed(text) from error
        except OSError as error:
            raise CredentialsFailed(f"exec: fork/exec {self._command}: {reason_of(error)}") from error
        if done.returncode:
            raise CredentialsFailed(f"exec: executable {self._command} failed with exit code {done.returncode}")
        return done.stdout

    def _is_interactive(self) -> bool:
        """Return whether the plugin may talk to the user (``exec.isInteractive``)."""
        mode = self._plugin.get("interactiveMode") or "IfAvailable"
        terminal = sys.stdin is not None and sys.stdin.isatty()
        if mode == "Never":
            return False
        if mode == "Always" and not terminal:
            raise CredentialsFailed("exec plugin cannot support interactive mode: standard input is not a terminal")
        return terminal

    def _variables(self, *, interactive: bool) -> dict[str, str]:
        variables = dict(self._environment.variables)
        for entry in self._plugin.get("env") or ():
            variables[str(entry["name"])] = str(entry.get("value") or "")
        spec: dict[str, YamlValue] = {"interactive": interactive}
        if self._plugin.get("provideClusterInfo"):
            spec["cluster"] = self._cluster_info()
        info = {"kind": "ExecCredential", "apiVersion": self._version, "spec": spec}
        variables["KUBERNETES_EXEC_INFO"] = json.dumps(info, separators=(",", ":"))
        return variables

    def _cluster_info(self) -> dict[str, YamlValue]:
        info = {key: self._cluster[key] for key in _CLUSTER_KEYS if self._cluster.get(key)}
        path = self._cluster.get("certificate-authority")
        if path and "certificate-authority-data" not in info:
            import base64

            with open(str(path), "rb") as file:
                info["certificate-authority-data"] = base64.b64encode(file.read()).decode("ascii")
        for extension in self._cluster.get("extensions") or ():
            if extension.get("name") == _EXTENSION:
                info["config"] = extension.get("extension")
        return info

    def _take(self, output: bytes) -> None:
        """Understand what the plugin printed (``Authenticator.refreshCredsLocked``)."""
        try:
            credential = json.loads(output)
            version, kind = credential["apiVersion"], credential["kind"]
        except (ValueError, KeyError, TypeError) as error:
            raise CredentialsFailed(f"decoding stdout: couldn't get version/kind; json parse error: {error}") from error
        if version != self._version or kind != "ExecCredential":
            text = f"exec plugin is configured to use API version {self._version}, plugin returned version {version}"
            raise CredentialsFailed(text)
        status = credential.get("status")
        if status is None:
            raise CredentialsFailed("exec plugin didn't return a status field")
        if not isinstance(status, dict):
            raise CredentialsFailed("decoding stdout: the status is no JSON object")
        token = str(status.get("token") or "")
        certificate, key = (str(status.get(name) or "") for name in ("clientCertificateData", "clientKeyData"))
        if not (token or certificate or key):
            raise CredentialsFailed("exec plugin didn't return a token or cert/key pair")
        if bool(certificate) != bool(key):
            raise CredentialsFailed("exec plugin returned only certificate or key, not both")
        self._token = token
        self._pair = (certificate.encode(), key.encode()) if certificate else None
        expiry = status.get("expirationTimestamp")
        self._expires = seconds_of(str(expiry)) if expiry else None
