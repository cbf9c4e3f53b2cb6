"""What plugins in WebAssembly are asked and what they answer, by their kind (``internal/plugin/schema``)."""

from __future__ import annotations

from pilothouse.golang.quoting import quote
from pilothouse.plugins.errors import PluginFailed
from pilothouse.plugins.wasm import Given, invoke

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plugins.discovery import Plugin
    from pilothouse.transport.access import Access

_ANSWER = "failed to json marshal plugin output message: reflect.Value: json: cannot unmarshal"
_GO_KINDS = {str: "string", bool: "bool", list: "array", dict: "object"}


def run_command(plugin: Plugin, arguments: Sequence[str], variables: Mapping[str, str]) -> None:
    """Run a command with the streams of this process; what it answers has no meaning, but its form is checked.

    Raises:
        PluginFailed: It fails.
    """
    extra: list[YamlValue] = [] if plugin.manifest.ignore_flags else list(arguments)
    given = Given(message={"extraArgs": extra}, environment=variables, streams=True, surroundings=variables)
    _field(invoke(plugin, given), "data", "OutputMessageCLIV1", "bytes.Buffer")


def run_getter(plugin: Plugin, url: str, access: Access, variables: Mapping[str, str]) -> bytes:
    """Return what a plugin fetches; of the environment it sees Helm's own variables.

    Raises:
        PluginFailed: It fails, or answers something else than bytes.
    """
    import base64

    options: dict[str, YamlValue] = {
        "URL": url,
        "CertFile": access.cert_file,
        "KeyFile": access.key_file,
        "CAFile": access.ca_file,
        "UNTar": False,
        "InsecureSkipVerifyTLS": access.insecure,
        "PlainHTTP": access.plain_http,
        "AcceptHeader": access.accept,
        "Username": access.username,
        "Password": access.password,
        "PassCredentialsAll": access.pass_credentials,
        "UserAgent": "",
        "Version": "",
        "Timeout": 0,
    }
    scheme = url.partition(":")[0].lower()
    own = {name: value for name, value in variables.items() if name.startswith("HELM_")}
    message: dict[str, YamlValue] = {"href": url, "protocol": scheme, "options": options}
    try:
        answer = invoke(plugin, Given(message=message, environment=own, surroundings=variables))
        data = answer.get("data") if isinstance(answer, dict) else None
        return base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except PluginFailed as error:
        error.exit_code = 1
        raise error.prefixed(f"plugin {quote(plugin.name)} failed to invoke: ") from error
    except ValueError as error:
        start = f"plugin {quote(plugin.name)} failed to invoke: failed to json marshal plugin output message"
        raise PluginFailed(f"{start}: reflect.Value: {error}") from error


def run_post_renderer(plugin: Plugin, arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """Ask a post-renderer, as Helm does: manifests are a ``bytes.Buffer``, which JSON writes as an empty object.

    So no manifest reaches the plugin and none comes back, whatever it does.

    Raises:
        PluginFailed: Always.
    """
    try:
        message: dict[str, YamlValue] = {"manifests": {}, "extraArgs": list(arguments)}
        answer = invoke(plugin, Given(message=message, surroundings=variables))
        _field(answer, "manifests", "OutputMessagePostRendererV1", "bytes.Buffer")
    except PluginFailed as error:
        error.exit_code = 1
        raise error.prefixed(f"failed to invoke post-renderer plugin {quote(plugin.name)}: ") from error
    raise PluginFailed(f"post-renderer {quote(plugin.name)} produced empty output")


def _field(answer: YamlValue, name: str, owner: str, kind: str) -> None:
    """Refuse an answer that Go could not decode."""
    value = answer.get(name) if isinstance(answer, dict) else None
    if value is not None and not isinstance(value, dict):
        raise PluginFailed(f"{_ANSWER} {_kind(value)} into Go struct field {owner}.{name} of type {kind}")
    if answer is not None and not isinstance(answer, dict):
        raise PluginFailed(f"{_ANSWER} {_kind(answer)} into Go value of type schema.{owner}")


def _kind(value: YamlValue) -> str:
    return next((name for kind, name in _GO_KINDS.items() if isinstance(value, kind)), "number")
