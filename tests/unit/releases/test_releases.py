"""Names, labels, times and hooks of releases follow Helm's rules."""

from __future__ import annotations

import time

import pytest

from pilothouse.clock import FixedClock
from pilothouse.releases.errors import LabelsInvalid, NameInvalid, PruneFailed
from pilothouse.releases.history import merged_labels, remove_all, surplus, too_old
from pilothouse.releases.hooks import BEFORE_HOOK_CREATION, HOOK_SUCCEEDED, delete_policies, hooks_for, is_deleted_at
from pilothouse.releases.labels import check_labels
from pilothouse.releases.names import check_name, is_valid_name
from pilothouse.releases.release import Hook, Release
from pilothouse.releases.store import RecordSummary
from pilothouse.releases.times import format_time, parse_time, timestamp
from pilothouse.storage.memory import MemoryStore


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("a", True),
        ("a.b-c.9", True),
        ("a" * 53, True),
        ("a" * 54, False),
        ("", False),
        ("A", False),
        ("a.", False),
        ("-a", False),
        ("a..b", False),
        ("a_b", False),
        ("a\n", False),
    ],
)
def test_names(name: str, *, valid: bool) -> None:
    """A name is a DNS subdomain of 53 characters at most."""
    assert is_valid_name(name) == valid


def test_bad_names_are_told_with_the_rule() -> None:
    """Who chooses a name learns which ones there are."""
    with pytest.raises(NameInvalid) as caught:
        check_name("A")
    assert caught.value.message == (
        'release name "A": invalid release name, must match regex '
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
    )


def test_labels() -> None:
    """Helm's own labels cannot be set; the value null takes a label away."""
    check_labels({"team": "a"})
    with pytest.raises(LabelsInvalid) as caught:
        check_labels({"owner": "me"})
    assert caught.value.message == (
        "user supplied labels contains system reserved label name. "
        "System labels: [name owner status version createdAt modifiedAt]"
    )
    assert merged_labels({"a": "1", "b": "2", "modifiedAt": "3"}, {"b": "null", "c": "4"}) == {"a": "1", "c": "4"}


@pytest.mark.parametrize(
    ("nanoseconds", "zone", "text"),
    [
        (1_700_000_000_000_000_000, "UTC", "2023-11-14T22:13:20Z"),
        (1_700_000_000_123_450_000, "UTC", "2023-11-14T22:13:20.12345Z"),
        (1_700_000_000_000_000_001, "Asia/Kolkata", "2023-11-15T03:43:20.000000001+05:30"),
        (1_700_000_000_000_000_000, "America/St_Johns", "2023-11-14T18:43:20-03:30"),
        (951_782_400_000_000_000, "UTC", "2000-02-29T00:00:00Z"),
    ],
)
def test_times(monkeypatch: pytest.MonkeyPatch, nanoseconds: int, zone: str, text: str) -> None:
    """Times are written in the local zone as Go writes them, and read back exactly."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert format_time(nanoseconds) == text
        assert parse_time(text) == nanoseconds
        assert parse_time(format_time(nanoseconds, utc=True)) == nanoseconds
    finally:
        monkeypatch.undo()
        time.tzset()
    assert timestamp(FixedClock(0)).startswith(("1970-01-01T", "1969-12-31T"))
    assert parse_time("") == parse_time("yesterday, I think it was") == 0


def summary(revision: int, status: str) -> RecordSummary:
    """Return a summary."""
    return RecordSummary(name="web", namespace="ns", revision=revision, status=status)


def test_too_old() -> None:
    """The oldest go first, the newest deployed one never, and an older deployed one may."""
    revisions = [summary(2, "deployed"), summary(1, "deployed"), summary(3, "failed"), summary(4, "failed")]
    assert [found.revision for found in too_old(revisions, 2)] == [1, 3]
    assert [found.revision for found in too_old(revisions, 0)] == [1, 3, 4]
    assert too_old(revisions, 4) == []


def test_failed_pruning() -> None:
    """Several revisions that cannot be removed are one error that counts them."""

    class Stubborn(MemoryStore):
        def delete(self, name: str, revision: int) -> Release:
            raise LabelsInvalid(f"cannot delete {name} {revision}")

    store = Stubborn("ns", [Release(name="web", namespace="ns", revision=revision) for revision in (1, 2, 3)])
    with pytest.raises(PruneFailed, match=r"^encountered 2 deletion errors. First is: cannot delete web 1$"):
        remove_all(store, surplus(store, "web", 2))
    with pytest.raises(LabelsInvalid, match=r"^cannot delete web 1$"):
        remove_all(store, surplus(store, "web", 3))


def hook(name: str, weight: int = 0, *, kind: str = "Job", policies: tuple[str, ...] = ()) -> Hook:
    """Return a hook."""
    return Hook(
        name=name, kind=kind, path="p", manifest="", events=("pre-install",), weight=weight, delete_policies=policies
    )


def test_hooks() -> None:
    """Hooks run by weight, then name; without a policy they go before the next run; definitions stay."""
    hooks = [hook("b"), hook("a"), hook("z", -5), hook("c").replace(events=("test",))]
    assert [found.name for found in hooks_for(hooks, "pre-install")] == ["z", "a", "b"]
    assert delete_policies(hook("a")) == (BEFORE_HOOK_CREATION,)
    assert is_deleted_at(hook("a", policies=(HOOK_SUCCEEDED,)), HOOK_SUCCEEDED)
    assert not is_deleted_at(hook("a", policies=(HOOK_SUCCEEDED,)), BEFORE_HOOK_CREATION)
    assert not is_deleted_at(hook("a", kind="CustomResourceDefinition"), BEFORE_HOOK_CREATION)
