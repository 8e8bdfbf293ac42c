"""Where everything stands, read from the store; a server that answers is asked for the label config alone."""

from collections import Counter
from collections.abc import Iterator

from pydantic import Field

from workbench.core.config_edit import HINT, ConfigEdit, config_edit
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.parts import Part
from workbench.core.report import LISTED, Report, Shown
from workbench.errors import LabelStudioError, ReleaseError
from workbench.gold.adjudication.standing import STATES, standings
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.push import withdrawing
from workbench.printable import printable, titled
from workbench.settings import FILE
from workbench.store import (
    Transaction,
    annotations,
    articles,
    models,
    problems,
    projects,
    releases,
    revisions,
    task_ledger,
    withdrawals,
)
from workbench.workflows import parting
from workbench.workflows.context import Context


class ProducerStatus(Frozen):
    """Suggestions by one producer."""

    producer: str
    articles: int


class ProjectStatus(Frozen):
    """A Label Studio project: its tasks by state, what annotators see, and up to when changes were pulled."""

    server: str
    project_id: int
    title: str
    tasks: dict[str, int]
    model_version: str | None
    pulled_to: str | None
    problems: int


class AnnotatorStatus(Frozen):
    """What one person submitted, or decided in review tasks; `seconds` is the lead time of that."""

    annotator: str
    submitted: int
    skipped: int
    seconds: float
    adjudicated: int = 0


class ReleaseStatus(Frozen):
    """A gold release and the number of articles in each part."""

    name: str
    created: str
    parts: dict[str, int]


class RefusalStatus(Frozen):
    """A model that was not promoted, why, and when."""

    model: str
    reason: str
    decided: str


class ReopenedArticle(Frozen):
    """An article that was adjudicated, and in which annotators have changed something since."""

    article_id: str
    title: str
    why: str


class StatusReport(Report):
    """Where everything stands: articles, suggestions, projects, annotators, releases, models, what annotators see.

    `champion` says what annotators see, `champion_reason` why; `refused` what was refused since, if anything.
    `config_edit` is what somebody changed in the project's label config on its settings page, `not_asked` why a server
    that answers could not say. `adjudication` counts the articles of two annotators or more by where they stand, from
    "not merged" to "adjudicated"; `reopened` are those that have to be adjudicated again.
    `empty_parts` will hold nothing in a release that is divided as workbench.toml says, which `divided_by` repeats.
    `withdrawn` of the articles are, `erased` ones were besides; `withdrawing` tasks still have to be marked or deleted for
    it in Label Studio.
    """

    articles: int
    story_groups: int
    parts: dict[str, int]
    suggestions: tuple[ProducerStatus, ...]
    projects: tuple[ProjectStatus, ...]
    annotators: tuple[AnnotatorStatus, ...]
    annotated_articles: int
    releases: tuple[ReleaseStatus, ...]
    models: tuple[str, ...]
    champion: str
    champion_reason: str
    refused: RefusalStatus | None = None
    config_edit: ConfigEdit | None = None
    not_asked: str = ""
    adjudication: dict[str, int] = Field(default_factory=dict)
    reopened: tuple[ReopenedArticle, ...] = ()
    empty_parts: tuple[Part, ...] = ()
    divided_by: str = "story"
    withdrawn: int = 0
    erased: int = 0
    withdrawing: int = 0

    def shown(self) -> Iterator[Shown]:
        """A line or more on each: articles, suggestions, projects, annotators, releases, models, what is shown."""
        for name, lines in self._sections().items():
            for number, line in enumerate(lines or ["none yet"]):
                yield f"{name if not number else '':<13}{line}"

    def _sections(self) -> dict[str, list[str]]:
        parts = f" ({_counts(self.parts)})" if self.parts else ""
        return {
            "articles": [f"{self.articles} in {self.story_groups} story groups{parts}", *self._withdrawals()],
            **({"parts": self._warning()} if self.empty_parts else {}),
            "suggestions": [f"{counted(s.articles, 'articles')} by {s.producer}" for s in self.suggestions],
            "Label Studio": [
                f"{p.title} ({p.server}, project {p.project_id}): tasks {_counts(p.tasks)}; pulled to "
                f"{p.pulled_to or 'never'}"
                + (f"; {counted(p.problems, 'problems')}, see `workbench pull --problems`" if p.problems else "")
                for p in self.projects
            ]
            + self.edited(),
            "annotators": [
                f"{a.annotator}: {a.submitted} submitted, {a.skipped} skipped, "
                + (f"{a.adjudicated} adjudicated, " if a.adjudicated else "")
                + f"{a.seconds / 60:.0f} minutes"
                for a in self.annotators
            ],
            **({"adjudication": list(self._adjudication())} if self.adjudication else {}),
            "releases": [f"{r.name}: {_counts(r.parts)}" for r in self.releases],
            "models": list(self.models),
            "shown": [f"{self.champion}: {self.champion_reason}"],
            **({"refused": [f"{self.refused.model}: {self.refused.reason}"]} if self.refused else {}),
        }

    def _adjudication(self) -> Iterator[str]:
        """How many articles stand where, what to do, and which were reopened."""
        yield ", ".join(f"{number} {state}" for state, number in self.adjudication.items())
        if self.adjudication.get("not merged") or self.reopened:
            yield "`workbench adjudicate` settles what is not merged or reopened"
        for one in self.reopened[:LISTED]:
            yield f"reopened: {titled(one.article_id, one.title)}: {printable(one.why)}"
        if len(self.reopened) > LISTED:
            yield f"… and {len(self.reopened) - LISTED} more were reopened (--json)"

    def _warning(self) -> list[str]:
        """That parts of a release will be empty, while it can still be helped."""
        stories = f"{counted(self.articles, 'articles')} on {self.story_groups} {'story' if self.story_groups == 1 else 'stories'}"
        empty = " and ".join(self.empty_parts)
        more = "add articles on other stories, or " if self.divided_by == "story" else "add articles, or "
        return [
            f"divided by {self.divided_by}, {empty} will hold nothing ({stories}): {more}divide otherwise before anybody "
            f'annotates: `by = "date:YYYY-MM-DD,YYYY-MM-DD"` or `by = "article"` below [split] in {FILE}'
        ]

    def _withdrawals(self) -> Iterator[str]:
        if self.withdrawn or self.erased:
            yield f"{self.withdrawn} of them withdrawn, {self.erased} erased"
        if self.withdrawing:
            yield f"{counted(self.withdrawing, 'tasks in Label Studio are still to be marked or deleted')}: `workbench push` does it"

    def edited(self) -> list[str]:
        """What somebody changed in the project's label config, with what to do; or why that is not known."""
        not_asked = f"whether its label config was edited is not known: {self.not_asked}"
        edit = [str(self.config_edit), HINT] if self.config_edit else []
        return edit + ([not_asked] if self.not_asked else [])


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"


def status(context: Context) -> StatusReport:
    """Where everything stands; a server that answers is asked whether somebody edited the project's label config."""
    client = context.label_studio_if_up()
    edit, not_asked = _edit(context, client) if client else (None, "")
    by = parting.rule(context)
    with context.store.reading() as session:
        groups = articles.story_groups(session)
        parts = Counter[str](parting.parts(session, by, parting.shares(context)).values())
        current = revisions.current(session)
        stands = [one for one in standings(session) if one.state != "alone"]
        counts = Counter(one.state for one in stands)
        champion = models.champion(session)
        erased = withdrawals.erased(session)
        return StatusReport(
            articles=articles.count(session),
            story_groups=len(groups),
            parts=dict(parts),
            suggestions=tuple(
                ProducerStatus(producer=str(producer), articles=number)
                for producer, number in annotations.producers(session)
            ),
            projects=tuple(
                ProjectStatus(
                    server=project.server,
                    project_id=project.project_id,
                    title=project.title,
                    tasks=task_ledger.counts(session, project.id),
                    model_version=project.model_version,
                    pulled_to=project.watermark,
                    problems=len(problems.unsettled(session, project.id)),
                )
                for project in projects.every(session)
            ),
            annotators=tuple(_annotators(current)),
            annotated_articles=len({r.article_id for r in current if r.state == "submitted"}),
            releases=tuple(
                ReleaseStatus(name=r.name, created=r.created, parts=dict(Counter(item.part for item in r.items)))
                for r in (releases.get(session, name) for name in releases.names(session))
            ),
            models=tuple(model.version for model in models.every(session)),
            champion=champion.subject,
            champion_reason=champion.reason,
            refused=_refused(models.promotions(session)),
            config_edit=edit,
            not_asked=not_asked,
            adjudication={state: counts[state] for state in STATES if counts[state]},
            reopened=tuple(
                ReopenedArticle(article_id=one.article_id, title=one.title, why=one.why)
                for one in stands
                if one.state == "reopened"
            ),
            divided_by=str(by),
            empty_parts=_empty_parts(session, context),
            withdrawn=len(withdrawals.current(session).keys() - erased),
            erased=len(erased),
            withdrawing=sum(map(len, withdrawing.due(session))),
        )


def _empty_parts(session: Transaction, context: Context) -> tuple[Part, ...]:
    try:
        return parting.to_be_empty(session, parting.rule(context), parting.shares(context))
    except ReleaseError:
        return ()  # which `gold release` says


def _edit(context: Context, client: LabelStudioClient) -> tuple[ConfigEdit | None, str]:
    """What somebody changed in the project's label config on its settings page, and why the server could not say."""
    with context.store.reading() as session:
        known = projects.find(session, client.server, context.settings.label_studio.project)
    if known is None:
        return None, ""
    try:
        return config_edit(known, client.counts(known.project_id).get("label_config")), ""
    except LabelStudioError as error:
        return None, error.message


def _refused(decisions: list[models.Promotion]) -> RefusalStatus | None:
    """The last decision, where it is a refusal: one that came before a promotion is settled by it."""
    last = decisions[-1] if decisions else None
    if last is None or last.accepted:
        return None
    return RefusalStatus(model=last.model or "the rules", reason=last.reason, decided=last.decided)


def _annotators(current: list[revisions.Revision]) -> list[AnnotatorStatus]:
    return [
        AnnotatorStatus(
            annotator=name,
            submitted=sum(r.state == "submitted" for r in theirs),
            skipped=sum(r.state == "skipped" for r in theirs),
            seconds=sum(r.lead_time or 0.0 for r in theirs if r.state in revisions.SAYING),
            adjudicated=sum(r.state == "adjudicated" for r in theirs),
        )
        for name in sorted({r.annotator for r in current})
        for theirs in [[r for r in current if r.annotator == name]]
    ]
