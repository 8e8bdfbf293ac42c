"""What Python callers give by hand: one word out of a few, a number in a range, one string or several."""

from collections.abc import Sequence
from numbers import Integral, Real

from workbench.errors import SettingsError

LARGEST_SEED = 2**32 - 1
"""As in NumPy and scikit-learn."""


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


def check_number(
    name: str, given: object, *, least: float, most: float | None = None, whole: bool = True, optional: bool = False
) -> None:
    """Nothing, if an argument is a number in a range.

    Args:
        name: the argument's.
        given: what it is.
        least: the smallest number that can be used.
        most: the largest; None where there is none.
        whole: only whole numbers can be used.
        optional: so can None.

    Raises:
        SettingsError: it is something else.
    """
    if given is None and optional:
        return
    number = float(given) if not isinstance(given, bool) and isinstance(given, Real) else None
    if (
        number is None
        or (whole and not isinstance(given, Integral))
        or not least <= number <= (float("inf") if most is None else most)
    ):
        range_ = f"of at least {least:g}" if most is None else f"from {least:g} to {most:.10g}"
        raise SettingsError(f"{name} is {given!r}", hint=f"give a {'whole ' * whole}number {range_}")


def check_seed(seed: object) -> None:
    """Nothing, if a random seed can be used.

    Raises:
        SettingsError: it cannot.
    """
    check_number("seed", seed, least=0, most=LARGEST_SEED)


def several(given: str | Sequence[str]) -> Sequence[str]:
    """All the strings, where one alone may be given for a sequence of one."""
    return (given,) if isinstance(given, str) else given
