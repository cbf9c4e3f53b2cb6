"""How many requests a second may go out: the token buckets of client-go's ``util/flowcontrol``."""

from __future__ import annotations

import _thread

from pilothouse.kube.errors import ConfigInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.kube.requests import Request

UNLIMITED = -1.0
_DEFAULT_QPS = 5.0
_DEFAULT_BURST = 10
_HELM_BURST = 100
_DISCOVERY_BURST = 300
_DISCOVERY = ""


class Throttle:
    """Lets requests through at a rate, one bucket for each client that Helm has; any number of threads may ask.

    Helm makes a client for every object (``resource.Builder``) and another for discovery, each with a bucket of its
    own. A bucket begins full.

    Args:
        qps: Requests a second that fill a bucket up, 0 for client-go's default, less for no limit.
        burst: Requests that a bucket holds, 0 for client-go's default.
        clock: Waits.

    Raises:
        ConfigInvalid: No request could ever go out (``kubernetes.NewForConfigAndClient``, ``rate.Limiter.Wait``).
    """

    def __init__(self, qps: float, burst: int, clock: Clock) -> None:
        if qps > 0 and burst <= 0:
            raise ConfigInvalid(
                "burst is required to be greater than 0 when RateLimiter is not set and QPS is set to greater than 0",
                hints=("Set --burst-limit (HELM_BURST_LIMIT) to 1 or more",),
            )
        if qps == 0 and burst < 0:
            raise ConfigInvalid(
                f"client rate limiter Wait returned an error: rate: Wait(n=1) exceeds limiter's burst {burst}",
                hints=("Set --qps (HELM_QPS) to -1 for no limit",),
            )
        self._qps = qps or _DEFAULT_QPS
        self._burst = burst or _DEFAULT_BURST
        self._clock = clock
        self._lock = _thread.allocate_lock()  # importing threading would cost start-up
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, request: Request) -> None:
        """Wait until the request may go out."""
        if self._qps < 0:
            return
        name = _bucket_of(request)
        with self._lock:
            seconds = self._taken(name)
        if seconds > 0:
            self._clock.sleep(seconds)

    def _taken(self, name: str) -> float:
        """Take a token, lent where there is none, and return the seconds until it is there (``rate.reserveN``)."""
        # EnvSettings.WithDiscoveryBurst: only a limit that is not Helm's own reaches discovery
        burst = _DISCOVERY_BURST if name == _DISCOVERY and self._burst == _HELM_BURST else self._burst
        now = self._clock.monotonic()
        tokens, since = self._buckets.get(name, (float(burst), now))
        tokens = min(float(burst), tokens + (now - since) * self._qps) - 1
        self._buckets[name] = (tokens, now)
        return -tokens / self._qps


def _bucket_of(request: Request) -> str:
    """Return the object that a request is about, its collection, or nothing for discovery."""
    if not request.resource:
        return _DISCOVERY
    path = request.target.partition("?")[0]
    return f"{path}/{request.name}" if request.method == "POST" else path
