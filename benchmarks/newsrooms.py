"""Guards the newsroom articles: what the rules suggest for them changes only with a reason that is written down.

Nobody reads their texts to make rules. Their figures were looked at, though, and chose among forms of the stance rules
(docs/measured.md), so that for stances they are no longer unseen.

`python benchmarks/newsrooms.py` compares what the rules suggest for them with the last line of the log, and fails where
that has changed; `--because REASON` adds the line that is missing: the date, the reason, a hash of the articles with
their gold, a hash of the suggestions, and the corrections an article that the suggestions need, before and after.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from corpora import article_of

from workbench.core.annotations import AnnotationSet
from workbench.core.matching import match
from workbench.preannotate.rules.annotator import Rules
from workbench.samples import shipped

LOG = Path(__file__).parents[1] / "tests/data/rules-on-newsrooms.tsv"
HOW = 'say why, which is never "to be better on these": python benchmarks/newsrooms.py --because REASON'
HEAD = """\
# What the rules suggest for the articles of workbench/samples/newsrooms: a line for each change, by
# `python benchmarks/newsrooms.py --because REASON`. Nobody reads the texts to make rules; the figures were looked at, and
# chose among forms of the stance rules (docs/measured.md). Hashes: articles with their gold; suggestions without their
# scores. Figures: the corrections an article that the suggestions need.
date	because	articles	suggestions	before	after
"""


@dataclass(frozen=True)
class State:
    """Where articles and rules stand; `figure` is the corrections an article, `by_newsroom` the same for each.

    `from_empty` is what an article without suggestions needs.
    """

    articles: str
    suggestions: str
    figure: str
    from_empty: str
    by_newsroom: dict[str, str]

    @classmethod
    def now(cls) -> "State":
        """What the rules of this checkout suggest."""
        scheme = shipped.label_scheme()
        samples = shipped.corpus(scheme, "newsrooms")
        articles = [article_of(sample) for sample in samples]
        golds = [sample.gold(article, scheme) for sample, article in zip(samples, articles, strict=True)]
        found = [scheme.normalise(one) for one in Rules(scheme).annotate(articles)]
        needed = [match(one, gold, scheme).corrections for one, gold in zip(found, golds, strict=True)]
        empty = [one.model_copy(update={"layers": dict.fromkeys(one.layers, ())}) for one in golds]
        all_of_it = [match(one, gold, scheme).corrections for one, gold in zip(empty, golds, strict=True)]
        newsrooms = sorted({sample.newsroom for sample in samples})
        pages = [sample.raw for sample in samples]
        return cls(
            articles=_hash([*pages, *map(_plain, golds)]),
            suggestions=_hash(map(_plain, found)),
            figure=f"{fmean(needed):.1f}",
            from_empty=f"{fmean(all_of_it):.1f}",
            by_newsroom={
                name: f"{fmean(n for n, sample in zip(needed, samples, strict=True) if sample.newsroom == name):.1f}"
                for name in newsrooms
            },
        )


@dataclass(frozen=True)
class Entry:
    """A line of the log."""

    date: str
    because: str
    articles: str
    suggestions: str
    before: str
    after: str

    @classmethod
    def all(cls) -> list["Entry"]:
        """The lines of the log, in order."""
        if not LOG.exists():
            return []
        lines = LOG.read_text(encoding="utf-8").removeprefix(HEAD).splitlines()
        return [cls(*line.split("\t")) for line in lines]

    def line(self) -> str:
        """The line."""
        return "\t".join((self.date, self.because, self.articles, self.suggestions, self.before, self.after)) + "\n"


def changed(last: Entry | None, state: State) -> str | None:
    """What differs from the last line of the log, in words; None where nothing does."""
    if last and (last.articles, last.suggestions, last.after) == (state.articles, state.suggestions, state.figure):
        return None
    what = "the articles" if last and last.suggestions == state.suggestions else "what the rules suggest for them"
    return f"{what} changed, from {last.after if last else '-'} corrections an article to {state.figure}"


def entry_of(last: Entry | None, state: State, because: str, date: str) -> Entry:
    """The line to add."""
    because = " ".join(because.split())
    return Entry(date, because, state.articles, state.suggestions, last.after if last else "-", state.figure)


def main() -> int:
    """Compares, or adds a line; the exit status is 1 where a line is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--because", metavar="REASON", help="why suggestions or articles changed, in a few words")
    given = parser.parse_args()
    entries, state = Entry.all(), State.now()
    last = entries[-1] if entries else None
    each = ", ".join(f"{name} {figure}" for name, figure in state.by_newsroom.items())
    _say(f"corrections an article: {state.figure} ({state.from_empty} from an empty page); {each}")
    difference = changed(last, state)
    if difference is None:
        _say(f"nothing changed since {last.date if last else '-'}")
        return 0
    if not (given.because or "").strip():
        _say(f"{difference}; {HOW}")
        return 1
    entry = entry_of(last, state, given.because, f"{datetime.now(UTC):%Y-%m-%d}")
    LOG.write_text(HEAD + "".join(one.line() for one in [*entries, entry]), encoding="utf-8")
    _say(f"added to {LOG.name}:\n{entry.line().strip()}")
    return 0


def _plain(annotations: AnnotationSet) -> str:
    """The annotations without ids, scores and producer, in one order."""
    where = {span.id: (layer, span.label, span.start, span.end) for layer, span in annotations.spans()}
    spans = sorted(
        (
            *where[span.id],
            sorted((name, str(value)) for name, value in span.attributes.items()),
            sorted((argument.role, *where[argument.target]) for argument in span.arguments),
        )
        for _, span in annotations.spans()
    )
    return json.dumps(spans)


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _say(line: str) -> None:
    print(line)


if __name__ == "__main__":
    sys.exit(main())
