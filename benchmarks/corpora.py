"""Reads public corpora that lie beside the checkout, where they do: texts with what their annotators marked.

They are only measured against; nothing of them is part of the project. `COARSE` says what their labels and ours have in
common: a label of ours that is missing is not compared.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article, Cut, apply_cuts, article_id, sha256
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.samples.markup import Sample

FOLDER = Path(__file__).parents[2] / "shared" / "corpora"
FOLDERS = {
    "men": "men",
    "plover": "plover",
    "newsmtsc": "newsmtsc",
    "re3d": "re3d",
    "gum": "gum_news",
    "crossner": "crossner_politics",
}
"""Where each corpus lies below `FOLDER`."""
COARSE = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "facility",
    "NORP": "group",
    "WORK": "work",
}
_MEN = {
    "PERSON": "person",
    "ORGANIZATION": "organisation",
    "LOCATION": "place",
    "FACILITY": "facility",
    "NORP": "group",
    "LAW": "work",
    "WORK_OF_ART": "work",
}
_CROSSNER = {
    "person": "person",
    "politician": "person",
    "organisation": "organisation",
    "politicalparty": "organisation",
    "country": "place",
    "location": "place",
}
_GUM = {"person": "person", "organization": "organisation", "place": "place"}
_INSIDE = frozenset(["of", "and", "the", "for", "de", "la", "al", "bin", "van", "von", "&", "-"])
_WITHOUT_SPACE = re.compile(r" (?=[,.;:!?%)\]]|'s\b|n't\b)|(?<=[(\[$]) ")
_PLOVER_NOW = {"DEMAND": "REQUEST", "DISAPPROVE": "ACCUSE", "INVESTIGATE": "ACCUSE", "FIGHT": "ASSAULT"}
_POLARITY = {2.0: "AGAINST", 4.0: "", 6.0: "FOR"}
_OPEN = re.compile(r"\(((?:SRC|TAR|EVT|LOC|/)+):\s*|[{}]")


@dataclass
class Marked:
    """A stretch of text that an annotator marked: half-open code points, and a label."""

    start: int
    end: int
    label: str

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


@dataclass
class Relation:
    """A relation between two marked stretches: its type, and their offsets."""

    type: str
    source: tuple[int, int]
    target: tuple[int, int]


@dataclass
class Text:
    """A text of a corpus with what was marked in it. `label` is that of the whole text, where there is one."""

    id: str
    text: str
    marks: list[Marked] = field(default_factory=list[Marked])
    label: str = ""
    relations: list[Relation] = field(default_factory=list[Relation])


def here(name: str) -> bool:
    """Whether a corpus lies beside the checkout."""
    return (FOLDER / FOLDERS[name]).is_dir()


def lowest(ids: list[str], number: int) -> set[str]:
    """The ids with the lowest SHA-256: a fold that nobody chose."""
    return set(sorted(ids, key=lambda one: hashlib.sha256(one.encode()).hexdigest())[:number])


def men(*, reported: bool) -> Iterator[Text]:
    """MEN's articles with the innermost of nested names: the 50 of the reported fold, or the others."""
    fold = lowest([article["id"] for article in _men()], 50)
    for article in _men():
        if (article["id"] in fold) != reported:
            continue
        text = _men_text(article["id"])
        marks = [
            Marked(e["position"]["start_offset"], e["position"]["end_offset"], _MEN[e["label"]])
            for e in article["entities"]
            if e["label"] in _MEN
        ]
        yield Text(article["id"], text, [m for m in marks if not any(_inside(other, m) for other in marks)])


def men_scheme() -> LabelScheme:
    """MEN's own scheme: one layer with its eleven labels."""
    labels = sorted({e["label"] for article in _men() for e in article["entities"]})
    return LabelScheme.from_xml(
        '<View><Labels name="entities" toName="text">'
        + "".join(f'<Label value="{label}"/>' for label in labels)
        + '</Labels><Text name="text" value="$text"/></View>',
        name="MEN",
    )


def men_gold(scheme: LabelScheme, *, reported: bool) -> list[AnnotatedArticle]:
    """MEN's articles with all that was marked in them, nested names too, under MEN's own scheme."""
    fold = lowest([article["id"] for article in _men()], 50)
    return [_men_article(one, scheme) for one in _men() if (one["id"] in fold) == reported]


def _men_article(given: dict[str, Any], scheme: LabelScheme) -> AnnotatedArticle:
    article = Article.from_text(_men_text(given["id"])).model_copy(update={"title": given["id"]})
    places = {(e["position"]["start_offset"], e["position"]["end_offset"], e["label"]) for e in given["entities"]}
    spans = [
        Span(id=f"e{number}", label=label, start=start, end=end, text=article.text[start:end])
        for number, (start, end, label) in enumerate(sorted(places))
        if article.text[start:end].strip()
    ]
    person = Producer(kind="person", name="MEN")
    found, _ = trim(AnnotationSet(producer=person, scheme_digest=scheme.digest, layers={"entities": tuple(spans)}))
    return AnnotatedArticle(article=article, annotations=scheme.normalise(found))


@cache
def _men() -> list[dict[str, Any]]:
    return json.loads((FOLDER / "men/annotated_set.json").read_text(encoding="utf-8"))


def _men_text(name: str) -> str:
    with (FOLDER / f"men/article_text/{name}.txt").open(encoding="utf-8", newline="") as file:
        return file.read()


def newsmtsc(*, reported: bool) -> Iterator[Text]:
    """NewsMTSC's sentences with their targets by polarity: the half with the lower hashes, or the other."""
    lines = (FOLDER / "newsmtsc/train.jsonl").read_text(encoding="utf-8").splitlines()
    sentences: list[dict[str, Any]] = [json.loads(line) for line in lines]
    fold = lowest([one["primary_gid"] for one in sentences], len(sentences) // 2)
    for one in sentences:
        if (one["primary_gid"] in fold) == reported:
            marks = [Marked(t["from"], t["to"], _POLARITY[t["polarity"]]) for t in one["targets"]]
            yield Text(one["primary_gid"], one["sentence_normalized"], marks)


def plover(*, reported: bool) -> Iterator[Text]:
    """PLOVER's gold records: source, target and event in the text, the category of today as the text's label.

    The half with the lower hashes is reported; weights of roles are learned from the other.
    """
    records: list[dict[str, Any]] = json.loads((FOLDER / "plover/gsr_open.json").read_text(encoding="utf-8"))[1:]
    fold = lowest([record["id"] for record in records], len(records) // 2)
    for record in records:
        if (record["id"] in fold) != reported:
            continue
        info: dict[str, str] = record["textInfo"] if isinstance(record.get("textInfo"), dict) else {}
        if "markup" in info:
            text, marks = _unmarked(info["markup"])
            category: str = record["event"]
            yield Text(record["id"], text, marks, _PLOVER_NOW.get(category, category))


def re3d() -> Iterator[Text]:
    """re3d's documents with entities and relations; rows that its annotators had no confidence in are left out."""
    for folder in sorted(path for path in (FOLDER / "re3d").iterdir() if path.is_dir()):
        rows = {name: _lines(folder / f"{name}.json") for name in ("documents", "entities", "relations")}
        for document in rows["documents"]:
            own = {
                name: [r for r in rows[name] if r["documentId"] == document["_id"] and r["confidence"] > 0]
                for name in ("entities", "relations")
            }
            yield Text(
                document["_id"],
                document["text"],
                [Marked(e["begin"], e["end"], e["type"]) for e in own["entities"]],
                relations=[
                    Relation(r["type"], (r["sourceBegin"], r["sourceEnd"]), (r["targetBegin"], r["targetEnd"]))
                    for r in own["relations"]
                ],
            )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def crossner() -> Iterator[Text]:
    """CrossNER's sentences on politics, from Wikipedia, with their persons, bodies and places."""
    for name in ("train", "dev"):
        content = (FOLDER / f"crossner_politics/{name}.txt").read_text(encoding="utf-8")
        for number, block in enumerate(block for block in content.split("\n\n") if block.strip()):
            rows = [line.split("\t") for line in block.strip().splitlines()]
            words, starts = [row[0] for row in rows], list[int]()
            text = ""
            for word in words:
                joined = _WITHOUT_SPACE.sub("", f"{text} {word}") if text else word
                starts.append(len(joined) - len(word))
                text = joined
            marks: list[Marked] = []
            for start, word, (_, tag) in zip(starts, words, rows, strict=True):
                kind = _CROSSNER.get(tag[2:])
                if kind and tag.startswith("B-"):
                    marks.append(Marked(start, start + len(word), kind))
                elif kind and marks:
                    marks[-1].end = start + len(word)
            yield Text(f"{name}-{number}", text, marks)


def gum() -> Iterator[Text]:
    """GUM's news with the mentions that have a Wikipedia identity and are written as names: no nominals, no pronouns."""
    for path in sorted((FOLDER / "gum_news/webanno_tsv").glob("*.tsv")):
        text, found = "", dict[tuple[str, str], Marked]()
        for line in path.read_text(encoding="utf-8").splitlines():
            if not re.match(r"\d+-\d+\t", line):
                text += "\n" if line.startswith("#Text") and text else ""
                continue
            cells = line.split("\t")
            text = _WITHOUT_SPACE.sub("", f"{text} {cells[2]}") if text and not text.endswith("\n") else text + cells[2]
            start = len(text) - len(cells[2])
            known = {number for identity, number in _cell(cells[6]) if identity != "_"}
            for kind, number in _cell(cells[3]):
                if kind in _GUM and number in known:
                    one = found.setdefault((kind, number), Marked(start, start, _GUM[kind]))
                    one.end = len(text)
        marks = [_name(text, mark) for mark in found.values()]
        yield Text(path.stem, text, [mark for mark in marks if mark is not None])


def gum_texts() -> dict[str, str]:
    """GUM's news as it was written, by name: a line a paragraph."""
    found: dict[str, str] = {}
    for path in sorted((FOLDER / "gum_news/conllu").glob("*.conllu")):
        paragraphs: list[list[str]] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line == "# newpar":
                paragraphs.append([])
            elif line.startswith("# text = "):
                paragraphs[-1].append(line.removeprefix("# text = "))
        found[path.stem] = "\n".join(" ".join(sentences) for sentences in paragraphs)
    return found


def men_texts() -> dict[str, str]:
    """MEN's articles, by name, but for those of the reported fold."""
    return {one.id: one.text for one in men(reported=False)}


def _cell(cell: str) -> list[tuple[str, str]]:
    """Values and numbers of a cell of WebAnno TSV: person[3]|place[4]."""
    return [(value, number) for value, _, number in (one.rstrip("]").partition("[") for one in cell.split("|"))]


def _name(text: str, mark: Marked) -> Marked | None:
    """The name that a mention is, without article and possessive; None for a description."""
    match = re.fullmatch(r"(?:the |a |an )?(.+?)(?:['’]s?)?", text[mark.start : mark.end], re.IGNORECASE)
    if (
        match is None
        or match.group(1) == "I"
        or not all(word[:1].isupper() or word in _INSIDE for word in match.group(1).split())
    ):
        return None
    return Marked(mark.start + match.start(1), mark.start + match.end(1), mark.label)


def article_of(sample: Sample) -> Article:
    """The sample's article, cleaned exactly of its boxes."""
    cuts = tuple(Cut(start=a, end=b, reason="box", text=sample.raw[a:b]) for a, b in sample.boxes)
    text = apply_cuts(sample.raw, cuts)
    return Article(
        id=article_id(sample.raw),
        text=text,
        text_sha256=sha256(text),
        raw_sha256=sha256(sample.raw),
        cuts=cuts,
        published=sample.published or None,
    )


def affair(text: Text) -> str:
    """What a record of PLOVER is about, as far as it shows: who does it to whom. Records of one affair share a fold."""
    named = sorted({text.text[m.start : m.end].lower() for m in text.marks if m.label in ("SRC", "TAR")})
    return hashlib.sha256("|".join(named).encode()).hexdigest()


def plays(text: Text, role: str) -> set[str]:
    """The marks of a PLOVER record that stand for a role: both where source and target do the same to each other."""
    wanted = {"actor": "SRC", "recipient": "TAR"}.get(role)
    either = {one.label for one in text.marks if any(one is not o and one.start == o.start for o in text.marks)}
    if wanted is None:
        return set()
    return {"SRC", "TAR"} if wanted in either else {wanted}


def _inside(one: Marked, other: Marked) -> bool:
    return one is not other and one.label == other.label and other.start <= one.start and one.end <= other.end


def _unmarked(markup: str) -> tuple[str, list[Marked]]:
    """Text and marks of "(SRC: Finland) (EVT: will give) …"; marks nest."""
    text: list[str] = []
    marks: list[Marked] = []
    opened: list[tuple[str, int]] = []
    length = position = 0
    while position < len(markup):
        match = _OPEN.match(markup, position)
        if match:
            label: str | None = match.group(1)
            if label:
                opened.append((label, length))
            position = match.end()
            continue
        character = markup[position]
        position += 1
        if character == "(":
            opened.append(("", length))
        elif character == ")" and opened:
            kind, start = opened.pop()
            if kind:
                marks += [Marked(start, length, one) for one in kind.split("/") if length > start]
                continue
        text.append(character)
        length += 1
    return "".join(text), marks
