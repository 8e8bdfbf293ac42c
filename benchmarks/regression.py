"""Weights of features by logistic regression, judged by folds: what `judgements.py` and `pairs.py` learn with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from workbench.preannotate.rules.weights import Weights, likelihood

FOLDS = 5


@dataclass
class Example:
    """A candidate for a role, with the verdict of the gold annotation.

    `source` is the affair that folds are made of: all texts about it are in one.
    """

    source: str
    role: str
    group: str
    features: list[str]
    right: bool
    sample: bool


def learn(examples: Sequence[Example], fewest: int, penalty: float) -> Weights:
    """The weights that explain the examples best, rounded as the file has them."""
    weights = Weights()
    for group in sorted({example.group for example in examples}):
        chosen = [example for example in examples if example.group == group]
        count = Counter(feature for example in chosen for feature in example.features)
        features = sorted(feature for feature, number in count.items() if number >= fewest)
        solved = _solve(
            matrix([one.features for one in chosen], features),
            np.array([float(example.right) for example in chosen]),
            penalty,
        )
        weights.table[group] = {
            feature: weight
            for feature, value in zip(features, solved, strict=True)
            if (weight := round(float(value), 3))
        }
    return weights


def in_folds(examples: Sequence[Example], fewest: int, penalty: float) -> list[float]:
    """The probability of every example, by weights learned without its fold."""
    number = fold_of(e.source for e in examples)
    found = [0.0] * len(examples)
    for fold in range(FOLDS):
        weights = learn([e for e in examples if number[e.source] != fold], fewest, penalty)
        for place, example in enumerate(examples):
            if number[example.source] == fold:
                found[place] = likelihood(weights.total(example.group, example.features))
    return found


def fold_of(sources: Iterable[str]) -> dict[str, int]:
    """The fold of each source: all that comes from one is in one fold."""
    return {source: place % FOLDS for place, source in enumerate(sorted(set(sources)))}


def write(weights: Weights, out: Path, head: str) -> None:
    """Writes the table."""
    lines = [f"threshold\t{role}\t{least}" for role, least in weights.least.items()]
    lines += [f"{group}\t{f}\t{w:g}" for group, table in weights.table.items() for f, w in table.items()]
    out.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def matrix(rows: Sequence[Sequence[str]], features: Sequence[str]) -> Any:
    """A sparse matrix: which features each row has."""
    place = {feature: number for number, feature in enumerate(features)}
    columns: list[int] = []
    ends = [0]
    for row in rows:
        columns += [place[feature] for feature in row if feature in place]
        ends.append(len(columns))
    return sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(features)))


def _solve(rows: Any, right: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    across = rows.T.tocsr()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sums = rows @ weights
        shares = 1 / (1 + np.exp(-np.clip(sums, -30, 30)))
        value = np.logaddexp(0, np.where(right > 0, -sums, sums)).sum() + penalty / 2 * weights @ weights
        return float(value), across @ (shares - right) + penalty * weights

    return optimize.minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
