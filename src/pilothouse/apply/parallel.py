"""Doing independent requests at the same time."""

from __future__ import annotations

import threading

from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

#: Requests in flight at once; the server's own limits are far above.
WORKERS = 8


def run_all(items: Sequence[Item], work: Callable[[Item], Result]) -> list[Result | PilothouseError]:
    """Return for each item what ``work`` returned or the error that it raised, in order.

    Args:
        items: What is worked on.
        work: Called once for each item, from several threads; errors other than ``PilothouseError`` are raised here
            after all work has ended.
    """
    results: list[Result | PilothouseError] = [PilothouseError("not done")] * len(items)
    unexpected: list[BaseException] = []
    pending = iter(range(len(items)))
    lock = threading.Lock()

    def worker() -> None:
        while True:
            with lock:
                index = next(pending, None)
            if index is None or unexpected:
                return
            try:
                results[index] = work(items[index])
            except PilothouseError as error:
                results[index] = error
            except BaseException as error:  # noqa: BLE001 - raised again by the caller's thread
                unexpected.append(error)

    if len(items) == 1:
        worker()
    else:
        threads = [threading.Thread(target=worker, daemon=True) for _ in range(min(WORKERS, len(items)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if unexpected:
        raise unexpected[0]
    return results


def batches_by_kind(items: Iterable[Item], kind_of: Callable[[Item], str]) -> list[list[Item]]:
    """Return the items cut wherever the kind changes: one batch is done at once (``kube.batchPerform``)."""
    batches: list[list[Item]] = []
    last = None
    for item in items:
        kind = kind_of(item)
        if not batches or kind != last:
            batches.append([])
            last = kind
        batches[-1].append(item)
    return batches
