"""News of MEN and GUM with annotations under the project's own scheme: `real_news.jsonl` has the offsets, not the texts.

Real news that nobody wrote for this project, annotated by the guideline by annotators who had no suggestions in sight.
One half, which chance chose, is learned from (`calibrate.py`), the other is only measured on (`quality.py`).

`python benchmarks/real_news.py write FOLDER` writes the articles in the markup of the samples, texts and all, so that
their annotations can be read and corrected; `python benchmarks/real_news.py read FOLDER` takes them back from there.
"""

import argparse
import hashlib
import re
import sys
from collections import defaultdict
from pathlib import Path

import corpora
from corpora import article_of

from workbench.core import stand_off
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Span
from workbench.core.article import Article, Cut, apply_cuts, sha256
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.samples import shipped
from workbench.samples.markup import compile_sample

ANNOTATIONS = Path(__file__).with_name("real_news.jsonl")
_SPECIAL = re.compile(r"[\[\]|\\]")
_NEXT_SENTENCE = re.compile(r"(?<=[.!?'\"’”]) (?=[A-Z'\"‘“])")
_LINE = 260
"""A text without paragraphs gets a line end after about so many characters in the markup, in place of a blank."""


def here() -> bool:
    """Whether both corpora that the texts come from lie beside the checkout."""
    return corpora.here("men") and corpora.here("gum")


def half(scheme: LabelScheme, *, reported: bool) -> list[AnnotatedArticle]:
    """The half that is only measured on, or the half that is learned from. `article.source` names the text."""
    texts = {article.text_sha256: article for article in _texts().values()}
    lines = ANNOTATIONS.read_text(encoding="utf-8").splitlines()
    found = [
        one
        for number, line in enumerate(lines, 1)
        for one in stand_off.read_line(
            line, lambda _, raw: [texts[raw]] if raw in texts else [], scheme, where=f"{ANNOTATIONS.name}:{number}"
        )
        if isinstance(one, AnnotatedArticle)
    ]
    return [one for one in found if _is_reported(one.article.source) == reported]


def _is_reported(name: str) -> bool:
    """Whether a text is only measured on: chance says so, and it stays so when others are added."""
    return hashlib.sha256(name.encode()).digest()[-1] % 2 == 1


def main() -> None:
    """Writes the articles with their markup, or reads the annotations from there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "read"])
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if not here():
        sys.exit(f"MEN and GUM are not both at {corpora.FOLDER}")
    scheme, folder = shipped.label_scheme(), given.folder
    if given.what == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for one in (*half(scheme, reported=False), *half(scheme, reported=True)):
            (folder / f"{one.article.source}.txt").write_text(_markup(one, scheme), encoding="utf-8")
    else:
        texts = _texts()
        read = [_of_markup(path, texts, scheme) for path in sorted(folder.glob("*.txt"))]
        ANNOTATIONS.write_text("".join(stand_off.to_stand_off(one) + "\n" for one in read), encoding="utf-8")
        sys.stdout.write(f"{len(read)} articles are in {ANNOTATIONS}\n")


def _texts() -> dict[str, Article]:
    """Every text that may be annotated, by name. MEN's are those that its own figures are not measured on."""
    every = {**corpora.men_texts(), **corpora.gum_texts()}
    return {name: Article.from_text(text, source=name) for name, text in every.items()}


def _of_markup(path: Path, texts: dict[str, Article], scheme: LabelScheme) -> AnnotatedArticle:
    """The article that a file marks up; white space may differ, and what the file leaves out at the end is cut."""
    sample = compile_sample(path.read_text(encoding="utf-8"), scheme, name=path.name)
    marked, whole = article_of(sample), texts.get(path.stem)
    if whole is None:
        raise DocumentError(f"{path}: no text of MEN or GUM that may be annotated has this name")
    here, there = _printed(marked.text), _printed(whole.text)[: len(_printed(marked.text))]
    if [marked.text[n] for n in here] != [whole.text[n] for n in there]:
        raise DocumentError(f"{path}: its words are not those of the text beside the checkout")
    place = dict(zip(here, there, strict=True))
    cut = Cut(start=there[-1] + 1, end=len(whole.text), reason="not annotated", text=whole.text[there[-1] + 1 :])
    cuts = (cut,) if cut.text else ()
    text = apply_cuts(whole.text, cuts)
    article = whole.model_copy(update={"cuts": cuts, "text": text, "text_sha256": sha256(text)})
    return AnnotatedArticle(article=article, annotations=_moved(sample.gold(marked, scheme), place, text))


def _printed(text: str) -> list[int]:
    """Where the characters stand that are no white space."""
    return [place for place, character in enumerate(text) if not character.isspace()]


def _moved(annotations: AnnotationSet, place: dict[int, int], text: str) -> AnnotationSet:
    def moved(span: Span) -> Span:
        start, end = place[span.start], place[span.end - 1] + 1
        return span.model_copy(update={"start": start, "end": end, "text": text[start:end]})

    layers = {layer: tuple(moved(span) for span in spans) for layer, spans in annotations.layers.items()}
    return annotations.model_copy(update={"layers": layers})


def _in_order(annotations: AnnotationSet) -> list[Span]:
    return sorted((span for _, span in annotations.spans()), key=lambda span: (span.start, -span.end, span.label))


def _markup(one: AnnotatedArticle, scheme: LabelScheme) -> str:
    """The article in the markup of the samples; frames stand under the line of their span."""
    text, spans = _in_lines(one.article.text), _in_order(one.annotations)
    opened, closed = defaultdict[int, list[Span]](list), defaultdict[int, list[Span]](list)
    for span in spans:
        opened[span.start].append(span)
        closed[span.end].insert(0, span)
    written: list[str] = ["split: train", ""]
    line, frames = "", list[str]()
    for place, character in enumerate(text + "\n"):
        line += "".join(f"|{span.label} {span.id}]" for span in closed[place])
        line += "[" * len(opened[place])
        frames += [frame for span in opened[place] if (frame := _frame(span, scheme))]
        if character == "\n":
            written += [line, *frames]
            line, frames = "", []
        else:
            line += _SPECIAL.sub(r"\\\g<0>", character)
    return "\n".join(written) + "\n"


def _in_lines(text: str) -> str:
    """The text, parted at some ends of sentences where it has no paragraphs; it stays as long as it is."""
    if "\n" in text:
        return text
    last, parted = 0, list(text)
    for match in _NEXT_SENTENCE.finditer(text):
        if match.start() - last > _LINE:
            last = match.start()
            parted[last] = "\n"
    return "".join(parted)


def _frame(span: Span, scheme: LabelScheme) -> str:
    """The line that says what a span's arguments and attributes are, those left out that go without saying."""
    roles = defaultdict[str, list[str]](list)
    for argument in span.arguments:
        roles[argument.role].append(argument.target)
    usual = {one.name: one.default for one in scheme.attributes_of(scheme.layer_of_label[span.label])}
    parts = [f"{role}={','.join(targets)}" for role, targets in roles.items()]
    parts += [f"{name}={value}" for name, value in span.attributes.items() if value != usual.get(name)]
    return f"=> {span.id} {' '.join(parts)}" if parts else ""


if __name__ == "__main__":
    main()
