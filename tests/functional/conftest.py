"""Fixtures of the functional tests."""

from __future__ import annotations

from live_cluster import live_kubeconfig

__all__ = ["live_kubeconfig"]
