"""What suggestions cost annotators, article by article: what a decision about promotion rests on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from workbench.training.evaluate import Evaluation
from workbench.training.faults import Fault, Name


@dataclass(frozen=True)
class Costs:
    """Corrections by label, role and attribute, for each of `articles`, which are on `stories`; with some examples."""

    articles: tuple[str, ...]
    stories: tuple[str, ...]
    names: dict[Name, tuple[int, ...]]
    examples: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, evaluation: Evaluation) -> "Costs":
        """Those that an evaluation found."""
        return cls(
            articles=evaluation.articles,
            stories=evaluation.stories,
            names={one.of: one.corrections for one in evaluation.names},
            examples=evaluation.examples,
        )

    @classmethod
    def joined(cls, some: Iterable["Costs"]) -> "Costs":
        """Several as one, one after the other."""
        every = list(some)
        names = dict.fromkeys(name for one in every for name in one.names)
        return cls(
            articles=tuple(article for one in every for article in one.articles),
            stories=tuple(story for one in every for story in one.stories),
            names={name: tuple(n for one in every for n in one.of_name(name)) for name in names},
            examples=tuple(fault for one in every for fault in one.examples),
        )

    def only(self, articles: Collection[str]) -> "Costs":
        """Those of some articles."""
        kept = [place for place, article in enumerate(self.articles) if article in articles]
        return Costs(
            articles=tuple(self.articles[place] for place in kept),
            stories=tuple(self.stories[place] for place in kept),
            names={name: tuple(row[place] for place in kept) for name, row in self.names.items()},
            examples=tuple(fault for fault in self.examples if fault.article in articles),
        )

    def in_order(self, articles: Iterable[str]) -> "Costs":
        """The same with the articles in this order."""
        place = {article: number for number, article in enumerate(self.articles)}
        order = [place[article] for article in articles]
        return Costs(
            articles=tuple(self.articles[n] for n in order),
            stories=tuple(self.stories[n] for n in order),
            names={name: tuple(row[n] for n in order) for name, row in self.names.items()},
            examples=self.examples,
        )

    def of_name(self, name: Name) -> tuple[int, ...]:
        """The corrections of a label, a role or an attribute, article by article."""
        return self.names.get(name, (0,) * len(self.articles))

    @property
    def totals(self) -> list[int]:
        """All corrections, article by article."""
        rows = list(self.names.values())
        return [sum(row[place] for row in rows) for place in range(len(self.articles))]

    @property
    def mean(self) -> float:
        """Corrections an article."""
        return sum(self.totals) / len(self.articles) if self.articles else 0.0
