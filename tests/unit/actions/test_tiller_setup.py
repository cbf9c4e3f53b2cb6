"""The objects and the certificates of a Tiller."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from pilothouse.actions.tiller_certificates import make
from pilothouse.actions.tiller_deployment import DeploymentOptions, ServerFiles, deployment, objects
from pilothouse.errors import Invalid

NOW = 1_800_000_000.0


def test_overrides_keep_the_kinds_of_the_fields() -> None:
    """Annotations, labels, arguments and variables are texts, replicas are a number."""
    made = deployment(
        DeploymentOptions(
            overrides=("metadata.annotations.a=1", "spec.replicas=2", "spec.template.spec.containers[0].args={x,5}")
        )
    )
    assert made["metadata"]["annotations"] == {"a": "1"}
    assert made["spec"]["replicas"] == 2
    assert made["spec"]["template"]["spec"]["containers"][0]["args"] == ["x", "5"]


@pytest.mark.parametrize("selector", ["a", "a=b=c", "a=b,c"])
def test_a_selector_has_a_name_and_a_value(selector: str) -> None:
    """Anything else is refused with the item."""
    with pytest.raises(Invalid, match="invalid nodeSelector label"):
        deployment(DeploymentOptions(node_selectors=selector))


def test_a_secret_is_there_with_certificates_alone() -> None:
    """Plain TCP needs none; without an authority, clients need no certificate."""
    assert [one["kind"] for one in objects(DeploymentOptions())] == ["Deployment", "Service"]
    made = objects(DeploymentOptions(files=ServerFiles(certificate=b"c", key=b"k")))
    assert sorted(made[-1]["data"]) == ["tls.crt", "tls.key"]


def test_keys_are_in_no_representation(tmp_path: Path) -> None:
    """What ends up in a log or a traceback holds no key."""
    made = make(str(tmp_path), "kube-system", NOW)
    assert "PRIVATE" not in f"{made!r}{made.server!r}{DeploymentOptions(files=made.server)!r}"


def test_certificates_are_renewed_under_the_same_authority(tmp_path: Path) -> None:
    """Clients that trust the authority go on trusting the server; a new authority comes before the old one ends."""
    first = make(str(tmp_path), "kube-system", NOW)
    first.save(str(tmp_path))
    second = make(str(tmp_path), "kube-system", NOW + 86_400)
    assert second.server.authority == first.server.authority
    assert second.server.certificate != first.server.certificate
    assert second.files["cert.pem"] != first.files["cert.pem"]
    late = make(str(tmp_path), "kube-system", NOW + 9 * 365 * 86_400)
    assert late.server.authority != first.server.authority


def test_the_server_has_the_names_by_which_it_is_reached(tmp_path: Path) -> None:
    """Loopback, which is the near end of the pod's port, and the Service; the client is no server."""
    made = make(str(tmp_path), "here", NOW)
    server = x509.load_pem_x509_certificate(made.server.certificate)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"tiller-server", "localhost", "tiller-deploy.here", "tiller-deploy.here.svc"} <= set(
        names.get_values_for_type(x509.DNSName)
    )
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    client = x509.load_pem_x509_certificate(made.files["cert.pem"])
    usage = client.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in usage] == ["1.3.6.1.5.5.7.3.2"]
