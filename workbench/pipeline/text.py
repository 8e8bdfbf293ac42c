"""How text becomes tokens and sentences: two changes to an English pipeline that news needs."""

import re
from collections.abc import Sequence
from typing import Any, cast

from spacy.language import Language
from spacy.tokens import Doc

from workbench.errors import ModelError

NEWLINES = "workbench_newlines_v1"

INFIXES = (
    # A quotation mark between letters or after a full stop: talks.“We
    r"(?<=\S)[\"“”„‟«»](?=\S)",
    # A full stop before an opening quotation mark.
    r"(?<=[a-z])[.!?](?=[\"“„«])",
    # A hyphen or dash after an abbreviation: U.S.-Russia
    r"(?<=[A-Za-z]\.)[-–—](?=[A-Za-z])",
)

_LINE_END = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@Language.component(NEWLINES, assigns=["token.is_sent_start"])
def end_sentences_at_newlines(doc: Doc) -> Doc:
    """The doc, with a sentence starting after every line end, so that a headline does not melt into the text."""
    for token in doc[:-1]:
        if token.is_space and _LINE_END.search(token.text_with_ws):
            doc[token.i + 1].is_sent_start = True
    return doc


def prepare(nlp: Language) -> Language:
    """The pipeline, splitting tokens at quotation marks and ending sentences at newlines; doing it twice is once.

    Raises:
        ModelError: the pipeline has a tokenizer of its own kind.
    """
    if nlp.has_pipe(NEWLINES):
        return nlp
    tokenizer = cast(Any, nlp.tokenizer)
    if not hasattr(tokenizer, "infix_finditer"):
        raise ModelError(
            f"the pipeline {nlp.meta.get('name', '')!r} has a tokenizer of its own kind, {type(tokenizer).__name__}",
            hint="use a pipeline with spaCy's own tokenizer, such as en_core_web_sm",
        )
    known = cast("Sequence[str]", cast(Any, nlp.Defaults).infixes or ())
    tokenizer.infix_finditer = re.compile("|".join([*known, *INFIXES])).finditer
    nlp.add_pipe(NEWLINES, first=True)
    return nlp
