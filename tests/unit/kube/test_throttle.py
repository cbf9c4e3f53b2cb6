"""Requests that are too many wait, by the clock they are given."""

from __future__ import annotations

import threading

import pytest

from pilothouse.clock import Clock, FixedClock
from pilothouse.kube.errors import ConfigInvalid
from pilothouse.kube.requests import Request
from pilothouse.kube.throttle import UNLIMITED, Throttle

GET = Request(method="GET", target="/api/v1/namespaces/n/pods/a", resource="pods", name="a")


class StoppedClock(Clock):
    """A clock on which no time passes; it keeps what was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Return always the same."""
        return 7.0

    def sleep(self, seconds: float) -> None:
        """Remember it."""
        self.slept.append(seconds)


def test_bucket() -> None:
    """A burst goes out at once, what follows at the rate, and a pause fills the bucket, but never beyond the burst."""
    clock = FixedClock(100)
    throttle = Throttle(2, 3, clock)
    seen = []
    for pause in (0, 0, 0, 0, 0, 60, 0, 0, 0):
        clock.sleep(pause)
        throttle.wait(GET)
        seen.append(clock.monotonic())
    assert seen == [100, 100, 100, 100.5, 101, 161, 161, 161, 161.5]


@pytest.mark.parametrize(("qps", "burst", "free", "rate"), [(0, 0, 10, 5), (0, 100, 100, 5), (4, 1, 1, 4)])
def test_defaults(qps: float, burst: int, free: int, rate: float) -> None:
    """What is not given is client-go's: five a second, ten at once."""
    clock = StoppedClock()
    throttle = Throttle(qps, burst, clock)
    for _ in range(free + 1):
        throttle.wait(GET)
    assert clock.slept == [1 / rate]


def test_buckets() -> None:
    """Each object has a bucket, creating it and reading it share one, and discovery has a larger one."""
    clock = StoppedClock()
    throttle = Throttle(1, 1, clock)
    throttle.wait(GET)
    throttle.wait(GET.replace(target="/api/v1/namespaces/n/pods/b", name="b"))
    throttle.wait(Request(method="GET", target="/version"))
    assert clock.slept == []
    throttle.wait(GET.replace(method="POST", target="/api/v1/namespaces/n/pods?fieldManager=helm"))
    throttle.wait(Request(method="GET", target="/apis"))
    assert clock.slept == [1, 1]
    wide = Throttle(0, 100, clock)
    for number in range(300):
        wide.wait(Request(method="GET", target=f"/apis/{number}"))
    assert clock.slept == [1, 1]


def test_no_limit() -> None:
    """A negative rate holds nothing back."""
    clock = StoppedClock()
    throttle = Throttle(UNLIMITED, -1, clock)
    for _ in range(1000):
        throttle.wait(GET)
    assert clock.slept == []


def test_threads() -> None:
    """Threads share the bucket: each gets a turn of its own."""
    clock = StoppedClock()
    throttle = Throttle(1, 2, clock)
    threads = [threading.Thread(target=throttle.wait, args=(GET,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(clock.slept) == list(range(1, 19))


@pytest.mark.parametrize(
    ("qps", "burst", "text"),
    [
        (1, 0, "burst is required to be greater than 0 when RateLimiter is not set"),
        (1, -1, "burst is required to be greater than 0 when RateLimiter is not set"),
        (0, -1, r"client rate limiter Wait returned an error: rate: Wait\(n=1\) exceeds limiter's burst -1$"),
    ],
)
def test_impossible(qps: float, burst: int, text: str) -> None:
    """Limits under which nothing could ever go out are refused in Helm's words."""
    with pytest.raises(ConfigInvalid, match=text):
        Throttle(qps, burst, Clock())
