"""JSON merge patches do as RFC 7386 says, from two states or three."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import PreconditionFailed
from pilothouse.objects.patches import merge

_LEAVES = st.one_of(
    st.booleans(), st.integers(0, 3), st.sampled_from(["x", "y"]), st.lists(st.integers(0, 2), max_size=2)
)
_OBJECTS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        _LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3), max_leaves=6
    ),
    max_size=3,
)


@given(_OBJECTS, _OBJECTS)
def test_a_patch_leads_from_one_object_to_the_other(old: dict[str, YamlValue], new: dict[str, YamlValue]) -> None:
    """Applying what was created gives the wanted object."""
    assert merge.apply(old, merge.create(old, new)) == new


@given(_OBJECTS, _OBJECTS)
def test_three_states_without_drift_are_two(old: dict[str, YamlValue], new: dict[str, YamlValue]) -> None:
    """When nobody else changed anything, the three-way patch leads to the wanted object as well."""
    assert merge.apply(old, merge.create_three_way(old, new, old)) == new


def test_others_fields_survive_three_way() -> None:
    """What only the live object has stays; what was dropped from the manifest goes."""
    patch = merge.create_three_way({"a": 1, "b": 1}, {"a": 2}, {"a": 1, "b": 1, "c": 1})
    assert patch == {"a": 2, "b": None}


def test_preconditions() -> None:
    """A patch that would change what must stay is refused."""
    with pytest.raises(PreconditionFailed):
        merge.create_three_way({}, {"kind": "B"}, {"kind": "A"}, [merge.keeps_key("kind")])
    merge.create_three_way({}, {"x": 1}, {}, [merge.keeps_key("metadata", "name")])
