"""Flags and environment of tiller."""

from __future__ import annotations

import pytest

from pilothouse.environment import Environment
from pilothouse.errors import Denied, Invalid, Unsupported
from pilothouse.tiller.settings import is_loopback, settings_from, split_address

_LOCAL = {"listen": "127.0.0.1:44134"}


def test_plain_tcp_is_for_loopback() -> None:
    """Without TLS, only addresses of this host are taken."""
    assert settings_from(_LOCAL, Environment()).tls is False
    with pytest.raises(Denied, match="refusing plain TCP on :44134"):
        settings_from({}, Environment())


@pytest.mark.parametrize("flag", ["insecure", "compat-insecure"])
def test_open_ports_must_be_asked_for(flag: str) -> None:
    """Each of the two flags allows plain TCP on all addresses, as Helm 2.17 has it."""
    assert settings_from({flag: "true"}, Environment()).listen == ":44134"


def test_tls_comes_from_the_environment() -> None:
    """The variables that helm init sets switch TLS on and say where the files are."""
    variables = {"TILLER_TLS_VERIFY": "1", "TILLER_TLS_ENABLE": "1", "TILLER_TLS_CERTS": "/etc/certs"}
    settings = settings_from({}, Environment(variables=variables))
    assert (settings.tls, settings.tls_verify) == (True, True)
    assert settings.tls_certificate == "/etc/certs/tls.crt"
    assert settings.tls_key == "/etc/certs/tls.key"
    assert settings.tls_authority == "/etc/certs/ca.crt"


def test_an_unknown_storage_is_refused() -> None:
    """Releases would be lost with the process; only what asks for 2.17's behaviour gets that."""
    with pytest.raises(Invalid, match=r'^unknown storage driver "secrets"$') as refused:
        settings_from({**_LOCAL, "storage": "secrets"}, Environment())
    assert refused.value.hints == ("--storage takes configmap, secret, memory, sql, secret-v3",)
    assert settings_from({"compat-insecure": "true", "storage": "secrets"}, Environment()).storage == "secrets"


def test_verifying_implies_tls() -> None:
    """--tls-verify alone is enough; --tls=false does not take the protection away from it."""
    settings = settings_from({"tls-verify": "true", "tls": "false"}, Environment())
    assert (settings.tls, settings.tls_verify) == (True, True)


def test_history_and_namespace_come_from_the_environment() -> None:
    """A number that is none is passed over with a warning."""
    variables = {"TILLER_HISTORY_MAX": "7", "TILLER_NAMESPACE": "tiller-world"}
    settings = settings_from(_LOCAL, Environment(variables=variables))
    assert (settings.history_max, settings.namespace) == (7, "tiller-world")
    settings = settings_from(_LOCAL, Environment(variables={"TILLER_HISTORY_MAX": "x"}))
    assert settings.history_max == 0
    assert settings.warnings == ('Invalid max history "x". Defaulting to 0.',)
    assert settings_from({**_LOCAL, "history-max": "3"}, Environment(variables=variables)).history_max == 3


def test_what_is_not_there_is_said() -> None:
    """Flags of Helm 2.17 that do nothing here are refused."""
    with pytest.raises(Unsupported, match="experimental-release"):
        settings_from({**_LOCAL, "experimental-release": "true"}, Environment())


def test_what_is_traced_is_shown_on_this_host() -> None:
    """The pages of ``--trace`` are for everybody only where the whole server is, as with Helm 2.17."""
    assert settings_from(_LOCAL, Environment()).trace_listen == ""
    assert settings_from({**_LOCAL, "trace": "true"}, Environment()).trace_listen == "127.0.0.1:44136"
    for flag in ("insecure", "compat-insecure"):
        assert settings_from({flag: "true", "trace": "true"}, Environment()).trace_listen == ":44136"


def test_addresses() -> None:
    """An address has a port; a host may be left out."""
    assert split_address(":44134") == ("", 44134)
    assert split_address("[::1]:1") == ("::1", 1)
    for wrong in ("44134", "host:x", "host:99999"):
        with pytest.raises(Invalid):
            split_address(wrong)
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "", "10.0.0.1", "0.0.0.0")] == [
        *(True, True, True),
        *(False, False, False),
    ]
