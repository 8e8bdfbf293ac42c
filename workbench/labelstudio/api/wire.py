"""Label Studio's JSON, as far as it is used: what 1.23.2 sends and takes. No other module spells these keys out.

Keys that are only there sometimes are marked; what Label Studio adds beyond these is left alone.
"""

from typing import Literal, NotRequired, TypedDict

VERSION = "1.23.2"
"""The version whose JSON this is."""


class SpanValue(TypedDict):
    """Where a region lies, in code points of the text, and its label. `text` is never trusted: newlines differ."""

    start: int
    end: int
    text: NotRequired[str]
    labels: list[str]


class ChoicesValue(TypedDict):
    """What was chosen for a region or for the whole text."""

    choices: list[str]


class SpanItem(TypedDict):
    """A region: a label on a stretch of text."""

    id: str
    type: Literal["labels"]
    from_name: str
    to_name: str
    value: SpanValue
    score: NotRequired[float | None]
    origin: NotRequired[str]


class RegionChoiceValue(ChoicesValue):
    """A choice for a region repeats where the region lies."""

    start: int
    end: int
    text: NotRequired[str]


class RegionChoiceItem(TypedDict):
    """A choice for a region: it has the region's own id."""

    id: str
    type: Literal["choices"]
    from_name: str
    to_name: str
    value: RegionChoiceValue
    origin: NotRequired[str]


class DocumentChoiceItem(TypedDict):
    """A choice for the whole text."""

    id: str
    type: Literal["choices"]
    from_name: str
    to_name: str
    value: ChoicesValue
    origin: NotRequired[str]


class RelationItem(TypedDict):
    """A relation between two regions. It has no id."""

    type: Literal["relation"]
    from_id: str
    to_id: str
    direction: str
    labels: NotRequired[list[str] | None]


ResultItem = SpanItem | RegionChoiceItem | DocumentChoiceItem | RelationItem


class NewPrediction(TypedDict):
    """A prediction to be imported; `task` where it does not come with its task."""

    model_version: str
    result: list[ResultItem]
    score: NotRequired[float]
    task: NotRequired[int]


class NewAnnotation(TypedDict):
    """An annotation to be made. `was_cancelled` is how Label Studio calls a task that was skipped."""

    result: list[ResultItem]
    lead_time: NotRequired[float]
    was_cancelled: NotRequired[bool]
    parent_prediction: NotRequired[int | None]
    parent_annotation: NotRequired[int | None]
    ground_truth: NotRequired[bool]


class NewTask(TypedDict):
    """A task to be imported."""

    data: dict[str, object]
    predictions: NotRequired[list[NewPrediction]]


class UserRef(TypedDict):
    """Whoever completed an annotation, where Label Studio writes more than the id."""

    id: int
    email: NotRequired[str]


class Annotation(TypedDict):
    """An annotation as it is read. `completed_by` is an id or, on some paths, an object."""

    id: int
    result: list[ResultItem]
    created_at: str
    updated_at: str
    completed_by: int | UserRef | None
    was_cancelled: bool
    ground_truth: NotRequired[bool]
    lead_time: NotRequired[float | None]
    parent_prediction: NotRequired[int | None]
    parent_annotation: NotRequired[int | None]
    unique_id: NotRequired[str | None]
    task: NotRequired[int]
    project: NotRequired[int]


class Prediction(TypedDict):
    """A prediction as it is read."""

    id: int
    result: list[ResultItem]
    model_version: str | None
    score: float | None
    created_at: NotRequired[str]
    updated_at: NotRequired[str]
    task: NotRequired[int]


class Task(TypedDict):
    """A task as it is read. Annotations and predictions are there where they were asked for."""

    id: int
    data: dict[str, object]
    created_at: str
    updated_at: str
    project: NotRequired[int]
    is_labeled: NotRequired[bool]
    overlap: NotRequired[int]
    annotations: NotRequired[list[Annotation]]
    predictions: NotRequired[list[Prediction]]
    total_annotations: NotRequired[int]
    cancelled_annotations: NotRequired[int]
    total_predictions: NotRequired[int]


class TaskState(TypedDict):
    """A task without the contents of its predictions and annotations: their versions and ids, joined by commas."""

    id: int
    data: dict[str, object]
    is_labeled: bool
    draft_exists: bool
    annotations_ids: str
    predictions_model_versions: str


class TaskPage(TypedDict):
    """A page of tasks."""

    tasks: list[Task]
    total: int
    total_annotations: NotRequired[int]
    total_predictions: NotRequired[int]


class ProjectFields(TypedDict, total=False):
    """What can be set on a project."""

    title: str
    description: str
    label_config: str
    expert_instruction: str
    show_instruction: bool
    show_skip_button: bool
    enable_empty_annotation: bool
    show_annotation_history: bool
    show_collab_predictions: bool
    reveal_preannotations_interactively: bool
    evaluate_predictions_automatically: bool
    model_version: str | None
    maximum_annotations: int
    sampling: str
    skip_queue: str
    overlap_cohort_percentage: int
    show_overlap_first: bool


class Project(ProjectFields):
    """A project as it is read."""

    id: int
    task_number: NotRequired[int]
    num_tasks_with_annotations: NotRequired[int]
    total_annotations_number: NotRequired[int]
    total_predictions_number: NotRequired[int]
    skipped_annotations_number: NotRequired[int]
    created_at: NotRequired[str]


class Counts(TypedDict):
    """How many tasks and annotations a project has, with its label config; skipped ones are no `total_annotations_number`."""

    id: int
    label_config: NotRequired[str]
    task_number: int
    total_annotations_number: int
    skipped_annotations_number: int


class ProjectPage(TypedDict):
    """A page of projects; `next` is the address of the one after it."""

    results: list[Project]
    next: NotRequired[str]


class CountsPage(TypedDict):
    """A page of the counts of projects."""

    results: list[Counts]


class StatesPage(TypedDict):
    """A page of tasks without their contents."""

    tasks: list[TaskState]


class User(TypedDict):
    """A user."""

    id: int
    email: str
    username: NotRequired[str]
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    active_organization: NotRequired[int | None]


class View(TypedDict):
    """A tab of a project's list of tasks: how it is called and ordered."""

    title: str
    type: NotRequired[str]
    target: NotRequired[str]
    ordering: NotRequired[list[str]]
    columnsDisplayType: NotRequired[dict[str, str]]
    hiddenColumns: NotRequired[dict[str, list[str]]]


class Webhook(TypedDict):
    """An address that Label Studio calls when something happens in a project."""

    id: int
    url: str
    project: NotRequired[int | None]


class ImportAnswer(TypedDict):
    """What a bulk import of tasks says."""

    task_count: NotRequired[int]
    annotation_count: NotRequired[int]
    prediction_count: NotRequired[int]
    task_ids: NotRequired[list[int]]


class PredictionsImported(TypedDict):
    """What a bulk import of predictions says."""

    created: int


class PredictionsDeleted(TypedDict):
    """What the deletion of a model version says."""

    deleted_predictions: int


class Filter(TypedDict):
    """One condition of a view of tasks, such as filter:tasks:data.article_id in_list […]."""

    filter: str
    operator: str
    type: str
    value: object


class Filters(TypedDict):
    """The conditions of a view of tasks, joined by "and" or "or"."""

    conjunction: Literal["and", "or"]
    items: list[Filter]
