"""Simulated controllers bring workloads up, roll them out and take them down as a real cluster does."""

from __future__ import annotations

import time

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.readiness import kstatus, legacy
from pilothouse.sandbox.lifecycle.world import Object, is_true
from pilothouse.sandbox.schedules import Schedule, ScheduleError
from unit.sandbox.simulation import Simulation


@pytest.fixture
def cluster() -> Simulation:
    """An empty cluster."""
    return Simulation()


def template(image: str = "web:1", outcome: str = "", **spec: YamlValue) -> Object:
    """Return a pod template."""
    metadata: Object = {"labels": {"app": "web"}}
    if outcome:
        metadata["annotations"] = {"sandbox.pilothouse.dev/outcome": outcome}
    return {"metadata": metadata, "spec": {"containers": [{"name": "c", "image": image}], **spec}}


def workload(replicas: int = 3, **spec: YamlValue) -> Object:
    """Return the spec of a Deployment or StatefulSet."""
    return {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template(), **spec}


def test_a_deployment_becomes_ready(cluster: Simulation) -> None:
    """Its ReplicaSet and pods exist, its status satisfies kstatus and Helm's legacy waiter, within half a second."""
    cluster.add("deployments.apps", "web", spec=workload())
    cluster.run(0.5)
    deployment = cluster.at("deployments.apps", "web")
    (replica_set,) = cluster.objects.list("replicasets.apps")
    assert kstatus(deployment, now=0).message == "Deployment is available. Replicas: 3"
    assert legacy(deployment, replica_set=replica_set).is_ready
    assert deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    mark = replica_set["metadata"]["labels"]["pod-template-hash"]
    assert replica_set["metadata"]["name"] == f"web-{mark}"
    assert [each["type"] for each in deployment["status"]["conditions"]] == ["Available", "Progressing"]
    pods = cluster.objects.list("pods")
    assert len({pod["status"]["podIP"] for pod in pods}) == 3
    assert all(pod["metadata"]["name"].startswith(f"web-{mark}-") for pod in pods)
    reasons = {each["reason"] for each in cluster.objects.list("events")}
    assert reasons >= {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulled", "Created", "Started"}


def test_a_rollout_keeps_pods_available(cluster: Simulation) -> None:
    """Never are there fewer or more pods than the strategy allows; the old ReplicaSet stays for a rollback."""
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    cluster.add("deployments.apps", "web", spec=workload(strategy=rolling))
    cluster.run()
    seen: list[tuple[int, int]] = []

    def watch(kind: str, change: str, value: Object, previous: Object | None) -> None:
        del change, value, previous
        if kind == "pods":
            pods = [pod for pod in cluster.objects.list("pods") if "deletionTimestamp" not in pod["metadata"]]
            seen.append((sum(is_true(pod, "Ready") for pod in pods), len(pods)))

    cluster.objects.subscribe(watch)
    cluster.edit("deployments.apps", "web", template=template("web:2"))
    cluster.run()
    assert min(ready for ready, _ in seen) == 3
    assert max(total for _, total in seen) == 4
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.objects.list("pods")} == {"web:2"}
    assert sorted(each["spec"]["replicas"] for each in cluster.objects.list("replicasets.apps")) == [0, 3]
    cluster.edit("deployments.apps", "web", template=template("web:1"))
    cluster.run()
    annotations = cluster.at("deployments.apps", "web")["metadata"]["annotations"]
    assert annotations["deployment.kubernetes.io/revision"] == "3"
    assert len(cluster.objects.list("replicasets.apps")) == 2


def test_recreate_removes_before_it_makes(cluster: Simulation) -> None:
    """With the strategy Recreate no two templates run together."""
    cluster.add("deployments.apps", "web", spec=workload(strategy={"type": "Recreate"}))
    cluster.run()
    images: list[set[str]] = []
    cluster.objects.subscribe(
        lambda *_: images.append({pod["spec"]["containers"][0]["image"] for pod in cluster.objects.list("pods")})
    )
    cluster.edit("deployments.apps", "web", template=template("web:2"))
    cluster.run()
    assert {"web:1", "web:2"} not in images
    assert images[-1] == {"web:2"}


def test_a_broken_rollout_is_told(cluster: Simulation) -> None:
    """Pods that never become ready keep the old ones alive and exceed the deadline."""
    cluster.add("deployments.apps", "web", spec=workload(progressDeadlineSeconds=10))
    cluster.run()
    cluster.edit("deployments.apps", "web", template=template("web:2", "never-ready"))
    cluster.run(5)
    assert kstatus(cluster.at("deployments.apps", "web"), now=0).status == "InProgress"
    cluster.run(30)
    assert kstatus(cluster.at("deployments.apps", "web"), now=0).message == "Progress deadline exceeded"
    assert cluster.at("deployments.apps", "web")["status"]["availableReplicas"] == 3


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("crash-loop", "CrashLoopBackOff"), ("image-pull", "ImagePullBackOff"), ("oom", "CrashLoopBackOff")],
)
def test_outcomes_of_pods(cluster: Simulation, outcome: str, reason: str) -> None:
    """Annotations make a pod fail in the way that they name."""
    annotations = {"sandbox.pilothouse.dev/outcome": outcome}
    cluster.add("pods", "p", metadata={"annotations": annotations}, spec=template()["spec"])
    cluster.run(0.9)
    (container,) = cluster.at("pods", "p")["status"]["containerStatuses"]
    assert container["state"]["waiting"]["reason"] == reason


def test_pods_that_run_to_their_end(cluster: Simulation) -> None:
    """Without a restart policy of Always a pod succeeds; told to fail, it fails; delayed, it takes its time."""
    spec = template(restartPolicy="Never")["spec"]
    cluster.add("pods", "good", spec=spec)
    cluster.add("pods", "bad", metadata={"annotations": {"node-player/outcome": "fail"}}, spec=spec)
    cluster.add("pods", "late", metadata={"annotations": {"sandbox.pilothouse.dev/delay": "5s"}}, spec=spec)
    cluster.run(1)
    assert cluster.at("pods", "good")["status"]["phase"] == "Succeeded"
    assert cluster.at("pods", "bad")["status"]["phase"] == "Failed"
    assert cluster.at("pods", "late")["status"]["phase"] == "Running"
    cluster.run(10)
    assert cluster.at("pods", "late")["status"]["phase"] == "Succeeded"


def test_pods_wait_for_what_they_name(cluster: Simulation) -> None:
    """A missing secret keeps a container from starting until it is there."""
    environment = [{"secretRef": {"name": "s"}}]
    cluster.add("pods", "p", spec={"containers": [{"name": "c", "image": "x", "envFrom": environment}]})
    cluster.run(5)
    (container,) = cluster.at("pods", "p")["status"]["containerStatuses"]
    assert container["state"]["waiting"] == {"reason": "CreateContainerConfigError", "message": 'secret "s" not found'}
    cluster.add("secrets", "s")
    cluster.run(5)
    assert is_true(cluster.at("pods", "p"), "Ready")


def test_init_containers_run_first(cluster: Simulation) -> None:
    """A pod with init containers is initialized before it is ready."""
    cluster.add("pods", "p", spec={**template()["spec"], "initContainers": [{"name": "i", "image": "i"}]})
    cluster.run(0.1)
    assert not is_true(cluster.at("pods", "p"), "Initialized")
    cluster.run(5)
    status = cluster.at("pods", "p")["status"]
    assert status["initContainerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"
    assert is_true(cluster.at("pods", "p"), "Ready")


def test_jobs_complete(cluster: Simulation) -> None:
    """Enough pods succeed, no more than allowed at once, and the conditions say so."""
    cluster.add(
        "jobs.batch", "j", spec={"completions": 3, "parallelism": 2, "template": template(restartPolicy="Never")}
    )
    cluster.run()
    job = cluster.at("jobs.batch", "j")
    assert job["status"]["succeeded"] == 3
    assert [each["type"] for each in job["status"]["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    assert kstatus(job, now=0, wait_for_jobs=True).message == "Job Completed. succeeded: 3/3"
    pod = cluster.objects.list("pods")[0]
    assert pod["metadata"]["labels"]["job-name"] == "j"


def test_jobs_fail_and_expire(cluster: Simulation) -> None:
    """After the backoff limit a job has failed; after its time it is gone, with its pods."""
    spec = {"backoffLimit": 1, "ttlSecondsAfterFinished": 30, "template": template("x", "fail", restartPolicy="Never")}
    cluster.add("jobs.batch", "j", spec=spec)
    cluster.run(10)
    job = cluster.at("jobs.batch", "j")
    assert job["status"]["failed"] == 2
    assert is_true(job, "Failed")
    cluster.run(60)
    assert cluster.objects.names("jobs.batch") == []
    assert cluster.objects.names("pods") == []


def test_cron_jobs_run_on_time(cluster: Simulation) -> None:
    """A job starts at each time of the schedule; only a few are kept; suspended, none starts."""
    job = {"spec": {"template": template(restartPolicy="OnFailure")}}
    cluster.add("cronjobs.batch", "c", spec={"schedule": "*/5 * * * *", "jobTemplate": job})
    cluster.run(3600)
    names = cluster.objects.names("jobs.batch")
    assert len(names) == 3
    last = cluster.at("cronjobs.batch", "c")["status"]["lastScheduleTime"]
    assert int(last[14:16]) % 5 == 0
    cluster.edit("cronjobs.batch", "c", suspend=True)
    cluster.run(3600)
    assert cluster.objects.names("jobs.batch") == names


def test_stateful_sets_go_in_order(cluster: Simulation) -> None:
    """Pods come up one by one with their claims, and are replaced from the last to the first."""
    claims = [
        {"metadata": {"name": "data"}, "spec": {"storageClassName": "standard", "accessModes": ["ReadWriteOnce"]}}
    ]
    made: list[str] = []
    cluster.objects.subscribe(
        lambda kind, change, value, _: (
            made.append(value["metadata"]["name"]) if (kind, change) == ("pods", "ADDED") else None
        )
    )
    cluster.add("statefulsets.apps", "db", spec=workload(serviceName="db", volumeClaimTemplates=claims))
    cluster.run()
    assert made == ["db-0", "db-1", "db-2"]
    assert cluster.objects.names("persistentvolumeclaims") == ["data-db-0", "data-db-1", "data-db-2"]
    assert kstatus(cluster.at("statefulsets.apps", "db"), now=0).is_ready
    made.clear()
    cluster.edit("statefulsets.apps", "db", template=template("web:2"))
    cluster.run()
    assert made == ["db-2", "db-1", "db-0"]
    status = cluster.at("statefulsets.apps", "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    cluster.edit("statefulsets.apps", "db", replicas=1)
    cluster.run()
    assert cluster.objects.names("pods") == ["db-0"]
    assert len(cluster.objects.names("persistentvolumeclaims")) == 3


def test_a_partition_holds_pods_back(cluster: Simulation) -> None:
    """Only pods from the partition on get the new template."""
    cluster.add("statefulsets.apps", "db", spec=workload())
    cluster.run()
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    cluster.edit("statefulsets.apps", "db", template=template("web:2"), updateStrategy=strategy)
    cluster.run()
    images = {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in cluster.objects.list("pods")}
    assert images == {"db-0": "web:1", "db-1": "web:1", "db-2": "web:2"}
    found = cluster.at("statefulsets.apps", "db")
    assert kstatus(found, now=0).message == "Partition rollout complete. updated: 1"


def test_daemon_sets_run_on_the_node(cluster: Simulation) -> None:
    """One pod on the one node, replaced when the template changes."""
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template()}
    cluster.add("daemonsets.apps", "d", spec=spec)
    cluster.run()
    assert (
        kstatus(cluster.at("daemonsets.apps", "d"), now=0).message == "All replicas scheduled as expected. Replicas: 1"
    )
    cluster.edit("daemonsets.apps", "d", template=template("web:2"))
    cluster.run()
    (pod,) = cluster.objects.list("pods")
    assert pod["spec"]["containers"][0]["image"] == "web:2"


def test_services_find_ready_pods(cluster: Simulation) -> None:
    """Endpoints hold the ready pods; a load balancer gets an address; all goes with the service."""
    cluster.add("deployments.apps", "web", spec=workload(2))
    ports = [{"port": 80, "targetPort": 8080}]
    cluster.add("services", "web", spec={"type": "LoadBalancer", "selector": {"app": "web"}, "ports": ports})
    cluster.run()
    (subset,) = cluster.at("endpoints", "web")["subsets"]
    assert len(subset["addresses"]) == 2
    assert subset["ports"] == [{"port": 8080, "protocol": "TCP"}]
    assert cluster.at("services", "web")["status"]["loadBalancer"]["ingress"][0]["ip"].startswith("198.51.100.")
    cluster.edit("deployments.apps", "web", replicas=0)
    cluster.run()
    assert not cluster.at("endpoints", "web").get("subsets")
    cluster.objects.delete("services", ("n", "web"))
    cluster.run()
    assert cluster.objects.names("endpoints") == []
    assert cluster.objects.names("endpointslices.discovery.k8s.io") == []


def test_claims_are_bound_and_volumes_reclaimed(cluster: Simulation) -> None:
    """A claim gets a volume of its class; without a class that exists it stays pending."""
    resources = {"requests": {"storage": "1Gi"}}
    cluster.add("persistentvolumeclaims", "a", spec={"storageClassName": "standard", "resources": resources})
    cluster.add("persistentvolumeclaims", "b", spec={"storageClassName": "none", "resources": resources})
    cluster.run()
    assert cluster.at("persistentvolumeclaims", "a")["status"]["phase"] == "Bound"
    assert cluster.at("persistentvolumeclaims", "b")["status"]["phase"] == "Pending"
    cluster.objects.delete("persistentvolumeclaims", ("n", "a"))
    cluster.run()
    assert cluster.objects.names("persistentvolumes") == []


def test_deletion_cascades(cluster: Simulation) -> None:
    """In the background the owner goes first, in the foreground last, and orphans stay."""
    for name, propagation in (("back", "Background"), ("fore", "Foreground"), ("orphan", "Orphan")):
        labels = {"app": name}
        spec = workload(1, selector={"matchLabels": labels}, template={**template(), "metadata": {"labels": labels}})
        cluster.add("deployments.apps", name, spec=spec)
        cluster.run()
        gone: list[str] = []
        cluster.objects.subscribe(
            lambda kind, change, *_, gone=gone: gone.append(kind) if change == "DELETED" and kind != "events" else None
        )
        cluster.objects.delete("deployments.apps", ("n", name), propagation=propagation)
        cluster.run()
        expected = ["deployments.apps", "replicasets.apps", "pods"]
        if name == "orphan":
            assert gone == expected[:1]
        else:
            assert gone == (expected if name == "back" else expected[::-1])
    (replica_set,) = cluster.objects.list("replicasets.apps")
    assert replica_set["metadata"]["ownerReferences"] == []
    assert len(cluster.objects.list("pods")) == 1


def test_orphans_are_adopted(cluster: Simulation) -> None:
    """A Deployment takes a matching ReplicaSet over, in place of making another."""
    cluster.add("deployments.apps", "web", spec=workload(1))
    cluster.run()
    cluster.objects.delete("deployments.apps", ("n", "web"), propagation="Orphan")
    cluster.run()
    cluster.add("deployments.apps", "web", spec=workload(1))
    cluster.run()
    assert len(cluster.objects.list("replicasets.apps")) == 1
    assert len(cluster.objects.list("pods")) == 1


def test_namespaces_are_furnished_and_emptied(cluster: Simulation) -> None:
    """Each namespace has its account and certificates; one that is deleted loses everything."""
    cluster.objects.create(
        "namespaces", {"metadata": {"name": "n", "finalizers": ["x"]}, "spec": {"finalizers": ["kubernetes"]}}
    )
    cluster.add("deployments.apps", "web", spec=workload(1))
    cluster.run()
    assert cluster.objects.names("serviceaccounts") == ["default"]
    assert cluster.objects.names("configmaps") == ["kube-root-ca.crt"]
    cluster.objects.delete("namespaces", ("", "n"))
    cluster.run()
    left = {name for name, _, _ in cluster.objects.kinds() if any(cluster.objects.list(name, "n"))}
    assert left == set()


def test_budgets_and_autoscalers(cluster: Simulation) -> None:
    """A budget counts what may be disturbed; an autoscaler keeps its target within its limits."""
    cluster.add("deployments.apps", "web", spec=workload(1))
    cluster.add(
        "poddisruptionbudgets.policy", "b", spec={"minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}}
    )
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 4, "maxReplicas": 5}
    cluster.add("horizontalpodautoscalers.autoscaling", "h", spec=spec)
    cluster.run()
    assert cluster.at("deployments.apps", "web")["status"]["readyReplicas"] == 4
    assert cluster.at("poddisruptionbudgets.policy", "b")["status"]["disruptionsAllowed"] == 2


def test_a_restart_goes_on_where_it_stopped(cluster: Simulation) -> None:
    """A new engine finishes what an old one began, from what is stored."""
    cluster.add("deployments.apps", "web", spec=workload())
    cluster.run(0.05)
    cluster.engine.stop()
    cluster.engine = cluster.begin()
    cluster.run()
    assert kstatus(cluster.at("deployments.apps", "web"), now=0).is_ready
    assert len(cluster.objects.list("pods")) == 3


def test_an_idle_cluster_is_quiet(cluster: Simulation) -> None:
    """When all is as wanted nothing is written and nothing is due."""
    cluster.add("deployments.apps", "web", spec=workload())
    cluster.run()
    written: list[str] = []
    cluster.objects.subscribe(lambda kind, *_: written.append(kind))
    cluster.run(1000)
    assert written == []
    assert cluster.engine.queue.next_due() is None


def test_odd_objects_stop_nothing(cluster: Simulation, caplog: pytest.LogCaptureFixture) -> None:
    """An object without what every other has is reported, and the rest goes on."""
    cluster.add("poddisruptionbudgets.policy", "odd")
    cluster.add("deployments.apps", "odd")
    cluster.add("deployments.apps", "web", spec=workload(1))
    cluster.run()
    assert kstatus(cluster.at("deployments.apps", "web"), now=0).is_ready
    assert 0 < caplog.text.count("reconcile deployments.apps n/odd") < 10


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("*/5 * * * *", "2024-01-01T00:01", "2024-01-01T00:05"),
        ("0 0 29 2 *", "2024-03-01T00:00", "2028-02-29T00:00"),
        ("30 4 1,15 * 5", "2024-01-01T05:00", "2024-01-05T04:30"),
        ("0 9-17/4 * * mon-fri", "2024-01-05T17:00", "2024-01-08T09:00"),
        ("@hourly", "2024-01-01T00:00", "2024-01-01T01:00"),
        ("@every 1h30m", "2024-01-01T00:00", "2024-01-01T01:30"),
        ("TZ=America/New_York 0 0 * * *", "2024-01-01T06:00", "2024-01-02T05:00"),
    ],
)
def test_schedules(text: str, after: str, expected: str) -> None:
    """The next time is that of Go's cron."""
    import calendar

    start = calendar.timegm(time.strptime(after, "%Y-%m-%dT%H:%M"))
    found = Schedule(text).next(start)
    assert found is not None
    assert time.strftime("%Y-%m-%dT%H:%M", time.gmtime(found)) == expected


def test_wrong_schedules() -> None:
    """What cannot be read is refused."""
    for text in (
        "* * * *",
        "60 * * * *",
        "a * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "\u00b2 * * * *",
        "@never",
        "@every x",
    ):
        with pytest.raises(ScheduleError):
            Schedule(text)


def test_a_folder_of_time_zones_is_none() -> None:
    """A name under which there are only further zones is refused as any unknown one."""
    with pytest.raises(ScheduleError, match="unknown time zone America"):
        Schedule("TZ=America * * * * *")
