"""A Kubernetes cluster for tests, without containers and without root: the sandbox, one of its own for each user.

::

    from pilothouse.testing import sandbox_cluster

    with sandbox_cluster() as cluster, cluster.releases(namespace="web") as releases:
        releases.install("demo", chart, create_namespace=True, wait=True)

For pytest there are fixtures: ``pytest_plugins = ["pilothouse.testing.fixtures"]`` in ``conftest.py`` brings
``sandbox`` and ``releases``.
"""

from __future__ import annotations

from pilothouse.testing.cluster import SandboxCluster, sandbox_cluster

__all__ = ["SandboxCluster", "sandbox_cluster"]
