"""Names of releases: ``chartutil.ValidateReleaseName`` and what each command says about a bad one."""

from __future__ import annotations

from pilothouse.releases.errors import NameInvalid

LONGEST_NAME = 53
_RULE = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def is_valid_name(name: str) -> bool:
    """Return whether a release may have this name."""
    return len(name) <= LONGEST_NAME and all(map(_is_label, name.split(".")))


def _is_label(text: str) -> bool:
    return text != "" and text[0] != "-" and text[-1] != "-" and _LETTERS.issuperset(text)


def check_name(name: str, *, prefix: str = "") -> None:
    """Check the name of a release that is to be (``install`` and ``template``).

    Args:
        name: The name.
        prefix: What the command puts before the fault.

    Raises:
        NameInvalid: No release can be called that.
    """
    if not name:
        raise NameInvalid(f'{prefix}release name "": no name provided')
    if not is_valid_name(name):
        raise NameInvalid(
            f'{prefix}release name "{name}": invalid release name, must match regex {_RULE} '
            f"and the length must not be longer than {LONGEST_NAME}",
        )
