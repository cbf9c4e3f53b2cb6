"""Which controllers there are, and what each looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record
from pilothouse.sandbox.lifecycle.autoscaling import Autoscalers
from pilothouse.sandbox.lifecycle.bootstrap import Bootstrap
from pilothouse.sandbox.lifecycle.cronjobs import CronJobs
from pilothouse.sandbox.lifecycle.daemonsets import DaemonSets
from pilothouse.sandbox.lifecycle.deployments import Deployments
from pilothouse.sandbox.lifecycle.disruption import Budgets
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.garbage import Garbage
from pilothouse.sandbox.lifecycle.jobs import Jobs
from pilothouse.sandbox.lifecycle.namespaces import Namespaces
from pilothouse.sandbox.lifecycle.pods import PodLife
from pilothouse.sandbox.lifecycle.programs import Programs
from pilothouse.sandbox.lifecycle.replicas import Replicas
from pilothouse.sandbox.lifecycle.services import Ingresses, Services
from pilothouse.sandbox.lifecycle.statefulsets import StatefulSets
from pilothouse.sandbox.lifecycle.volumes import Claims
from pilothouse.sandbox.lifecycle.world import Key, Object, World

Related = Callable[[str, str, Object, "Object | None"], Iterable[Key]]


class Controller(Record):
    """One controller.

    Attributes:
        kinds: What it looks at; ``*`` for everything.
        reconcile: Looks at an object and returns in how many seconds to look again, if at all.
        related: Tells which objects a change of another one concerns.
        absent: The kinds of which it is told when they are gone.
        on_start: What it does first.
    """

    kinds: tuple[str, ...]
    reconcile: Callable[[Object], float | None]
    related: Related | None = None
    absent: tuple[str, ...] = ()
    on_start: Callable[[], None] | None = None


def controllers(
    world: World, events: Recorder, stages: Callable[[str], YamlValue], programs: Programs | None = None
) -> list[Controller]:
    """Return all controllers; with ``programs``, pods of Tiller are run."""
    pods = PodLife(world, events, stages("pods"), programs)
    services, claims, budgets = Services(world), Claims(world, events), Budgets(world)
    scalers, namespaces, garbage = Autoscalers(world), Namespaces(world), Garbage(world)
    bootstrap, deployments = Bootstrap(world), Deployments(world, events)
    sets, old_sets = Replicas(world, events, "replicasets.apps"), Replicas(world, events, "replicationcontrollers")
    return [
        Controller(kinds=("*",), reconcile=garbage.reconcile, related=garbage.related),
        Controller(kinds=("pods",), reconcile=pods.reconcile, related=pods.related),
        Controller(kinds=("replicasets.apps",), reconcile=sets.reconcile),
        Controller(kinds=("replicationcontrollers",), reconcile=old_sets.reconcile),
        Controller(kinds=("deployments.apps",), reconcile=deployments.reconcile, related=deployments.related),
        Controller(kinds=("statefulsets.apps",), reconcile=StatefulSets(world, events).reconcile),
        Controller(kinds=("daemonsets.apps",), reconcile=DaemonSets(world, events).reconcile),
        Controller(kinds=("jobs.batch",), reconcile=Jobs(world, events).reconcile),
        Controller(kinds=("cronjobs.batch",), reconcile=CronJobs(world, events).reconcile),
        Controller(kinds=("services",), reconcile=services.reconcile, related=services.related, absent=("services",)),
        Controller(kinds=("ingresses.networking.k8s.io",), reconcile=Ingresses(world).reconcile),
        Controller(
            kinds=("persistentvolumeclaims", "persistentvolumes"), reconcile=claims.reconcile, related=claims.related
        ),
        Controller(kinds=("poddisruptionbudgets.policy",), reconcile=budgets.reconcile, related=budgets.related),
        Controller(kinds=("horizontalpodautoscalers.autoscaling",), reconcile=scalers.reconcile),
        Controller(kinds=("namespaces",), reconcile=namespaces.reconcile, related=namespaces.related),
        Controller(
            kinds=("nodes", "leases.coordination.k8s.io"), reconcile=bootstrap.reconcile, on_start=bootstrap.begin
        ),
    ]
