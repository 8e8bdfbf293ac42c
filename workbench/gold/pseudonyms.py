"""Under which names annotators appear in what leaves the store: numbers, in the order in which their work first came."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from workbench.core.adjudication.merging import MERGED
from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.frozen import Frozen
from workbench.core.report import Report, Shown, Table
from workbench.printable import printable
from workbench.store import Transaction, revisions

_PSEUDONYM = re.compile(r"annotator-[1-9][0-9]*")
SOMEBODY = "somebody"
"""The pseudonym of a person whose work is not in the store under that name."""


class Pseudonym(Frozen):
    """An annotator, by the name in the store and the one in releases."""

    pseudonym: str
    annotator: str


class PseudonymReport(Report):
    """Who is who in the releases of a store."""

    pseudonyms: tuple[Pseudonym, ...]

    def shown(self) -> Iterator[Shown]:
        """A table."""
        if not self.pseudonyms:
            yield "nobody has annotated anything yet"
            return
        rows = [(one.pseudonym, printable(one.annotator)) for one in self.pseudonyms]
        yield Table.of("in releases", "annotator", rows=rows, left=(0, 1))


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonyms of a store's annotators. A person keeps a pseudonym for good: revisions are only ever added."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, annotators: Sequence[str]) -> "Pseudonyms":
        """The pseudonyms of annotators who came in this order.

        Who came under a pseudonym, from the export of another workspace, keeps it, unless somebody had it before.
        """
        names: dict[str, str] = {}
        for name in dict.fromkeys(annotators):
            taken = set(names.values())
            free = (one for number in count(1) if (one := f"annotator-{number}") not in taken)
            names[name] = name if _PSEUDONYM.fullmatch(name) and name not in taken else next(free)
        return cls(names)

    def __getitem__(self, annotator: str) -> str:
        return self.names.get(annotator, SOMEBODY)

    def of_set(self, given: AnnotationSet) -> AnnotationSet:
        """The set without the name of any person."""
        layers = {layer: tuple(self._span(span) for span in spans) for layer, spans in given.layers.items()}
        return given.model_copy(update={"producer": self._producer(given.producer), "layers": layers})

    def _span(self, span: Span) -> Span:
        if span.origin is None or span.origin.producer is None:
            return span
        origin = span.origin.model_copy(update={"producer": self._producer(span.origin.producer)})
        return span.model_copy(update={"origin": origin})

    def _producer(self, producer: Producer) -> Producer:
        if producer.kind in ("rules", "model"):
            return producer
        if producer.kind == "adjudicated":
            # Its version names policies, which name people.
            name = self.names.get(producer.name, MERGED)
            return producer.model_copy(update={"name": name, "version": ""})
        return producer.model_copy(update={"name": self[producer.name], "version": ""})


def pseudonyms(session: Transaction) -> Pseudonyms:
    """The pseudonyms of everybody whose work is in the store."""
    return Pseudonyms.of(revisions.annotators(session))


def report(session: Transaction) -> PseudonymReport:
    """Who is who in the releases of the store."""
    found = pseudonyms(session).names
    return PseudonymReport(
        pseudonyms=tuple(Pseudonym(pseudonym=pseudonym, annotator=name) for name, pseudonym in found.items())
    )
