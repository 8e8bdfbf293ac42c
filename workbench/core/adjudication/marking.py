"""How disputes stand on the page of a review task: marks on the words that they are about, and a list of them."""

from collections.abc import Iterable, Mapping, Sequence

from workbench.core.adjudication.decisions import Decision, Kind
from workbench.core.adjudication.page import ORDER, ReviewPage
from workbench.core.adjudication.wording import quoted
from workbench.core.annotations import AnnotationSet, Producer, Span

REVIEW = "review"
"""The name of the producer of what review tasks suggest; its version changes when any of it does."""
LISTED = 60
"""How many disputes the list names; an article with more shows the others by their marks."""


def review_producer(version: int) -> Producer:
    """Who makes what review tasks suggest."""
    return Producer(kind="adjudicated", name=REVIEW, version=str(version))


def suggestion(
    merged: AnnotationSet, disputes: Sequence[Decision], text: str, page: ReviewPage, version: int
) -> AnnotationSet:
    """What a review task suggests: the merged set, and a mark for each span about which there is a dispute.

    Its first parent is the merged set. `disputes` are taken to be about the article with this text.
    """
    by_span: dict[tuple[str, str], list[Decision]] = {}
    for one in disputes:
        if one.span is not None:
            by_span.setdefault((one.layer, one.span), []).append(one)
    marks: list[Span] = []
    for number, several in enumerate(by_span.values(), 1):
        start, end = several[0].start or 0, several[0].end or 0
        kinds: set[Kind] = {one.kind for one in several}
        kind = next(filter(lambda one: one in kinds, ORDER))
        marks.append(
            Span(
                id=f"dispute{number}",
                label=page.question(kind),
                start=start,
                end=end,
                text=text[start:end],
                attributes={page.said: tuple(_without_words(one) for one in several)},
            )
        )
    taken = {span.id for _, span in merged.spans()}
    marks = [one.model_copy(update={"id": _free(one.id, taken)}) for one in marks]
    made = AnnotationSet(
        producer=review_producer(version),
        scheme_digest=page.scheme.digest,
        created=merged.created,
        parents=(merged.digest, *merged.parents),
        layers={**merged.layers, page.marks: tuple(marks)},
        document=merged.document,
        others=merged.others,
    )
    return page.scheme.normalise(made)


def note(disputes: Sequence[Decision]) -> str:
    """The list of disputes, as the page shows it above the text."""
    if not disputes:
        return ""
    lines = [f"{len(disputes)} {'question' if len(disputes) == 1 else 'questions'} to decide:"]
    lines += [f"{number}. {one}" for number, one in enumerate(disputes[:LISTED], 1)]
    if len(disputes) > LISTED:
        lines.append(f"… and {len(disputes) - LISTED} more: click on the marked words to see who said what")
    return "\n".join(lines)


def short_names(people: Iterable[str]) -> Mapping[str, str]:
    """What the page calls people: what stands before the @ of an e-mail address, where that is nobody else's."""
    names = sorted(set(people))
    short = {name: name.partition("@")[0] or name for name in names}
    several = {one for one in short.values() if list(short.values()).count(one) > 1}
    return {name: name if short[name] in several else short[name] for name in names}


def _without_words(one: Decision) -> str:
    """A dispute as the mark says it, which stands on the words that it is about."""
    said = " or ".join(map(str, one.said))
    match one.kind:
        case "span" | "label" | "boundary":
            return said
        case "role":
            return f"{quoted(one.name)}: {said}"
        case _:
            return f"{one.name}: {said}"


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "x"
    return name
