"""Examples to learn from: a doc as the pipeline sees it beside its gold, outside memory where there are many."""

import pickle
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from workbench.pipeline.docs import on_tokens_of
from workbench.pipeline.spool import Spool

GetExamples = Callable[[], Iterable[Example]]

KEPT = 1 << 24
"""So many bytes of examples are kept as docs: to make one of its bytes takes longer than to look at it."""

_analyses: "WeakKeyDictionary[GetExamples, tuple[list[object], Spool[Example]]]" = WeakKeyDictionary()


def spooled(nlp: Language) -> Spool[Example]:
    """A place for examples, which keeps of them what components look at; the docs that it gives are not to be changed."""

    def pack(example: Example) -> bytes:
        both = (example.predicted, example.reference)
        return pickle.dumps([doc.to_bytes(exclude=["tensor", "user_data"]) for doc in both])

    def unpack(data: bytes) -> Example:
        predicted, reference = (Doc(nlp.vocab).from_bytes(one) for one in pickle.loads(data))
        return Example(predicted, reference)

    return Spool(pack, unpack, kept=KEPT)


def analysed(nlp: Language, earlier: Sequence[object], get_examples: GetExamples) -> Spool[Example]:
    """The examples with what the components `earlier` say of their docs, and gold on the same tokens.

    `spacy train` gives docs that nobody has looked at to components that are made ready, and each component the same
    ones: they are analysed once.
    """
    known = _analyses.get(get_examples)
    if known is not None and known[0] == list(earlier):
        return known[1]
    made = spooled(nlp)
    for example in get_examples():
        doc = example.predicted.copy()
        for component in earlier:
            doc = cast(Any, component)(doc)
        made.append(Example(doc, on_tokens_of(doc, example.reference)))
    _analyses[get_examples] = (list(earlier), made)
    return made
