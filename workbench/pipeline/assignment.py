"""Which of several candidates fills which role, decided for all at once."""

from collections.abc import Sequence

NONE = -1


def assign(gains: Sequence[Sequence[float]], capacities: Sequence[int | None]) -> list[int]:
    """For each candidate its role, `NONE` where it has none, so that the sum of the gains is the greatest there is.

    A role is filled by as many candidates as its capacity says (None: any number), and only where that gains something.
    A candidate that loses its best role to a better one gets the next best that still gains. Augmenting paths of the
    greatest gain, one candidate after the other (Bellman-Ford, since taking a role away is a loss): exact.

    Args:
        gains: what each candidate gains in each role, over having none.
        capacities: of the roles.
    """
    chosen = [NONE] * len(gains)
    for first in range(len(gains)):
        # best[c]: the greatest gain of a chain that ends by c having to look for a new role; came: how it got there.
        best: dict[int, float] = {first: 0.0}
        came: dict[int, tuple[int, int]] = {}
        ends: tuple[float, int, int] = (0.0, first, NONE)
        waiting = [first]
        while waiting:
            here = waiting.pop(0)
            for role, gain in enumerate(gains[here]):
                if gain <= 0 or role == chosen[here]:
                    continue
                total = best[here] + gain
                holders = [other for other, taken in enumerate(chosen) if taken == role]
                capacity = capacities[role]
                if capacity is None or len(holders) < capacity:
                    if total > ends[0] + 1e-12:
                        ends = (total, here, role)
                    continue
                for holder in holders:
                    lost = total - gains[holder][role]
                    if holder != first and lost > best.get(holder, float("-inf")) + 1e-12:
                        best[holder], came[holder] = lost, (here, role)
                        waiting.append(holder)
                        if lost > ends[0] + 1e-12:  # the holder is left without a role
                            ends = (lost, holder, NONE)
        _, here, role = ends
        while here != first:
            chosen[here] = role
            here, role = came[here]
        chosen[first] = role
    return chosen
