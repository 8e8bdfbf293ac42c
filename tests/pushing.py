"""What tests of push and pull share: a store with articles, suggestions for any scheme, a server that falters."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioUnavailable
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.project.projects import Plan
from workbench.labelstudio.push.options import PushOptions, Queue
from workbench.labelstudio.push.push import PushReport, push
from workbench.store import Store, annotations, articles

CONFIG = (Path(__file__).parents[1] / "label_config.xml").read_text(encoding="utf-8")
SCHEME = LabelScheme.from_xml(CONFIG)
FOREIGN_CONFIG = (Path(__file__).parent / "data" / "ward.xml").read_text(encoding="utf-8")
FOREIGN = LabelScheme.from_xml(FOREIGN_CONFIG, name="ward.xml")
RULES = Producer(kind="rules", name="rules", version="1")
MODEL = Producer(kind="model", name="news", version="2")
TEXT = "Nº {n}: Anna Holm 👩‍👧 met the Kazakh minister  in Astana on Tuesday;\tshe would not accept “the plan”.\n"


def text(number: int) -> str:
    return TEXT.format(n=number) * 2


def suggest(article: Article, scheme: LabelScheme, producer: Producer = RULES) -> AnnotationSet:
    """Some spans in every layer, with all roles that the scheme allows between them, and one choice of each kind."""
    words = [
        (i, i + len(w)) for w in ("Anna Holm", "met", "Kazakh", "Astana", "Tuesday") if (i := article.text.find(w)) >= 0
    ]
    layers: dict[str, list[Span]] = {}
    for number, layer in enumerate(scheme.layers):
        layers[layer.name] = [
            Span(
                id=f"{number}.{place}",
                label=layer.label_values[(number + place) % len(layer.label_values)],
                start=start,
                end=end,
                text=article.text[start:end],
                score=round(0.5 + place / 10, 2),
                attributes={a.name: a.values[-1] for a in scheme.attributes_of(layer.name)} if place == 0 else {},
            )
            for place, (start, end) in enumerate(words)
        ]
    for role in scheme.roles:
        head, target = layers[role.from_layers[0]][1], layers[role.to_layers[-1]][2]
        with_role = head.model_copy(update={"arguments": (*head.arguments, Argument(role=role.name, target=target.id))})
        layers[role.from_layers[0]][1] = with_role
    return scheme.normalise(
        AnnotationSet(
            producer=producer,
            scheme_digest=scheme.digest,
            layers={name: tuple(spans) for name, spans in layers.items()},
        )
    )


class Bench:
    """A store with a project of its own on the live server."""

    def __init__(
        self, folder: Path, client: LabelStudioClient, title: str, *, scheme: LabelScheme = SCHEME, config: str = CONFIG
    ) -> None:
        self.folder = folder
        self.store = Store.open(f"sqlite:///{folder / 'workbench.db'}")
        self.client, self.title, self.scheme, self.config = client, title, scheme, config

    def add(self, texts: Sequence[str], producer: Producer | None = RULES) -> list[Article]:
        """New articles, with suggestions of the producer if one is given."""
        made = [Article.from_text(one, source="test") for one in texts]
        with self.store.transaction() as session:
            for article in made:
                articles.add(session, article, raw=article.text)
        if producer:
            self.suggest(made, producer)
        return made

    def suggest(self, made: Sequence[Article], producer: Producer) -> None:
        with self.store.transaction() as session:
            for article in made:
                annotations.keep(session, article.id, article.version, suggest(article, self.scheme, producer))

    def push(self, client: LabelStudioClient | None = None, **asked: object) -> PushReport:
        """What a push did, with what was asked for of project, queue and options by the name of the field."""
        given: dict[str, object] = {
            "title": self.title,
            "label_config": self.config,
            "producers": [MODEL, RULES],
            "patience": 3.0,
            "grace": timedelta(),
            **asked,
        }
        plan, queue, options = (
            kind.model_validate({name: given.pop(name) for name in kind.model_fields if name in given})
            for kind in (Plan, Queue, PushOptions)
        )
        assert not given
        return push(self.store, client or self.client, self.scheme, Silent(), plan, queue, options)

    def tasks(self, project_id: int) -> list[wire.Task]:
        return list(self.client.tasks(project_id, everything=True))


C = TypeVar("C", bound=LabelStudioClient)


def through(kind: type[C], client: LabelStudioClient) -> C:
    """The same server, the real one or the fake one, through a client of this kind."""
    made = object.__new__(type(kind.__name__, (kind, type(client)), {}))
    made.__dict__.update(client.__dict__)
    return made


def faltering(client: LabelStudioClient, faults: Sequence[str | None]) -> LabelStudioClient:
    """A client whose imports end as `faults` says, one after the other: None lets one through."""
    made = through(Faltering, client)
    made.faults = list(faults)
    return made


class Faltering(LabelStudioClient):
    """A client whose imports end as its faults say."""

    faults: list[str | None]

    def import_tasks(self, project_id: int, tasks: Sequence[wire.NewTask]) -> list[int]:
        return self._falter(lambda: super(Faltering, self).import_tasks(project_id, tasks))

    def import_predictions(self, project_id: int, predictions: Sequence[wire.NewPrediction]) -> int:
        return self._falter(lambda: super(Faltering, self).import_predictions(project_id, predictions))

    def _falter(self, call: Callable[[], list[int] | int]):
        fault = self.faults.pop(0) if self.faults else None
        if fault == "lost":
            raise LabelStudioUnavailable("the request never arrived", status=503)
        answer = call()
        if fault == "timeout":
            raise LabelStudioUnavailable("done, but the answer is lost", timed_out=True)
        if fault == "killed":
            raise KeyboardInterrupt
        return answer
