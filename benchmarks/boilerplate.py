"""How much boilerplate that it has not seen the cleaner cuts, and whether it cuts news.

    python benchmarks/boilerplate.py FILE [--missed] [--only KIND,…]
    python benchmarks/boilerplate.py --news [--listed]

FILE has a line of boilerplate a row: kind, where it is from, the line, with tabs between. Such lines are other people's
and no part of the project; without a file nothing is said of them. Each is put between two paragraphs of news, on a
line of its own, where it counts as cut if nothing of it stays, and once more with the others of its source in the
order of the file, which is nearer to a page, whose boxes have several lines. --missed lists what stays of those alone:
only for lines that the cues may be made on.

--news cleans the corpora that lie beside the checkout, each text as it is and each of its sentences on a line of its
own between paragraphs of news, and counts what is cut; --listed prints it, to be read: all that is no boilerplate is an
error. Corpora that are missing are named and skipped.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import corpora

from workbench.articles import blocks as layout
from workbench.articles import cleaning

BEFORE = "The two delegations met in Vienna on Tuesday and parted without a deal, officials said."
AFTER = "A third round is planned for next month, the mediator told reporters."
PARAGRAPHS = (
    "The talks had been called by the smaller states of the region, which want the river kept open in winter.",
    "Neither side has published its terms, and a joint statement that was drafted overnight was withdrawn.",
)
CORPORA: dict[str, Callable[[], Iterable[corpora.Text]]] = {
    "men": lambda: chain(corpora.men(reported=False), corpora.men(reported=True)),
    "newsmtsc": lambda: chain(corpora.newsmtsc(reported=False), corpora.newsmtsc(reported=True)),
    "plover": lambda: chain(corpora.plover(reported=False), corpora.plover(reported=True)),
    "re3d": corpora.re3d,
    "gum": corpora.gum,
    "crossner": corpora.crossner,
}
ARTICLES = corpora.FOLDER.parent / "articles"


class Row(NamedTuple):
    """A line of boilerplate: its kind, where it is from, its text."""

    kind: str
    source: str
    line: str


def read(path: Path) -> list[Row]:
    """The rows of a file; one that has not three fields is an error."""
    rows: list[Row] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = [field.strip() for field in text.split("\t")]
        if len(fields) != 3 or not all(fields):
            raise SystemExit(f"{path}:{number}: expected kind, source and line with tabs between, found {text[:60]!r}")
        rows.append(Row(*fields))
    return rows


def alone(line: str) -> bool:
    """Whether the line is cut where it stands between paragraphs of news."""
    raw = f"{BEFORE}\n\n{PARAGRAPHS[0]}\n\n{line}\n\n{PARAGRAPHS[1]}\n\n{AFTER}\n"
    return cleaning.clean(raw)[0] == f"{BEFORE}\n\n{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1]}\n\n{AFTER}\n"


def together(rows: Sequence[Row]) -> set[Row]:
    """The lines of one source that are cut where all of them stand below the news."""
    kept = cleaning.clean("\n\n".join([BEFORE, *PARAGRAPHS, AFTER, *(row.line for row in rows)]) + "\n")[0].splitlines()
    return {row for row in rows if row.line not in kept}


def boilerplate(rows: Sequence[Row], *, missed: bool) -> Iterator[str]:
    """A line for each kind, one for all, and what stays."""
    by_source: dict[str, list[Row]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row)
    cut_together = set[Row]().union(*(together(of) for of in by_source.values()))
    cut = {row for row in rows if alone(row.line)}
    kinds = sorted({row.kind for row in rows})
    yield f"{'kind':16}{'lines':>6}{'cut alone':>11}{'beside others of its source':>30}"
    for kind in [*kinds, "all"]:
        of = [row for row in rows if kind in (row.kind, "all")]
        yield f"{kind:16}{len(of):6}{len(cut.intersection(of)):11}{len(cut_together.intersection(of)):30}"
    yield f"{len(by_source)} sources; cleaner {cleaning.cleaner()}"
    if missed:
        yield from (f"stays: {row.kind}\t{row.source}\t{row.line}" for row in rows if row not in cut)


def news(*, listed: bool) -> Iterator[str]:
    """A line for each corpus: how many texts and sentences, what was cut of them; and the stretches that were."""
    total: Counter[str] = Counter()
    for name, texts in CORPORA.items():
        if not corpora.here(name):
            yield f"{name:10} is not beside the checkout ({corpora.FOLDER}); skipped"
            continue
        yield from _cleaned(name, ((one.id, one.text) for one in texts()), total, listed=listed)
    if ARTICLES.is_dir():
        texts = ((path.name, path.read_text(encoding="utf-8")) for path in sorted(ARTICLES.glob("*.txt")))
        yield from _cleaned("articles", texts, total, listed=listed)
    yield (
        f"{total['texts']} texts, {total['cuts']} stretches cut; "
        f"{total['sentences']} of their sentences alone, {total['alone']} cut; cleaner {cleaning.cleaner()}"
    )


def _cleaned(name: str, texts: Iterable[tuple[str, str]], total: Counter[str], *, listed: bool) -> Iterator[str]:
    own: Counter[str] = Counter()
    found: list[str] = []
    for identity, text in texts:
        identity = " ".join(identity.split())
        cuts = list(cleaning.boilerplate(cleaning.clean(text)[1]))
        own.update(texts=1, cuts=len(cuts))
        found += [f"  {name}\t{identity}\t{cut.reason}\t{' / '.join(cut.text.split(chr(10))).strip()}" for cut in cuts]
        single = [
            text[s.start : s.end]
            for block in layout.blocks(text, layout.lines(text))
            for s in layout.sentences(text, block)
        ]
        if len(single) > 1:
            gone = [" ".join(one.split()) for one in single if one.strip() and alone(" ".join(one.split()))]
            own.update(sentences=len(single), alone=len(gone))
            found += [f"  {name}\t{identity}\talone\t{one}" for one in gone]
    total.update(own)
    yield (
        f"{name:10}{own['texts']:6} texts, {own['cuts']:4} stretches cut; "
        f"{own['sentences']:6} of their sentences alone, {own['alone']:4} cut"
    )
    if listed:
        yield from found


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--missed", action="store_true", help="list what stays")
    parser.add_argument("--only", default="", help="kinds, with commas between")
    parser.add_argument("--news", action="store_true", help="clean the corpora beside the checkout")
    parser.add_argument("--listed", action="store_true", help="print what is cut of the corpora")
    options = parser.parse_args()
    file: Path | None = options.file
    only: str = options.only
    if file is None and not options.news:
        say("No file of lines was named, so nothing is measured; --news counts what is cut of the corpora.")
    if file is not None:
        rows = [row for row in read(file) if not only or row.kind in only.split(",")]
        for line in boilerplate(rows, missed=options.missed):
            say(line)
    if options.news:
        for line in news(listed=options.listed):
            say(line)


def say(line: str) -> None:
    """Prints a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
