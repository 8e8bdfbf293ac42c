"""Many runs in a few lines, and how to replay the ones that found something."""

from collections import Counter
from collections.abc import Callable, Sequence

from torture.harness import Outcome

REPLAY = "make torture SEED={}"


def lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The summary: runs, steps, faults by kind, kills, what annotators did, findings with the command that replays each."""
    found = [outcome for outcome in outcomes if outcome.findings]
    seconds = sum(outcome.seconds for outcome in outcomes)
    told = [
        f"{len(outcomes)} runs in {seconds / 60:.1f} minutes of runs, {sum(o.requests for o in outcomes)} requests",
        _row("steps", outcomes, lambda o: o.ended),
        _row("faults", outcomes, lambda o: o.faults),
        _row("kills", outcomes, lambda o: o.kills),
        _row("annotators", outcomes, lambda o: o.acts),
        _row("reviews", outcomes, lambda o: o.decisions),
        _row("refused", outcomes, lambda o: o.refused),
        f"{'doubles':<11}{sum(o.doubles for o in outcomes)} tasks or predictions that had arrived twice were taken away",
    ]
    unclear = [what for outcome in outcomes for what in outcome.unclear]
    if unclear:
        told.append(
            f"{'unclear':<11}{len(unclear)} acts of annotators that the server did not answer: {Counter(unclear)}"
        )
    for outcome in found:
        told.append(f"seed {outcome.seed}, replayed by `{REPLAY.format(outcome.seed)}`:")
        told += [f"  {finding}" for finding in outcome.findings]
    faults, kills = (sum(each) for each in zip(*((o.faults.total(), o.kills.total()) for o in outcomes), strict=True))
    told.append(
        f"{sum(len(o.findings) for o in found)} findings in {len(found)} of {len(outcomes)} runs with {faults} faults and "
        f"{kills} kills"
    )
    return told


def _row(name: str, outcomes: Sequence[Outcome], part: Callable[[Outcome], Counter[str]]) -> str:
    total: Counter[str] = sum((part(outcome) for outcome in outcomes), Counter[str]())
    listed = ", ".join(f"{what} {number}" for what, number in total.most_common())
    return f"{name:<11}{total.total()}{f': {listed}' if listed else ''}"
