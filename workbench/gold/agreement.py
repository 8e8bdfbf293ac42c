"""How far the annotators in a store agree, by what each of them submitted independently of the others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.core.agreement.comparison import EVERY
from workbench.core.agreement.figures import Agreement, Measured, Pair
from workbench.core.agreement.reading import TokenizedAnnotation, Tokens, read
from workbench.core.agreement.study import KINDS, Place, Study
from workbench.core.article import Article
from workbench.core.batches import batches
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.report import Listing, Report, Row, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.errors import AgreementError
from workbench.gold.accepted import of_this_scheme
from workbench.gold.independent import LeftOutRevision, Reason, Sorted, sort_out
from workbench.printable import printable, titled
from workbench.store import Store, Transaction, adjudications, annotations, articles, releases, revisions, withdrawals
from workbench.store.annotations import StoredSet
from workbench.store.revisions import Revision

AT_ONCE = 50
"""How many articles are read at once."""
OVERLAP = "`workbench push --overlap 2` gives every article to two annotators"


class LeftOutAnnotation(Frozen):
    """An annotation that is not independent of the others, or cannot be compared with them, and why."""

    article_id: str
    article_version: int
    title: str
    annotator: str
    reason: Reason
    detail: str = ""

    def __str__(self) -> str:
        more = f" ({self.detail})" if self.detail else ""
        return f"{titled(self.article_id, self.title)}, {printable(self.annotator)}: {self.reason}{more}"


class ArticleName(Frozen):
    """An article's id and title."""

    article_id: str
    title: str


class AgreementReport(Report):
    """How far annotators agree, on the whole store or the articles of a release.

    `alone` counts articles that one person annotated; `skipped` are those that everybody skipped.
    """

    release: str | None
    scheme_digest: str
    agreement: Agreement
    alone: int
    skipped: tuple[ArticleName, ...] = ()
    left_out: tuple[LeftOutAnnotation, ...] = ()
    remarks: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """What the figures rest on, the tables, the articles to look at, and what was left out."""
        found = self.agreement
        where = f" of the release {self.release}" if self.release else ""
        yield f"articles{where} that two or more people annotated: {found.articles}"
        yield "annotators: " + ", ".join(f"{name} {number}" for name, number in found.annotators.items())
        if self.alone:
            yield f"articles that one person alone annotated, which say nothing of agreement: {self.alone}"
        yield _spans(found, None)
        if len(found.pairs) > 1:
            yield _by_pair(found)
        yield _roles(found)
        yield _frames(found)
        yield _attributes(found)
        yield _kinds(found)
        yield Listing("articles to look at, those on which annotators differ most first", tuple(_worst(found)))
        if len({one.suggestions for one in found.suggestions}) > 1:
            yield _with_and_without(found)
        yield from self.remarks
        yield Listing("annotations were left out", tuple(str(one) for one in self.left_out))
        skipped = tuple(titled(one.article_id, one.title) for one in self.skipped)
        yield Listing("articles were skipped by everybody who saw them", skipped)


@dataclass
class _Found:
    """What was found on the way through the store."""

    study: Study
    alone: int = 0
    submitted: Counter[str] = field(default_factory=Counter[str])
    skipped: list[ArticleName] = field(default_factory=list[ArticleName])
    left_out: list[LeftOutAnnotation] = field(default_factory=list[LeftOutAnnotation])


def agreement(
    store: Store,
    scheme: LabelScheme,
    progress: Progress,
    *,
    release: str | None = None,
    versions: Mapping[str, int] | None = None,
    resamples: int = 1000,
) -> AgreementReport:
    """How far the annotators agree by what each submitted last, or had submitted when a release was made.

    On everything that is not withdrawn, on the articles of a release, or on these `versions` of articles. A release counts
    as it was made, with what was withdrawn later, as long as it is not erased.

    Articles are read one after the other, and nothing is kept of them but counts.

    Raises:
        AgreementError: no article was annotated by two people independently, under schemes that can be compared.
        ReleaseError: there is no such release.
    """
    found = _Found(Study(scheme, resamples=resamples))
    with store.reading() as session:
        versions, until = (versions, None) if versions is not None else _wanted(session, release)
        wanted = set(versions) if versions is not None else set(revisions.annotated(session))
        erased = wanted & withdrawals.erased(session)
        withdrawn = wanted & withdrawals.current(session).keys() - erased if versions is None else set[str]()
        names = sorted(wanted - erased - withdrawn)
        every = revisions.by_article(session, names, stored_by=until)
        for chunk in batches(progress.track(every, "comparing annotations", len(names)), AT_ONCE):
            _take(session, scheme, chunk, versions, found)
    if not found.study.articles:
        raise _nothing(found, release)
    figures = found.study.agreement()
    return AgreementReport(
        release=release,
        scheme_digest=scheme.digest,
        agreement=figures,
        alone=found.alone,
        skipped=tuple(found.skipped),
        left_out=tuple(found.left_out),
        remarks=(*_remarks(figures), *_not_measured(len(withdrawn), len(erased))),
    )


def _not_measured(withdrawn: int, erased: int) -> Iterator[str]:
    """What is not measured because it is out of use, or since no words of it are left."""
    if withdrawn:
        yield counted(withdrawn, "annotated articles are withdrawn, and not measured")
    if erased:
        yield f"{erased} of the articles {'was' if erased == 1 else 'were'} erased, and can be measured no more"


def _wanted(session: Transaction, release: str | None) -> tuple[dict[str, int] | None, str | None]:
    """The article versions to look at, and the time up to which; None is all, and now."""
    if release is None:
        return None, None
    frozen = releases.get(session, release)
    return {item.article_id: item.article_version for item in frozen.items}, frozen.created


def _take(
    session: Transaction,
    scheme: LabelScheme,
    chunk: Sequence[tuple[str, list[Revision]]],
    versions: Mapping[str, int] | None,
    found: _Found,
) -> None:
    keys = {key for _, revisions in chunk for one in revisions for key in (one.set_id, one.parent_set_id) if key}
    kinds = annotations.kinds(session, sorted(keys))
    by_rule = adjudications.settled_by_rule(session, [article_id for article_id, _ in chunk])
    sorted_out = {article_id: sort_out(revisions, kinds, by_rule.get(article_id)) for article_id, revisions in chunk}
    newest = {one.id: one for one in articles.get_many(session, list(sorted_out))}
    needed = [
        one.set_id for work in sorted_out.values() for people in work.independent.values() for one in people.values()
    ]
    sets = annotations.get_sets(session, needed)
    for article_id, work in sorted_out.items():
        title = newest[article_id].title
        wanted = versions[article_id] if versions is not None else None
        for version, people in sorted(work.independent.items()):
            found.submitted.update(people.keys())
            if wanted in (None, version):
                there = newest[article_id]
                article = there if version == there.version else articles.get(session, article_id, version)
                _compare(session, scheme, article, people, sets, work, found)
        if work.skipped:
            found.skipped.append(ArticleName(article_id=article_id, title=title))
        found.left_out += [
            _named(one, title) for one in work.left_out if wanted in (None, one.revision.article_version)
        ]


def _compare(
    session: Transaction,
    scheme: LabelScheme,
    article: Article,
    people: dict[str, Revision],
    sets: dict[str, StoredSet],
    work: Sorted,
    found: _Found,
) -> None:
    tokens = Tokens.of(article.text)
    readings: list[TokenizedAnnotation] = []
    for person, revision in sorted(people.items()):
        stored = sets[revision.set_id].annotations
        ours = of_this_scheme(session, stored, scheme)
        if ours is None:
            detail = f"{stored.scheme_digest}, now {scheme.digest}"
            work.left_out.append(LeftOutRevision(revision, "other label scheme", detail))
            continue
        made = scheme.normalise(trim(ours)[0])
        suggested = revision.parent_set_id is not None
        readings.append(read(person, made, tokens, scheme, found.study.values, suggested=suggested))
    if len(readings) > 1:
        found.study.add(Place(article.id, article.version, article.title), tokens, readings)
    else:
        found.alone += len(readings)


def _named(one: LeftOutRevision, title: str) -> LeftOutAnnotation:
    return LeftOutAnnotation(
        article_id=one.revision.article_id,
        article_version=one.revision.article_version,
        title=title,
        annotator=one.revision.annotator,
        reason=one.reason,
        detail=one.detail,
    )


def _nothing(found: _Found, release: str | None) -> AgreementError:
    """Why there is no agreement to measure, and what to do about it."""
    where = f" on the articles of the release {release}" if release else ""
    people = ", ".join(f"{name} {number}" for name, number in sorted(found.submitted.items()))
    reasons = Counter(one.reason for one in found.left_out)
    out = "".join(f"; {number} left out: {reason}" for reason, number in reasons.items())
    out += f", the first {found.left_out[0]}" if found.left_out else ""
    lists = {"annotations were left out": [(str(one), "") for one in found.left_out]}
    if not found.submitted and not found.left_out:
        skipped = (
            f"; {counted(len(found.skipped), 'articles were skipped by everybody who saw them')}"
            if found.skipped
            else ""
        )
        return AgreementError(
            f"nobody has submitted an annotation yet{where}{skipped}",
            hint="`workbench pull` fetches them from Label Studio, `workbench import` takes them from a file",
        )
    if reasons["other label scheme"]:
        return AgreementError(
            f"no article was annotated by two people under label schemes that can be compared{where}: {people}{out}",
            hint="`workbench scheme diff` says what a changed label_config.xml takes from annotations",
            lists=lists,
        )
    if len(found.submitted) < 2:
        there = f"there is one{where}: {people}" if people else f"there is none{where}"
        return AgreementError(
            f"agreement needs two annotators who work independently, and {there}{out}",
            hint=OVERLAP,
            lists=lists,
        )
    return AgreementError(f"no article was annotated by two people{where}: {people}{out}", hint=OVERLAP, lists=lists)


def _remarks(found: Agreement) -> Iterator[str]:
    if found.articles < 2:
        yield "there are no intervals: one article says nothing about others"
    for row in found.spans:
        if row.pair is None and row.label == EVERY and row.kappa.value is None:
            yield f"kappa and alpha of {row.layer} are not defined: everybody says the same of every token"
    for row in found.attributes:
        if row.pair is None and row.kappa.value is None and row.compared:
            where = f"{row.attribute} of {row.layer}" if row.layer else row.attribute
            yield f"kappa of {where} is not defined: everybody gave the same one value everywhere"
    for row in found.frames:
        if row.pair is None and row.corrected is not None and row.corrected.value is None:
            yield f"frames of {row.layer} cannot be corrected for chance: everybody says the same of all of them"


def _spans(found: Agreement, pair: Pair | None) -> Table:
    rows = [
        Row(
            (
                row.layer if row.label == EVERY else f"  {row.label}",
                str(row.first + row.second),
                *_with_interval(row.strict_f1),
                _share(row.lenient_f1),
                *_with_interval(row.kappa),
                *_with_interval(row.alpha),
                *_with_interval(row.alpha_u),
            ),
            strong=row.label == EVERY,
            section=row.label == EVERY,
        )
        for row in found.spans
        if row.pair == pair
    ]
    columns = (
        "spans",
        "in all pairs",
        "strict F1",
        "95 %",
        "lenient",
        "kappa",
        "95 %",
        "alpha",
        "95 %",
        "alpha_u",
        "95 %",
    )
    return Table(
        columns, tuple(rows), title="Spans: F1 of places and labels; kappa, alpha over tokens; alpha_u over units"
    )


def _by_pair(found: Agreement) -> Table:
    frames = {(row.pair, row.layer): row for row in found.frames if row.label == EVERY}
    shared = {one.pair: one.articles for one in found.pairs}
    rows = [
        (
            " and ".join(row.pair),
            row.layer,
            shared[row.pair],
            *_with_interval(row.strict_f1),
            _share(row.lenient_f1),
            _share(row.kappa),
            _share(row.alpha),
            _share(row.alpha_u),
            _share(frames[row.pair, row.layer].partial) if (row.pair, row.layer) in frames else "",
        )
        for row in found.spans
        if row.pair is not None and row.label == EVERY
    ]
    columns = ("pair", "layer", "articles", "strict F1", "95 %", "lenient", "kappa", "alpha", "alpha_u", "frames")
    return Table.of(*columns, rows=rows, title="By pair of annotators", left=(0, 1))


def _roles(found: Agreement) -> Table:
    rows = [
        Row(
            (
                row.layer if row.role == EVERY else f"  {row.role}",
                str(row.first + row.second),
                *_with_interval(row.strict_f1),
                _share(row.lenient_f1),
                "" if row.chance is None else f"{row.chance:.2f}",
                *_with_interval(row.corrected),
            ),
            strong=row.role == EVERY,
            section=row.role == EVERY,
        )
        for row in found.roles
        if row.pair is None
    ]
    columns = ("roles", "in all pairs", "strict F1", "95 %", "lenient", "chance", "corrected", "95 %")
    return Table(columns, tuple(rows), title="Roles: F1; the lenient one corrected for chance")


def _frames(found: Agreement) -> Table:
    rows = [
        Row(
            (
                row.layer if row.label == EVERY else f"  {row.label}",
                str(row.first + row.second),
                *_with_interval(row.whole_f1),
                *_with_interval(row.partial),
                "" if row.chance is None else f"{row.chance:.2f}",
                *(_with_interval(row.corrected) if row.corrected else ("", "")),
            ),
            strong=row.label == EVERY,
            section=row.label == EVERY,
        )
        for row in found.frames
        if row.pair is None
    ]
    columns = ("frames", "in all pairs", "whole F1", "95 %", "partial", "95 %", "chance", "corrected", "95 %")
    return Table(
        columns, tuple(rows), title="Whole frames: equal in every part, and with credit for the parts that are"
    )


def _attributes(found: Agreement) -> Table:
    rows = [
        (
            f"{row.attribute} of {row.layer}" if row.layer else row.attribute,
            row.compared,
            *_with_interval(row.same),
            *_with_interval(row.kappa),
        )
        for row in found.attributes
        if row.pair is None
    ]
    title = "Attributes of spans that both marked, and choices about the article"
    return Table.of("attribute", "compared", "same", "95 %", "kappa", "95 %", rows=rows, title=title)


def _kinds(found: Agreement) -> Table:
    counts = {(one.layer, one.kind): one.count for one in found.disagreements}
    layers = list(dict.fromkeys(one.layer for one in found.disagreements))
    rows = [(layer, *(counts.get((layer, kind), "") for kind in KINDS)) for layer in layers]
    return Table.of("differences", *KINDS, rows=rows, title="Where they differ, counted for each pair")


def _with_and_without(found: Agreement) -> Table:
    said = {"both": "both from suggestions", "neither": "both without"}
    rows = [
        (
            row.layer,
            said[row.suggestions],
            row.articles,
            *_with_interval(row.strict_f1),
            *(_with_interval(row.frames) if row.frames else ("", "")),
        )
        for row in sorted(found.suggestions, key=lambda row: (row.layer, row.suggestions))
    ]
    columns = ("layer", "annotated", "pairs", "strict F1", "95 %", "frames, partial", "95 %")
    return Table.of(*columns, rows=rows, title="Agreement with and without suggestions", left=(0, 1))


def _worst(found: Agreement) -> Iterator[str]:
    """The articles with the kinds of their differences and one of these, those with most first."""
    kinds: dict[tuple[str, int], Counter[str]] = {}
    said: dict[tuple[str, int], tuple[int, str, str]] = {}
    for one in found.disagreements:
        for article in one.articles:
            key = (article.article_id, article.article_version)
            kinds.setdefault(key, Counter())[one.kind] += article.count
            said[key] = max(said.get(key, (0, "", "")), (article.count, article.example, article.title))
    for key, counts in sorted(kinds.items(), key=lambda one: (-one[1].total(), one[0])):
        each = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
        _, example, title = said[key]
        yield f"{titled(key[0], title)}: {each}; for example {printable(example)}"


def _share(measured: Measured) -> str:
    return "–" if measured.value is None else f"{measured.value:.2f}"


def _with_interval(measured: Measured) -> tuple[str, str]:
    interval = measured.interval
    return _share(measured), f"{interval.low:.2f}–{interval.high:.2f}" if interval else ""
