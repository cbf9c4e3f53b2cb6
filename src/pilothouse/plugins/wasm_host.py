"""What a WebAssembly plugin may ask of its host: configuration, variables, HTTP to allowed hosts, logging.

Names and rules are those of Extism's SDK for Go, whose behaviour is Helm's.
"""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.formats import json_text
from pilothouse.formats.errors import JsonError
from pilothouse.golang.globs import compile_glob
from pilothouse.golang.urls import UrlSyntaxError, parse
from pilothouse.plugins.extism_kernel import MODULE
from pilothouse.transport.client import HttpClient, HttpRequest
from pilothouse.transport.errors import TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plugins.manifest import WasmConfig
    from pilothouse.transport.client import HttpResponse

#: What Go's ``unsafe.Sizeof`` says of the headers of a name and a value, which count as well.
_OVERHEAD = 40
_REDIRECTS = 10
_NO_LOGGING = 0x7FFFFFFF


class HostFault(Exception):
    """A host function refused; the text is what Helm says."""


class Host:
    """The host functions of one call of a plugin.

    Args:
        config: What the manifest allows.
        variables: The environment, for proxies.
        blocks: Reads and makes blocks of the memory that is shared.
    """

    def __init__(self, config: WasmConfig, variables: Mapping[str, str], blocks: Blocks) -> None:
        self._config = config
        self._client = HttpClient(variables)
        self._blocks = blocks
        self._stored: dict[bytes, bytes] = {}
        self._status = 0
        self._headers: dict[str, YamlValue] = {}
        self.fault: HostFault | None = None

    def functions(self) -> dict[str, tuple[Callable[..., int | None], str, str]]:
        """Return each function with the types of its parameters and of its result, a letter for each type."""
        logs = {f"log_{level}": (self._blocks.free, "L", "") for level in ("trace", "debug", "info", "warn", "error")}
        return {
            "config_get": (self.config_get, "L", "L"),
            "var_get": (self.var_get, "L", "L"),
            "var_set": (self.var_set, "LL", ""),
            "http_request": (self.http_request, "LL", "L"),
            "http_status_code": (lambda: self._status, "", "I"),
            "http_headers": (self.http_headers, "", "L"),
            "get_log_level": (lambda: _NO_LOGGING, "", "I"),
            **logs,
        }

    def config_get(self, name: int) -> int:
        """Return the value of a key of the manifest, 0 when there is none."""
        value = self._config.config.get(self._blocks.read(name).decode("utf-8", "replace"))
        return 0 if value is None else self._blocks.write(value.encode())

    def var_get(self, name: int) -> int:
        """Return a variable, 0 when there is none."""
        value = self._stored.get(self._blocks.take(name))
        return 0 if value is None else self._blocks.write(value)

    def var_set(self, name: int, value: int) -> None:
        """Set a variable, or remove it."""
        if self._config.variable_bytes == 0:
            raise HostFault("Vars are disabled by this host")
        key = self._blocks.take(name)
        if value == 0:
            self._stored.pop(key, None)
            return
        content = self._blocks.take(value)
        size = _OVERHEAD + len(key) + len(content)
        size += sum(len(stored) + len(kept) + _OVERHEAD for stored, kept in self._stored.items())
        if size >= self._config.variable_bytes:
            raise HostFault("Variable store is full")
        self._stored[key] = content

    def http_request(self, request: int, body: int) -> int:
        """Send a request to a host that the manifest allows and return its content; redirects must be allowed, too."""
        self._status, self._headers = 0, {}
        described = self._described(self._blocks.take(request))
        url, method = str(described.get("url") or ""), str(described.get("method") or "GET").upper()
        headers = described.get("headers")
        content = self._blocks.take(body) if body else None
        sent = {str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
        sent.setdefault("User-Agent", "Go-http-client/1.1")
        try:
            response = self._sent(HttpRequest(url=url, method=method, headers=sent, body=content, follow=False))
            self._status = response.status
            self._headers = dict(sorted(response.headers.items()))
            received = response.read(self._config.response_bytes)
        except TooLarge:
            raise HostFault("http: request body too large") from None
        except PilothouseError as error:
            raise HostFault(error.message) from error
        return self._blocks.write(received)

    def _sent(self, request: HttpRequest) -> HttpResponse:
        from urllib.parse import urljoin

        url = request.url
        for _ in range(_REDIRECTS + 1):
            self._check_host(url)
            response = self._client.send(request.replace(url=url))
            target = response.headers.get("location", "")
            if request.method not in ("GET", "HEAD") or not target or response.status not in (301, 302, 303, 307, 308):
                return response
            response.close()
            url = urljoin(url, target)
        raise HostFault(f'Get "{url}": stopped after {_REDIRECTS} redirects')

    @staticmethod
    def _described(text: bytes) -> dict[str, YamlValue]:
        try:
            value = json_text.decode(text)
        except JsonError as error:
            raise HostFault(f"invalid http request: {error.message}") from error
        return value if isinstance(value, dict) else {}

    def _check_host(self, url: str) -> None:
        try:
            host = parse(url).hostname
        except UrlSyntaxError as error:
            raise HostFault(f"invalid url: {error}") from error
        if not any(allowed == host or compile_glob(allowed).match(host) for allowed in self._config.allowed_hosts):
            raise HostFault(f"HTTP request to '{url}' is not allowed")

    def http_headers(self) -> int:
        """Return the headers of the last answer as JSON."""
        return self._blocks.write(json_text.encode(self._headers).encode())


class Blocks:
    """Blocks of the memory that host and guest share.

    Args:
        store: The store that the memory lives in.
        kernel: The exports of the module that keeps it.
    """

    def __init__(self, store: Any, kernel: Any) -> None:
        self._store = store
        self._kernel = kernel

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the kernel."""
        result = self._kernel[name](self._store, *arguments)
        return result if isinstance(result, int) else 0

    def at(self, offset: int, size: int) -> bytes:
        """Return what lies somewhere; nothing when that is outside."""
        memory = self._kernel["memory"]
        if not 0 <= offset <= offset + size <= memory.data_len(self._store):
            return b""
        return bytes(memory.read(self._store, offset, offset + size))

    def read(self, offset: int) -> bytes:
        """Return a block's content."""
        return self.at(offset, self.call("length", offset))

    def take(self, offset: int) -> bytes:
        """Return a block's content and give it back."""
        content = self.read(offset)
        self.free(offset)
        return content

    def free(self, offset: int) -> None:
        """Give a block back."""
        self.call("free", offset)

    def write(self, content: bytes) -> int:
        """Return a new block with some content, 0 for nothing.

        Raises:
            HostFault: There is no memory left.
        """
        if not content:
            return 0
        offset = self.call("alloc", len(content))
        if not offset:
            raise HostFault("failed to write to memory")
        self._kernel["memory"].write(self._store, content, offset)
        return offset


def define(linker: Any, store: Any, host: Host, kernel: Any) -> None:
    """Give a guest the kernel's functions and the host's.

    A refusal of the host ends the guest at once; ``Host.fault`` says why.
    """
    import wasmtime

    types = {"L": wasmtime.ValType.i64, "I": wasmtime.ValType.i32}
    for name in kernel.keys():  # noqa: SIM118 - not a mapping
        if name != "memory":
            linker.define(store, MODULE, name, kernel[name])

    def guarded(function: Callable[..., int | None]) -> Callable[..., int | None]:
        def call(*arguments: int) -> int | None:
            try:
                return function(*arguments)
            except HostFault as fault:
                host.fault = fault
                raise

        return call

    for name, (function, parameters, results) in host.functions().items():
        kind = wasmtime.FuncType([types[letter]() for letter in parameters], [types[letter]() for letter in results])
        linker.define(store, MODULE, name, wasmtime.Func(store, kind, guarded(function)))
