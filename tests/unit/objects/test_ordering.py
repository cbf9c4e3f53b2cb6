"""Kinds are installed and uninstalled in Helm's orders."""

from __future__ import annotations

import re
from pathlib import Path

from pilothouse.objects.ordering import install_order, uninstall_order


def test_orders_are_those_of_the_reference(shared: Path) -> None:
    """Helm 3 and 4 order kinds as the reference page lists them."""
    text = (shared / "reference/helm4/release.md").read_text()
    install = re.search(r"Install order: (.*?), then v4", text)
    uninstall = re.search(r"Uninstall order: \(.*?\) (.*?); unknown", text)
    assert install
    assert uninstall
    assert install_order(3).kinds == tuple(install[1].split(", "))
    assert uninstall_order(3).kinds == tuple(uninstall[1].split(", "))
    assert install_order(4).kinds[-2:] == ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    assert uninstall_order(4).kinds[:2] == ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def test_helm_2_orders_are_those_of_the_reference(shared: Path) -> None:
    """Tiller orders kinds as the reference page lists them."""
    text = (shared / "reference/helm2/tiller.md").read_text()
    install = re.search(r"Install: (Namesp.*?)\.\n", text)
    uninstall = re.search(r"\*\*: (APIService.*?)\.\n", text)
    assert install
    assert uninstall
    assert install_order(2).kinds == tuple(install[1].split(", "))
    assert uninstall_order(2).kinds == tuple(uninstall[1].split(", "))


def test_unknown_kinds_come_last_by_name_and_equal_kinds_keep_their_order() -> None:
    """Sorting is stable, and what is not known follows alphabetically."""
    items = [("Zebra", 1), ("Deployment", 2), ("Ant", 3), ("Service", 4), ("Deployment", 5)]
    ordered = install_order().sort(items, lambda item: item[0])
    assert ordered == [("Service", 4), ("Deployment", 2), ("Deployment", 5), ("Ant", 3), ("Zebra", 1)]
