"""Parses texts in several processes, and ends with them: on an interrupt, an error, or when the caller is killed.

`Language.pipe(n_process=…)` does not: interrupted, it waits for processes that wait for it (spaCy 3.8).
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeVar

from spacy.language import Language
from spacy.tokens import Doc

from workbench.errors import ModelError
from workbench.pipeline.pieces import Piece, lots, pieces
from workbench.processes import in_order, worth

T = TypeVar("T")
MANY = 4
"""How many lots are enough for several processes: to start them costs a second or two."""

_job: tuple[Language, Callable[[Doc], Any]] | None = None


def parsed(
    nlp: Language,
    texts: Iterable[str],
    make: Callable[[Doc], T],
    *,
    join: Callable[[Sequence[T]], T] | None = None,
    batch: int = 32,
    processes: int = 1,
) -> Generator[T, None, None]:
    """What `make` makes of the parse of each text, in their order.

    With more than one process, `make` runs in them, and what it makes travels back: plain data, no Doc. `processes` 0
    means one for each core, where there is enough text for that to be faster.

    Args:
        nlp: parses.
        texts: are taken as they are needed.
        make: turns a parse into what is wanted of it.
        join: makes one of what `make` made of the pieces of a text. With it, a text that is too long to be parsed at
            once is parsed in pieces; without it, every text is parsed whole.
        batch: how many texts are parsed in one go, at the most.
        processes: how many parse.

    Raises:
        ModelError: a process that parses was killed.
    """
    last: deque[bool] = deque()
    found = pieces(texts) if join is not None else (Piece(text, last=True) for text in texts)

    def waiting() -> Iterator[list[str]]:
        for lot in lots(found, batch):
            last.extend(piece.last for piece in lot)
            yield [piece.text for piece in lot]

    parts: list[T] = []
    for made in _made(nlp, waiting(), make, processes):
        parts.append(made)
        if last.popleft():
            yield parts[0] if join is None or len(parts) == 1 else join(parts)
            parts = []


def _made(
    nlp: Language, source: Iterator[list[str]], make: Callable[[Doc], T], processes: int
) -> Generator[T, None, None]:
    """What `make` makes of each text of each lot, in their order."""
    if processes == 0:
        processes, source = worth(source, MANY)
    if processes == 1:
        for lot in source:
            for doc in nlp.pipe(lot, batch_size=len(lot)):
                yield make(doc)
        return
    killed = ModelError(
        "a process that parses was killed", hint="it probably ran out of memory: --processes 1 needs the least"
    )
    with closing(in_order(source, _work, processes, killed=killed, begin=_begin, given=(nlp, make))) as found:
        for made in found:
            yield from made


def _begin(nlp: Language, make: Callable[[Doc], Any]) -> None:
    global _job
    _job = (nlp, make)


def _work(texts: list[str]) -> list[Any]:
    assert _job is not None
    nlp, make = _job
    return [make(doc) for doc in nlp.pipe(texts, batch_size=len(texts))]
