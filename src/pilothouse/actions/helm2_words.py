"""Messages about charts and repositories as Helm 2 words them, where what they say is the same."""

from __future__ import annotations

import re

#: How texts begin in Helm 3, and in Helm 2.
_WORDS = (
    ("failed to untar", "Failed to untar"),
    ("failed to fetch", "Failed to fetch"),
    ("non-absolute URLs", "Non-absolute URLs"),
    ("no chart version found", "No chart version found"),
    ("looks like", "Looks like"),
    ("unable to load chart", "Unable to load chart"),
)
_UNCACHED = "no cached repo found. (try 'helm repo update')"
_NOT_FOUND = re.compile(r'(chart "[^"]*" matching )(\S*)( not found in .* index\. \(try \'helm repo update\'\))[.:] ')


def as_helm2(message: str) -> str:
    """Return a message in Helm 2's words."""
    for after, before in _WORDS:
        if message.startswith(after):
            message = before + message[len(after) :]
        message = message.replace(f": {after}", f": {before}").replace(f"). {after}", f"). {before}")
    message = message.replace(f"{_UNCACHED}: ", f"{_UNCACHED}. ")
    return _NOT_FOUND.sub(r'\1version "\2"\3. ', message)
