"""What scores of suggestions came to, in few bytes, as there are hundreds in each of thousands of articles."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

from workbench.pipeline.calibration import Calibration, Outcome, fit
from workbench.training.reliability import ScoredOutcome

Curves = dict[tuple[str, str], Calibration]
"""By "span" or "role", and layer."""
MOST = 50_000
"""From so many outcomes at the most a curve is fitted: it has a number for each label, and no more."""


class _Outcomes:
    """Outcomes of spans or of roles of one layer, in their order."""

    def __init__(self) -> None:
        self.scores: array[float] = array("d")
        self.labels: array[int] = array("I")
        self.right = bytearray()


class ScoreLog:
    """Scores of suggestions with their labels, and whether they were right."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], _Outcomes] = {}
        self._labels: dict[str, int] = {}

    def add(self, found: Iterable[ScoredOutcome]) -> None:
        """Notes outcomes."""
        for one in found:
            place = self._places.setdefault((one.what, one.layer), _Outcomes())
            place.scores.append(one.score)
            place.labels.append(self._labels.setdefault(one.label, len(self._labels)))
            place.right.append(one.right)

    def outcomes(self, place: tuple[str, str]) -> Iterator[Outcome]:
        """Those of spans or of roles of a layer."""
        names = list(self._labels)
        there = self._places.get(place, _Outcomes())
        for score, label, right in zip(there.scores, there.labels, there.right, strict=True):
            yield Outcome(score, names[label], bool(right))

    def count(self, place: tuple[str, str]) -> int:
        """How many these are."""
        return len(self._places[place].scores) if place in self._places else 0

    @property
    def places(self) -> list[tuple[str, str]]:
        """What there are any of."""
        return list(self._places)


def curves_of(logs: Sequence[ScoreLog]) -> Curves:
    """What scores of spans and of roles are worth, by layer."""
    curves: Curves = {}
    for place in dict.fromkeys(place for log in logs for place in log.places):
        every = -(-sum(log.count(place) for log in logs) // MOST)
        found = (one for log in logs for one in log.outcomes(place))
        curves[place] = fit(one for number, one in enumerate(found) if number % every == 0)
    return curves
