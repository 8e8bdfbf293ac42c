"""The tables. They hold rows and check nothing; core types do."""

import re
from typing import Any

from sqlalchemy import Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """The base of all tables; its naming convention makes migrations say the same on every database."""

    metadata = MetaData(naming_convention=NAMES)

    def __init_subclass__(cls, **given: Any) -> None:
        """`ArticleSourceRow` is the table article_source."""
        super().__init_subclass__(**given)
        cls.__tablename__ = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.removesuffix("Row")).lower()


class ArticleRow(Table, table=True):
    """An article: what was read, before cleaning. `media_type` says what `raw` is.

    `same_text_sha256` is the same for texts that differ in byte order marks and the kind of line ends alone.
    """

    id: str = Field(primary_key=True)
    raw: str = Field(sa_type=Text)
    raw_sha256: str
    same_text_sha256: str | None = Field(default=None, index=True)
    media_type: str = "text/plain"
    story_group: str | None = Field(default=None, index=True)
    meta: str = Field(default="{}", sa_type=Text)
    added: str


class ArticleVersionRow(Table, table=True):
    """A cleaned text of an article; a corrected text is a new version."""

    article_id: str = Field(primary_key=True, foreign_key="article.id")
    version: int = Field(primary_key=True)
    title: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    text_sha256: str = Field(index=True)
    cleaner: str
    cuts: str = Field(sa_type=Text)
    language: str
    published: str | None = None
    created: str


class ArticleSourceRow(Table, table=True):
    """Where an article was found; the same text may come from several places."""

    article_id: str = Field(primary_key=True, foreign_key="article.id")
    source: str = Field(primary_key=True)
    added: str


class ArticleSignatureRow(Table, table=True):
    """What story grouping knows of an article, so that a new one can be compared without reading all texts."""

    article_id: str = Field(primary_key=True, foreign_key="article.id")
    kind: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)


class WithdrawalRow(Table, table=True):
    """An article that was withdrawn, and why; `undone` ones are articles like all others again.

    Of one that was `erased` no word is in the store: `texts` (JSON) keeps the hash of the text of each version.
    """

    id: int | None = Field(default=None, primary_key=True)
    article_id: str = Field(foreign_key="article.id", index=True)
    why: str = Field(sa_type=Text)
    withdrawn: str
    erased: str | None = None
    texts: str = Field(default="{}", sa_type=Text)
    undone: str | None = None


class SplitRow(Table, table=True):
    """The part of the data that a story group belongs to, for good."""

    story_group: str = Field(primary_key=True)
    part: str
    assigned: str


class AnnotationSetRow(Table, table=True):
    """An annotation set as JSON; `id` is a hash of article, version and content."""

    id: str = Field(primary_key=True)
    article_id: str = Field(foreign_key="article.id", index=True)
    article_version: int
    kind: str = Field(index=True)
    name: str
    version: str
    scheme_digest: str
    created: str
    stored: str
    body: str = Field(sa_type=Text)
    __table_args__ = (Index("ix_annotation_set_producer", "kind", "name", "version"),)


class SchemeRow(Table, table=True):
    """A label scheme as JSON, kept when another took its place, so that what was made under it can still be read."""

    digest: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    stored: str


class RevisionRow(Table, table=True):
    """One state of one person's annotation of an article. `state` is submitted, skipped, deleted, or adjudicated.

    `origin` and `external_id` name the annotation where it was made; `updated` is that place's clock. `parent_annotation`
    is the `external_id` of the annotation of the same origin that it was copied from.
    """

    id: int | None = Field(default=None, primary_key=True)
    article_id: str = Field(foreign_key="article.id", index=True)
    article_version: int
    annotator: str = Field(index=True)
    origin: str
    external_id: str
    updated: str
    created: str
    state: str
    set_id: str = Field(foreign_key="annotation_set.id")
    parent_set_id: str | None = Field(default=None, foreign_key="annotation_set.id")
    parent_annotation: str | None = None
    lead_time: float | None = None
    stored: str
    __table_args__ = (UniqueConstraint("origin", "external_id", "updated", "state"),)


class CorrectionRow(Table, table=True):
    """What became of one suggestion, or one addition, in a revision."""

    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="revision.id", index=True)
    layer: str
    kind: str
    decision: str
    parent_span: str | None = None
    span: str | None = None
    label_before: str | None = None
    label_after: str | None = None
    detail: str = ""


class AdjudicationRow(Table, table=True):
    """What the annotators of an article said, merged into the set `set_id`; the last of an article counts.

    `policies` (JSON) decided what not all say; the counts are of things that all say, that these decided, and that were
    left to a person.
    """

    id: int | None = Field(default=None, primary_key=True)
    article_id: str = Field(foreign_key="article.id", index=True)
    article_version: int
    set_id: str = Field(foreign_key="annotation_set.id", index=True)
    policies: str = Field(sa_type=Text)
    agreed: int
    decided: int
    left_open: int
    created: str


class AdjudicationParentRow(Table, table=True):
    """Whose annotation an adjudication merged; `content` is a hash of what it says.

    One that could not be merged, because it fits neither text nor scheme, is not `used`.
    """

    adjudication: int = Field(primary_key=True, foreign_key="adjudication.id")
    annotator: str = Field(primary_key=True)
    revision_id: int = Field(foreign_key="revision.id")
    set_id: str = Field(foreign_key="annotation_set.id")
    content: str
    used: bool = True


class AdjudicationReviewRow(Table, table=True):
    """Which adjudication a person decided with a revision: what that left open, and whatever else the person changed."""

    revision_id: int = Field(primary_key=True, foreign_key="revision.id")
    adjudication: int = Field(foreign_key="adjudication.id", index=True)


class DecisionRow(Table, table=True):
    """One thing on which annotators differ, or that a person decided; `body` is it as JSON.

    `decided_by` is a policy, person, or None where it was left to a person; `revision_id` is that person's revision.
    """

    id: int | None = Field(default=None, primary_key=True)
    adjudication: int = Field(foreign_key="adjudication.id", index=True)
    revision_id: int | None = Field(default=None, foreign_key="revision.id", index=True)
    layer: str
    kind: str
    decided_by: str | None = None
    who: str
    body: str = Field(sa_type=Text)


class LsProjectRow(Table, table=True):
    """A Label Studio project that articles are pushed to. `watermark` is the server's clock at the last pull.

    `review_round` numbers the projects in which annotations are adjudicated; it is 0 where articles are annotated.
    """

    id: int | None = Field(default=None, primary_key=True)
    server: str
    project_id: int
    title: str
    scheme_digest: str
    config: str = Field(sa_type=Text)
    model_version: str | None = None
    watermark: str | None = None
    created: str
    review_round: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    __table_args__ = (UniqueConstraint("server", "project_id"),)


class LsTaskRow(Table, table=True):
    """The one task of an article version in a project. `state` is intended, present, gone or superseded."""

    id: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="ls_project.id")
    article_id: str = Field(foreign_key="article.id", index=True)
    article_version: int
    task_id: int | None = Field(default=None, index=True)
    state: str
    blind: bool = False
    priority: float = 0.0
    note: str = ""
    intended: str
    confirmed: str | None = None
    __table_args__ = (UniqueConstraint("project", "article_id", "article_version"),)


class LsPredictionRow(Table, table=True):
    """A prediction that was sent for a task. `state` is intended, present or retired."""

    id: int | None = Field(default=None, primary_key=True)
    task: int = Field(foreign_key="ls_task.id", index=True)
    set_id: str = Field(foreign_key="annotation_set.id")
    model_version: str = Field(index=True)
    prediction_id: int | None = Field(default=None, index=True)
    state: str
    intended: str
    confirmed: str | None = None
    __table_args__ = (UniqueConstraint("task", "set_id"),)


class LsProblemRow(Table, table=True):
    """An annotation that was pulled and does not fit, with the JSON that Label Studio gave."""

    id: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="ls_project.id")
    task_id: int | None = None
    article_id: str | None = None
    annotation_id: int | None = None
    updated: str
    rule: str
    message: str = Field(sa_type=Text)
    payload: str = Field(sa_type=Text)
    found: str
    settled: str | None = None
    __table_args__ = (UniqueConstraint("project", "annotation_id", "updated", "rule"),)


class QueueRow(Table, table=True):
    """An article's place in the queue of those to be annotated next, and why it has it."""

    article_id: str = Field(primary_key=True, foreign_key="article.id")
    place: int
    chosen_by: str
    score: float
    why: str = Field(sa_type=Text)
    made: str


class ReleaseRow(Table, table=True):
    """A gold release: frozen once it is written. `digest` covers its items and the texts they annotate."""

    name: str = Field(primary_key=True)
    digest: str
    created: str
    manifest: str = Field(sa_type=Text)


class ReleaseItemRow(Table, table=True):
    """An article in a release, with the annotation set that is its gold."""

    release: str = Field(primary_key=True, foreign_key="release.name")
    article_id: str = Field(primary_key=True, foreign_key="article.id")
    article_version: int
    set_id: str = Field(foreign_key="annotation_set.id")
    part: str
    story_group: str
    annotators: str


class ModelRow(Table, table=True):
    """A trained pipeline in the registry, with the report of its evaluation as JSON."""

    version: str = Field(primary_key=True)
    release: str = Field(foreign_key="release.name")
    base: str
    digest: str
    created: str
    report: str = Field(sa_type=Text)


class PromotionRow(Table, table=True):
    """A decision about what annotators see: a model, a plug-in, or the rules where both are None; refused ones too."""

    id: int | None = Field(default=None, primary_key=True)
    model: str | None = Field(default=None, foreign_key="model.version")
    plugin: str | None = None
    producer: str | None = None
    rules_as_fallback: bool = Field(default=False, sa_column_kwargs={"name": "backed_by_rules"})
    layers: str = Field(default="{}", sa_type=Text)
    accepted: bool
    reason: str = Field(sa_type=Text)
    decided: str
