"""Text and offsets survive the trip to a real Label Studio and back exactly, for any scheme."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import annotation_sets, configs, texts

from workbench.core.annotations import AnnotationSet, OtherItem, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.reading import read_result
from workbench.labelstudio.conversion.region_ids import key_of
from workbench.labelstudio.conversion.task import task_data
from workbench.store.annotations import set_id

MANY = 25


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[tuple[str, AnnotationSet]]]:
    """A config, and many texts with annotations that fit it."""
    config = draw(configs())
    scheme = LabelScheme.from_xml(config)
    bodies = draw(st.lists(texts(pieces=25), min_size=MANY, max_size=MANY, unique=True))
    return config, [(body, draw(annotation_sets(scheme, body, most=6))) for body in bodies]


@pytest.fixture
def projects(label_studio: LabelStudioClient):
    """The ids of projects that are deleted in the end."""
    made: list[int] = []
    yield made
    for project_id in made:
        label_studio.delete_project(project_id)


# Each example takes seconds, so there are few, with many texts each, and no shrinking against the server.
@given(cases())
@settings(
    max_examples=4,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[p for p in settings().phases if p.name in ("explicit", "generate")],
)
def test_texts_and_offsets_survive(
    label_studio: LabelStudioClient, projects: list[int], case: tuple[str, list[tuple[str, AnnotationSet]]]
):
    config, annotated = case
    scheme = LabelScheme.from_xml(config)
    project_id = label_studio.create_project({"title": "round trip", "label_config": config})["id"]
    projects.append(project_id)
    tasks = [new_task(scheme, body, annotations) for body, annotations in annotated]
    ids = label_studio.import_tasks(project_id, tasks)
    back = {task["id"]: task for task in label_studio.tasks(project_id, everything=True)}
    edited = [submit(label_studio, back[task_id]) for task_id in ids[:5]]
    for task_id, (body, annotations) in zip(ids, annotated, strict=True):
        task = back[task_id]
        assert task["data"][scheme.text_field] == body
        [prediction] = task.get("predictions", [])
        assert_same(scheme, body, annotations, prediction["result"])
    for result, (body, annotations) in zip(edited, annotated, strict=False):
        assert_same(scheme, body, annotations, result)


def new_task(scheme: LabelScheme, body: str, annotations: AnnotationSet) -> wire.NewTask:
    article = Article.from_text(body)
    prediction = to_prediction(
        set_id(article.id, 1, annotations), annotations, body, scheme, model_version="round trip"
    )
    return {"data": task_data(article, scheme), "predictions": [prediction]}


def submit(client: LabelStudioClient, task: wire.Task) -> Sequence[wire.ResultItem]:
    """What the server has of a prediction that was submitted as it was."""
    [prediction] = task.get("predictions", [])
    client.create_annotation(task["id"], {"result": prediction["result"], "parent_prediction": prediction["id"]})
    [annotation] = client.annotations(task["id"])
    return annotation["result"]


def assert_same(scheme: LabelScheme, body: str, sent: AnnotationSet, result: Sequence[wire.ResultItem]) -> None:
    article = Article.from_text(body)
    key = key_of(set_id(article.id, 1, sent))
    reading = read_result(list(result), body, scheme, producer=sent.producer, key=key)
    assert reading.misfits == ()
    got, wanted = reading.annotations.by_id(), sent.by_id()
    assert got.keys() == wanted.keys()
    for span_id, (layer, span) in wanted.items():
        other_layer, other = got[span_id]
        assert other_layer == layer
        assert set(other.arguments) == set(span.arguments)
        assert other.model_copy(update={"arguments": ()}) == span.model_copy(update={"arguments": ()})
    assert reading.annotations.document == sent.document


CONTROLS = """<View>
  <Text name="t" value="$body"/>
  <Labels name="things" toName="t"><Label value="Thing"/></Labels>
  <TextArea name="note" toName="t" perRegion="true" whenTagName="things"/>
  <Rating name="sure" toName="t" perRegion="true" whenTagName="things"/>
  <Number name="weight" toName="t" perRegion="true" whenTagName="things"/>
  <TextArea name="summary" toName="t" maxSubmissions="1"/>
  <Rating name="quality" toName="t" maxRating="7"/>
  <Number name="share" toName="t" min="0" max="1"/>
  <Taxonomy name="topic" toName="t"><Choice value="War"><Choice value="Peace"/></Choice></Taxonomy>
  <Taxonomy name="sort" toName="t" perRegion="true" whenTagName="things"><Choice value="A"/></Taxonomy>
</View>"""


def test_texts_ratings_numbers_and_what_is_not_known_survive(
    label_studio: LabelStudioClient, projects: list[int]
) -> None:
    scheme, body = LabelScheme.from_xml(CONTROLS), "The cat 👩‍👩‍👧‍👦 saw a dog."
    about = {"to_name": "t", "type": "taxonomy"}
    others = (
        OtherItem(
            control="sort",
            span="s",
            item=json.dumps({**about, "from_name": "sort", "value": {"start": 4, "end": 7, "taxonomy": [["A"]]}}),
        ),
        OtherItem(
            control="topic",
            id="x y",
            item=json.dumps({**about, "from_name": "topic", "value": {"taxonomy": [["War", "Peace"]]}}),
        ),
    )
    span = Span(
        id="s",
        label="Thing",
        start=4,
        end=7,
        text="cat",
        attributes={"note": ("Why 👍🏽?", "two\nlines"), "sure": 4, "weight": -2.5},
    )
    sent = scheme.normalise(
        AnnotationSet(
            producer=Producer(kind="rules", name="by hand"),
            scheme_digest=scheme.digest,
            layers={"things": (span,)},
            document={"summary": "A cat.", "quality": 7, "share": 0.25},
            others=others,
        )
    )
    project_id = label_studio.create_project({"title": "controls", "label_config": CONTROLS})["id"]
    projects.append(project_id)
    [task_id] = label_studio.import_tasks(project_id, [new_task(scheme, body, sent)])
    [task] = label_studio.tasks(project_id, everything=True)
    assert task["id"] == task_id
    [prediction] = task.get("predictions", [])
    for result in (prediction["result"], submit(label_studio, task)):
        assert_same(scheme, body, sent, result)
        key = key_of(set_id(Article.from_text(body).id, 1, sent))
        back = read_result(list(result), body, scheme, producer=sent.producer, key=key).annotations
        assert back.others == others
        assert back.layers == sent.layers
