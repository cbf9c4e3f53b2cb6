"""Time zones as Go's ``time.Location``: UTC, a fixed offset, or rules from the time zone database."""

from __future__ import annotations

from pilothouse.golang.kinds import Int64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo


class NilLocation:
    """The pointer to no location that a time in UTC holds."""

    __slots__ = ()
    go_type = "*time.Location"
    go_kind = "ptr"
    go_nil = True


NIL_POINTER = NilLocation()
_CYCLE = 146_097 * 86_400  # seconds in 400 years, after which the calendar repeats
_FIRST = -62_135_596_800 + 86_400 * 366  # the second year there is
_LAST = 253_402_300_800 - 86_400 * 366  # the last year but one that datetime knows


class Zone:
    """A zone with one offset and one abbreviation.

    Args:
        name: How the location is called.
        abbreviation: What is printed for a time in it.
        offset: Seconds east of UTC.
    """

    __slots__ = ("_abbreviation", "_offset", "is_local", "name")

    go_type = "*time.Location"
    go_kind = "ptr"
    go_printed = {
        "name": "name",
        "zone": "_none",
        "tx": "_none",
        "extend": "_extend",
        "cacheStart": "_cached",
        "cacheEnd": "_cached",
        "cacheZone": "_cached_zone",
    }
    # What the local zone holds where it is UTC.
    _none, _extend, _cached = (), "", Int64(0)
    _cached_zone = NIL_POINTER

    def __init__(self, name: str, abbreviation: str, offset: int) -> None:
        self.name = name
        self._abbreviation = abbreviation
        self._offset = offset
        self.is_local = False

    def lookup(self, seconds: int) -> tuple[str, int]:
        """Return abbreviation and offset at a time in seconds since 1970."""
        _ = seconds
        return self._abbreviation, self._offset

    def offset_of(self, abbreviation: str, seconds: int) -> int | None:
        """Return the offset that an abbreviation stands for here, near a time (lookupName)."""
        _ = seconds
        return self._offset if abbreviation == self._abbreviation else None

    def is_daylight_saving(self, seconds: int) -> bool:
        """Return whether clocks are put forward at a time."""
        _ = seconds
        return False

    def go_json(self) -> dict[str, object]:
        """Return how JSON shows a location: it has no exported fields."""
        return {}

    def __str__(self) -> str:
        return self.name


class RuleZone(Zone):
    """A zone whose offset changes by rules."""

    __slots__ = ("_rules",)

    def __init__(self, name: str, rules: ZoneInfo) -> None:
        super().__init__(name, "", 0)
        self._rules = rules

    def __str__(self) -> str:
        return "Local" if self.is_local else self.name

    def lookup(self, seconds: int) -> tuple[str, int]:
        """Return abbreviation and offset at a time in seconds since 1970."""
        local = self._shown(seconds)
        offset = local.utcoffset()
        return local.tzname() or "", 0 if offset is None else offset.days * 86_400 + offset.seconds

    def offset_of(self, abbreviation: str, seconds: int) -> int | None:
        """Return the offset that an abbreviation stands for here, near a time (lookupName)."""
        name, offset = self.lookup(seconds)
        if name != abbreviation:
            # Half a year later or earlier the other of summer and winter time rules.
            for step in (-182, 182):
                name, offset = self.lookup(seconds + step * 86_400)
                if name == abbreviation:
                    break
            else:
                return None
        near, found = self.lookup(seconds - offset)
        return found if near == abbreviation else offset

    def is_daylight_saving(self, seconds: int) -> bool:
        """Return whether clocks are put forward at a time."""
        return bool(self._shown(seconds).dst())

    def _shown(self, seconds: int) -> datetime:
        """Return what clocks show at a time, or where ``datetime`` does not reach at one with the same rules."""
        from datetime import datetime, timedelta, timezone

        if seconds >= _LAST:
            seconds -= (1 + (seconds - _LAST) // _CYCLE) * _CYCLE
        moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=max(seconds, _FIRST))  # noqa: UP017
        return moment.astimezone(self._rules)


UTC = Zone("UTC", "UTC", 0)
_known: dict[str, Zone | None] = {"": UTC, "UTC": UTC}


def load_zone(name: str) -> Zone | None:
    """Return a zone of the database by name, or None if there is none (time.LoadLocation)."""
    if name not in _known:
        _known[name] = _read_zone(name)
    return _known[name]


def local_zone(name: str) -> Zone:
    """Return the zone that ``TZ`` names as Go's ``time.Local``; UTC's offset where it is empty or unknown."""
    name = name.removeprefix(":")
    zone = _local.get(name)
    if zone is None:
        zone = (_read_zone(name) if name not in ("", "UTC") else None) or Zone("UTC" if name else "Local", "UTC", 0)
        zone.is_local = True
        _local[name] = zone
    return zone


_local: dict[str, Zone] = {}


def _read_zone(name: str) -> Zone | None:
    if ".." in name or name[:1] in ("/", "\\"):
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return RuleZone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
