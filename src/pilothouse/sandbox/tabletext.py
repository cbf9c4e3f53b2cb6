"""How kubectl's tables word ages, sizes, selectors and lists. Go's ``k8s.io/kubernetes/pkg/printers``."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import SelectorError
from pilothouse.objects.selectors import from_object

NONE = "<none>"
UNKNOWN = "<unknown>"
UNSET = "<unset>"
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def parse_time(text: YamlValue) -> float | None:
    """Return a stored time in seconds since 1970, or None."""
    if not isinstance(text, str) or not text:
        return None
    try:
        return float(calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")))
    except ValueError:
        return None


def duration(seconds: float) -> str:  # noqa: PLR0911 - one answer a scale
    """Return a duration for people. Go's ``duration.HumanDuration``."""
    if seconds <= -2:
        return "<invalid>"
    whole = max(int(seconds), 0)
    if whole < 120:
        return f"{whole}s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 10:
        return f"{minutes}m{whole % 60}s" if whole % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    years = days // 365
    if years < 2:
        return f"{days}d"
    if years < 8:
        return f"{years}y{days % 365}d" if days % 365 else f"{years}y"
    return f"{years}y"


def age(text: YamlValue, now: float) -> str:
    """Return how long ago a stored time is."""
    moment = parse_time(text)
    return UNKNOWN if moment is None else duration(now - moment)


def selector(value: YamlValue) -> str:
    """Return a label selector of an object. Go's ``metav1.FormatLabelSelector``."""
    try:
        found = from_object(value)
    except SelectorError:
        return "<error>"
    return str(found) or NONE


def labels(value: YamlValue) -> str:
    """Return labels as ``a=b,c=d``. Go's ``labels.FormatLabels``."""
    return ",".join(f"{key}={value[key]}" for key in sorted(value or {})) or NONE


def containers(pod_spec: YamlValue) -> tuple[str, str]:
    """Return the names and the images of a pod's containers."""
    found = (pod_spec or {}).get("containers") or ()
    return ",".join(each.get("name", "") for each in found), ",".join(each.get("image", "") for each in found)


def access_modes(modes: Iterable[str]) -> str:
    """Return access modes in short. Go's ``storage.GetAccessModesAsString``."""
    found = set(modes)
    return ",".join(short for mode, short in _MODES.items() if mode in found)


def first_of(items: list[str], most: int) -> str:
    """Return the first few of a list, and how many there are more."""
    if len(items) > most:
        return f"{','.join(items[:most])} + {len(items) - most} more..."
    return ",".join(items)
