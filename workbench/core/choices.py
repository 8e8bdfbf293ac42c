"""What Python callers give by hand: one word out of a few, one string or several."""

from collections.abc import Sequence

from workbench.errors import SettingsError


def check_choice(given: object, what: str, known: Sequence[str]) -> None:
    """Nothing, if the word is one of the known ones.

    Args:
        given: the word.
        what: what it is to be, with its article: "a policy".
        known: all that there are.

    Raises:
        SettingsError: it is none of them.
    """
    if given not in known:
        raise SettingsError(f"{given!r} is not {what}", hint=f"use {', '.join(known)}")


def several(given: str | Sequence[str]) -> Sequence[str]:
    """All the strings, where one alone may be given for a sequence of one."""
    return (given,) if isinstance(given, str) else given
