"""Simulations of annotating a gold corpus, side by side: by what learns, and by the order in which articles come."""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Literal

from pydantic import Field, model_validator

from workbench.core.annotations import AnnotatedArticle
from workbench.core.chance import chance
from workbench.core.counted import counted
from workbench.core.options import Options
from workbench.core.parts import Part
from workbench.core.ports import Remark
from workbench.core.report import Listing, Report, Row, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, ReleaseError, SettingsError
from workbench.selection.ranking import Strategy
from workbench.store import releases
from workbench.training import corpus
from workbench.workflows.context import Context
from workbench.workflows.documents import format_to_read
from workbench.workflows.points import add_point, digest, known_points
from workbench.workflows.preannotate import rule_texts, rules
from workbench.workflows.replay import Learner, Point, Setting, replay

SIZES = (10, 20, 40)
TEST_SHARE = 0.3


class SimulationReport(Report):
    """All points of all simulations. `pool` articles could be annotated, `test` were measured on.

    `repeated` is how many points were known from a run before. For the sizes in `too_large` there were too few articles.
    `left_out` says what of a file was not taken.
    """

    schema_: Literal["workbench/simulation/1"] = Field(default="workbench/simulation/1", alias="schema")
    gold: str
    digest: str
    pool: int
    test: int
    repeated: int
    points: tuple[Point, ...]
    too_large: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """A table of means over the seeds: a row for each learner, strategy and size."""
        seeds = len({point.seed for point in self.points})
        yield (
            f"{self.gold}: {counted(self.pool, 'articles')} to annotate, {self.test} to measure on, "
            f"{seeds} seed{'s' * (seeds != 1)}" + (f"; {self.repeated} points were known" if self.repeated else "")
        )
        rows: list[Row] = []
        groups: dict[tuple[str, str], dict[int, list[Point]]] = {}
        for point in self.points:
            groups.setdefault((point.learner, point.strategy), {}).setdefault(point.articles, []).append(point)
        for (learner, strategy), by_size in groups.items():
            for number, (size, points) in enumerate(sorted(by_size.items())):
                f1 = [point.f1 for point in points]
                rows.append(
                    Row(
                        (
                            f"{learner}, {strategy}" if not number else "",
                            str(size),
                            f"{fmean(f1):.3f}",
                            f"{min(f1):.3f}-{max(f1):.3f}" if len(f1) > 1 else "",
                            f"{fmean(point.mean for point in points):.1f}",
                            f"{fmean(point.words for point in points):,.0f}",
                            f"{fmean(point.corrections for point in points):,.0f}",
                            f"{fmean(point.seconds for point in points):.0f}",
                        ),
                        section=number == len(by_size) - 1,
                    )
                )
        columns = (
            "learns, order",
            "articles",
            "F1",
            "range",
            "corrections an article",
            "words read",
            "corrected",
            "CPU s",
        )
        yield Table(columns, tuple(rows))
        if self.too_large:
            yield f"not measured, as there are too few articles: after {', '.join(map(str, self.too_large))}"
        if len({point.articles for point in self.points}) == 1 and len({point.strategy for point in self.points}) > 1:
            yield "the articles before the first measurement come by chance in every order: --sizes with several tells them apart"
        yield "F1 of spans, strict, and corrections an article on the test articles; read and corrected by annotators"
        yield Listing("documents were left out", self.left_out)


class SimulationOptions(Options):
    """What is simulated, and how.

    `learners`: "suggestions" and "words" are the workbench's own model with and without the rules' suggestions, "ner"
    is spaCy's entity recogniser trained on (it learns the first layer), "rules" learn nothing. `strategies` are the
    orders in which articles are annotated, as `selection.ranking` has them; after each of the `sizes`, a number of
    articles, is trained and measured; all of it `seeds` times, each with another random order. Of a release the train
    part is annotated and `part` is measured on; of a file `test_share` is, by story.
    """

    learners: tuple[Learner, ...] = ("suggestions", "rules")
    strategies: tuple[Strategy, ...] = ("random",)
    sizes: tuple[int, ...] = SIZES
    seeds: int = 1
    part: Part = "test"
    test_share: float = TEST_SHARE

    @model_validator(mode="after")
    def _is_something(self) -> "SimulationOptions":
        if not self.learners or not self.strategies or not self.sizes or self.seeds < 1:
            raise SettingsError("nothing to simulate", hint="name a learner, a strategy, a size and at least one seed")
        if min(self.sizes) < 1:
            raise SettingsError(counted(min(self.sizes), "articles are no size"), hint="sizes are whole numbers from 1")
        if not 0 < self.test_share < 1:
            raise SettingsError(f"a test share of {self.test_share:g} is none", hint="give one between 0 and 1")
        return self


def simulate(
    context: Context,
    gold: str,
    options: SimulationOptions | None = None,
    *,
    scheme: LabelScheme | None = None,
    format: str | None = None,
    output: Path | None = None,
) -> SimulationReport:
    """Every simulation that was asked for, side by side on the same gold.

    Args:
        context: the workspace.
        gold: a release, or a file of annotated articles.
        options: what is simulated.
        scheme: the scheme of the gold; None for the workspace's.
        format: the format of the file; None to tell by its name.
        output: a file that every point is added to as soon as it is known, and from which a run that was interrupted
            goes on.

    Raises:
        ReleaseError: there is no such release, or a part of it is empty.
        DocumentError: the file is not there, is malformed or has too few annotated articles, or `output` holds points of
            other gold.
        ModelError: something cannot be trained or loaded.
        SettingsError: there is no size that the gold has articles for.
    """
    options = options or SimulationOptions()
    scheme = scheme or context.scheme
    left_out: tuple[str, ...] = ()
    if Path(gold).is_file():
        pool, test, left_out = _of_file(Path(gold), scheme, options.test_share, format)
    else:
        pool, test = _of_release(context, gold, scheme, options.part)
    if min(options.sizes) > len(pool):
        raise SettingsError(
            f"{gold} has {counted(len(pool), 'articles')} to annotate, fewer than {min(options.sizes)}",
            hint="name smaller --sizes",
        )
    suggesting = rules(context, scheme=scheme)
    name = digest(pool, test, scheme, suggesting.producer)
    known = known_points(output, name) if output else []
    by_run = {(p.strategy, p.learner, p.seed, p.articles): p for p in known}
    setting = Setting(
        pool=pool,
        test=test,
        scheme=scheme,
        rules=suggesting,
        pipeline=context.settings.preannotate.pipeline,
        rule_files=rule_texts(context),
    )
    wanted = [size for size in sorted(set(options.sizes)) if size <= len(pool)]
    points: list[Point] = []
    repeated = 0
    for seed, strategy, learner in product(range(options.seeds), options.strategies, options.learners):
        before = [by_run[key] for size in wanted if (key := (strategy, learner, seed, size)) in by_run]
        if len(before) == len(wanted):
            points += before
            repeated += len(before)
            continue
        for point in replay(setting, context.progress, strategy=strategy, learner=learner, seed=seed, sizes=wanted):
            points.append(point)
            if output:
                add_point(output, name, point)
    return SimulationReport(
        gold=gold,
        digest=name,
        pool=len(pool),
        test=len(test),
        repeated=repeated,
        points=tuple(points),
        too_large=tuple(size for size in sorted(set(options.sizes)) if size not in wanted),
        left_out=left_out,
    )


def _of_release(
    context: Context, name: str, scheme: LabelScheme, part: Part
) -> tuple[Sequence[AnnotatedArticle], Sequence[AnnotatedArticle]]:
    with context.store.reading() as session:
        known = releases.names(session)
        if name not in known and (Path(name).suffix or "/" in name):
            raise DocumentError(
                f"no file {name}, and no release of that name; there are: {', '.join(known) or 'none yet'}",
                hint="name a release, or a file of annotated articles",
            )
        found = corpus.read(session, name, scheme)
    pool, test = found.trainable("train", scheme), found.trainable(part, scheme)
    for which, items in (("train", pool), (part, test)):
        if not items:
            raise ReleaseError(
                f"the {which} part of {name} is empty", hint="name another --part, or a release that has both"
            )
    return pool, test


def _of_file(
    path: Path, scheme: LabelScheme, test_share: float, format: str | None
) -> tuple[list[AnnotatedArticle], list[AnnotatedArticle], tuple[str, ...]]:
    """The articles to annotate and those to measure on, which share no story; and what was left out."""
    items: list[AnnotatedArticle] = []
    left_out: list[str] = []
    for one in format_to_read(path, format).read(path, scheme):
        if isinstance(one, Remark):
            left_out += [str(one)] if one.left_out else []
        else:
            items.append(one.model_copy(update={"annotations": scheme.normalise(one.annotations)}))
    stories = sorted({one.article.story for one in items}, key=lambda story: chance(f"simulate {story}"))
    apart = set(stories[: max(1, round(len(stories) * test_share))])
    test = [one for one in items if one.article.story in apart]
    pool = [one for one in items if one.article.story not in apart]
    if not pool or not test:
        raise DocumentError(
            f"{path} has {counted(len(items), 'annotated articles')} of {counted(len(stories), 'stories')}, too few to learn and measure",
            path=str(path),
            hint="name a file with more articles; those of one story count once",
        )
    return pool, test, tuple(left_out)
