"""What sprig functions need from outside: time, chance, names, a zone and the Helm whose results are wanted."""

from __future__ import annotations

from pilothouse.clock import Clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST_TRIES = 128


class Settings:
    """The surroundings of one set of functions.

    Args:
        clock: Tells the time for ``now``, ``ago`` and certificates.
        entropy: Returns so many random bytes.
        resolve_host: Returns the addresses of a host; without it ``getHostByName`` returns nothing.
        local_zone: Name of the local time zone; empty for UTC.
        helm: Major version of the Helm whose texts and results are wanted where versions differ.
    """

    __slots__ = ("clock", "entropy", "helm", "local_zone", "resolve_host", "started")

    def __init__(
        self,
        *,
        clock: Clock,
        entropy: Callable[[int], bytes],
        resolve_host: Callable[[str], Sequence[str]] | None,
        local_zone: str,
        helm: int,
    ) -> None:
        self.clock = clock
        self.entropy = entropy
        self.resolve_host = resolve_host
        self.local_zone = local_zone
        self.helm = helm
        self.started = clock.monotonic()

    @property
    def go(self) -> str:
        """Version of Go that the Helm is built with."""
        return "1.22" if self.helm < 4 else "1.27"

    def random_below(self, limit: int) -> int:
        """Return a random number from 0 up to, but without, ``limit``."""
        size = (limit.bit_length() + 7) // 8
        mask = (1 << limit.bit_length()) - 1
        number = limit
        for _ in range(_MOST_TRIES):
            number = int.from_bytes(self.entropy(size), "big") & mask
            if number < limit:
                break
        # Only entropy that is none at all is refused so often.
        return number % limit
