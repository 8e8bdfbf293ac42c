"""What a format has no place for, counted."""

from collections import Counter
from collections.abc import Sequence

from workbench.core.annotations import AnnotatedArticle


class LeftOut:
    """Counts what a format has no place for, and says it in the end."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changed: Counter[str] = Counter()
        self._single: list[str] = []

    def count(self, what: str, number: int = 1) -> None:
        """So many more of `what` (a plural) have no place."""
        if number:
            self._counts[what] += number

    def change(self, what: str, number: int) -> None:
        """So many more of `what` (a plural, and how they are written) are not written as they are."""
        if number:
            self._changed[what] += number

    def tell(self, where: str, message: str) -> None:
        """One case that has to be named."""
        self._single.append(f"{where}: {message}")

    def of_article(
        self, annotated: AnnotatedArticle, *, but: Sequence[str] = (), only: Sequence[str] | None = None
    ) -> None:
        """Counts what of an annotated article stands outside plain spans: all except for `but`, or `only` that."""
        spans = [one for _, one in annotated.annotations.spans()]
        for what, number in (
            ("scores", sum(one.score is not None for one in spans)),
            ("scores of roles", sum(given.score is not None for one in spans for given in one.arguments)),
            ("normalised names", sum(one.norm is not None for one in spans)),
            ("origins of spans", sum(one.origin is not None for one in spans)),
            ("attributes", sum(len(one.attributes) for one in spans)),
            ("roles", sum(len(one.arguments) for one in spans)),
            ("choices about a document", len(annotated.annotations.document)),
            ("dates of articles", int(annotated.article.published is not None)),
            ("sources of articles", int(bool(annotated.article.source))),
            ("titles of articles", int(bool(annotated.article.title))),
            ("other facts about articles", len(annotated.article.meta)),
            ("names of annotators", int(bool(annotated.annotations.producer.name))),
        ):
            if what not in but and (only is None or what in only):
                self.count(what, number)

    def problems(self) -> tuple[str, ...]:
        """What had no place: what was only counted, in a line, then each single case."""
        counted = ", ".join(f"{what} ({number:,})" for what, number in self._counts.items())
        changed = (f"{what} ({number:,})" for what, number in self._changed.items())
        return (*([f"left out: {counted}"] if counted else ()), *changed, *self._single)
