"""Property tests run with the stack that rendering asks for, since Hypothesis minds who changes it under way."""

from __future__ import annotations

import sys

sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
