"""The whole annotation loop on the sample corpus, or the first half of it on a user's own articles, against a real Label Studio.

Every step is what a command does. Running it again goes on where things stand: what was added, pushed, annotated,
released or trained is not done twice.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from workbench import settings as workspace
from workbench.articles import ingest
from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import article_id
from workbench.core.documents import to_json
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, SettingsError
from workbench.formats import jsonl
from workbench.gold import releases
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull.pull import PullReport
from workbench.labelstudio.push.options import PushOptions
from workbench.labelstudio.push.push import PushReport
from workbench.labelstudio.server import accounts
from workbench.labelstudio.server.embedded import Server
from workbench.samples import shipped
from workbench.samples.markup import Sample
from workbench.store import Store, annotations, articles, models, sync
from workbench.store.database import now
from workbench.workflows import exporting, importing
from workbench.workflows.annotators import annotate, annotate_again
from workbench.workflows.comparison import Comparison
from workbench.workflows.context import Context
from workbench.workflows.init import init
from workbench.workflows.learning import promote, train_on
from workbench.workflows.personas import Persona
from workbench.workflows.preannotate import preannotate_articles
from workbench.workflows.sync import pull_annotations, push_articles

ANNA = Persona(name="anna", overlooks=0.04, misses=0.10, stretches=0.03, confuses=0.02, drops=0.04, seconds=4.0)
BEN = Persona(name="ben", overlooks=0.10, misses=0.04, stretches=0.06, confuses=0.03, drops=0.06, seconds=3.0)
LEFT_FOR_THE_NEXT_ROUND = 6
SECOND_OPINIONS = 2
RELEASE = "demo-1"
FORMATS = ("spacy", "jsonl")
PAGES = "pages.jsonl"
"""The file with the samples, by which their workspace is known."""


class LayerDecisions(Frozen):
    """What annotators did with the suggestions of a layer: spans (or roles) by decision."""

    layer: str
    kind: str
    decisions: dict[str, int]


class Place(Frozen):
    """Where the demo's server runs and what it shows."""

    folder: Path
    url: str
    project_url: str
    accounts: tuple[str, ...]


class DemoReport(Frozen):
    """What the annotation loop led to.

    `comparison` holds the scores on the test part before and after training; `shown` is what annotators now see, and
    `reason` why `model` was promoted or was not.
    """

    place: Place
    articles: int
    annotated: int
    decisions: tuple[LayerDecisions, ...]
    release: str
    parts: dict[str, int]
    disagreements: tuple[str, ...]
    model: str
    comparison: Comparison
    promoted: bool
    shown: str
    reason: str
    exports: tuple[Path, ...]


class Waiting(Frozen):
    """How many tasks wait in the browser: with suggestions, and without, because they belong to a part to measure on."""

    suggested: int
    blind: int


class Prepared(Frozen):
    """A user's own articles, waiting in the browser."""

    place: Place
    added: ingest.AddReport
    pushed: PushReport
    waiting: Waiting


def start_over(folder: Path, progress: Progress) -> None:
    """Ends the demo's server and deletes its workspace.

    Raises:
        LabelStudioError: the folder is no workspace of the demo's.
    """
    if not folder.exists():
        return
    if not (folder / workspace.FILE).is_file():
        raise LabelStudioError(
            f"{folder} is not a workspace, so it is not deleted", hint="name another one with --folder"
        )
    progress.say(f"starting over: {folder} is deleted")
    Server(folder.resolve() / "label-studio").stop()
    shutil.rmtree(folder)


def prepare(folder: Path, paths: Sequence[Path], progress: Progress) -> Prepared:
    """The articles below the paths, read, cleaned, annotated by the rules, and waiting in the browser.

    Those of the dev and test parts wait without suggestions.

    Raises:
        SettingsError: the samples' workspace is in the folder: nobody's own articles belong among them.
    """
    if (folder / PAGES).exists():
        raise SettingsError(
            f"{folder} holds the samples' workspace, and your articles don't belong among them",
            hint="name another folder with --folder, or none",
        )
    demo = _Demo(folder, progress)
    added = demo.add(paths)
    demo.suggest()
    pushed = demo.push(with_held_out=True)
    return Prepared(place=demo.place(pushed), added=added, pushed=pushed, waiting=demo.waiting())


def run_loop(folder: Path, progress: Progress) -> DemoReport:
    """The whole annotation loop on the samples.

    Raises:
        SettingsError: the folder holds a workspace with other articles than the samples.
    """
    if not (folder / PAGES).exists() and _holds_articles(folder):
        raise SettingsError(
            f"{folder} holds another workspace than the samples'",
            hint="name another folder with --folder, or start over with --fresh, which deletes what is there",
        )
    demo = _Demo(folder, progress)
    samples = shipped.corpus(demo.scheme)
    demo.add([demo.write_pages(samples)])
    gold = demo.gold(samples)
    demo.suggest()
    pushed = demo.push()
    demo.annotate(pushed, {one.article.id: one.annotations for one in gold["train"]})
    demo.pull()
    demo.take_in([*gold["dev"], *gold["test"]])
    disagreements = demo.release()
    model = demo.train()
    comparison = demo.compare(model)
    decided = demo.promote(model)
    if decided.accepted:
        demo.suggest()
        pushed = demo.push()
    return demo.report(pushed, decided, comparison, disagreements)


def _holds_articles(folder: Path) -> bool:
    """Whether a workspace is there that has articles."""
    if not (folder / workspace.FILE).is_file():
        return False
    store = Store.open(workspace.load(folder).database_url)
    try:
        with store.reading() as session:
            return articles.count(session) > 0
    finally:
        store.close()


class _Demo:
    """A workspace with its server running, and the steps of the annotation loop in it."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._progress = progress
        init(folder)
        self._context = Context(workspace.load(folder), progress)
        self._settings, self._store = self._context.settings, self._context.store
        self.scheme: LabelScheme = self._context.scheme
        self._server = self._context.server
        self._client = self._start()
        self._people = accounts.add(self._client, self._settings.label_studio_folder, (ANNA.name, BEN.name))

    def add(self, paths: Sequence[Path]) -> ingest.AddReport:
        """Reads, cleans and stores articles."""
        report = ingest.add(self._store, paths, progress=self._progress)
        cuts = sum(cut.cuts for cut in report.cuts.values())
        self._say(f"{len(report.added)} articles are new, {len(report.known)} were there; {cuts} cuts by cleaning")
        return report

    def write_pages(self, samples: Sequence[Sample]) -> Path:
        """The samples as a user would have them: pages as they were copied, one a line."""
        path = self._settings.root / PAGES
        with path.open("w", encoding="utf-8") as file:
            for sample in samples:
                page = {
                    "text": sample.raw,
                    "source": sample.source,
                    "published": sample.published,
                    "split": sample.split,
                }
                file.write(json.dumps(page, ensure_ascii=False) + "\n")
        return path

    def gold(self, samples: Sequence[Sample]) -> dict[str, list[AnnotatedArticle]]:
        """The samples' gold over their cleaned texts, by part."""
        parts: dict[str, list[AnnotatedArticle]] = {"train": [], "dev": [], "test": []}
        with self._store.transaction() as session:
            for sample in samples:
                article = articles.get(session, article_id(sample.raw))
                gold = sample.gold(article, self.scheme)
                parts[sample.split].append(AnnotatedArticle(article=article, annotations=gold))
        return parts

    def suggest(self) -> None:
        """Suggests annotations by whatever annotators are to see."""
        report = preannotate_articles(self._context)
        self._say(f"{report.articles} articles have suggestions by {report.producer}")

    def push(self, *, with_held_out: bool = False) -> PushReport:
        """Gives every article of the train part its task."""
        pushed = push_articles(self._context, PushOptions(), held_out=with_held_out)
        self._say(
            f"{pushed.pushed} tasks made, {pushed.already_there} were there, {pushed.held_out} articles held out; "
            f"annotators see {pushed.model_version}"
        )
        return pushed

    def waiting(self) -> Waiting:
        """The tasks that are there."""
        with self._store.reading() as session:
            project = sync.project_of(session, self._client.server, self._settings.label_studio.project)
            tasks = list(sync.tasks(session, project.id, state="present")) if project else []
        blind = sum(task.blind for task in tasks)
        return Waiting(suggested=len(tasks) - blind, blind=blind)

    def annotate(self, pushed: PushReport, gold: Mapping[str, AnnotationSet]) -> None:
        """Lets two scripted annotators work through the queue, and one of them give a second opinion."""
        with self._store.transaction() as session:
            done = {r.article_id for r in annotations.current_revisions(session) if r.origin != "import"}
        open_tasks = len(gold) - len(done & set(gold)) - LEFT_FOR_THE_NEXT_ROUND
        if open_tasks <= 0:
            self._say("the annotators have done their share already")
            return
        folder, owner = self._settings.label_studio_folder, self._client
        days = [
            annotate(
                accounts.client_of(owner, folder, persona.name),
                persona,
                pushed.project_id,
                pushed.model_version,
                gold,
                self.scheme,
                self._progress,
                most=share,
            )
            for persona, share in ((ANNA, open_tasks - open_tasks // 2), (BEN, open_tasks // 2))
        ]
        again = annotate_again(
            accounts.client_of(owner, folder, BEN.name),
            BEN,
            days[0].tasks[:SECOND_OPINIONS],
            pushed.model_version,
            gold,
            self.scheme,
        )
        for day in (*days, again):
            self._say(
                f"{day.annotator} submitted {len(day.tasks)} articles: {day.seconds / 60:.0f} minutes of a person's time"
            )

    def pull(self) -> PullReport:
        """Brings back what the annotators did."""
        report = pull_annotations(self._context)
        self._say(f"{report.submitted} annotations pulled, {report.open_problems} problems")
        return report

    def take_in(self, gold: Sequence[AnnotatedArticle]) -> None:
        """Imports the gold of the parts that no annotator has seen."""
        path = self._settings.root / "gold.jsonl"
        path.write_text("".join(to_json(one) + "\n" for one in gold), encoding="utf-8")
        form = jsonl.JsonLinesFormat()
        report = importing.import_file(self._store, path, form, "gold", self.scheme, self._progress)
        self._say(f"{report.articles} gold annotations of the dev and test parts imported")

    def release(self) -> tuple[str, ...]:
        """Freezes what was submitted; the names of the articles on which the annotators differ."""
        with self._store.transaction() as session:
            report = releases.release(session, RELEASE, self.scheme, created=now(), policy="latest")
        differing = tuple(one.article_id for one in report.manifest.set_aside if one.overruled)
        self._say(f"release {RELEASE}: the annotators differ on {len(differing)} articles, the latest was taken")
        return differing

    def train(self) -> str:
        """The model that was trained on the release; one that is there is not trained again."""
        with self._store.transaction() as session:
            there = [model.version for model in models.every(session) if model.release == RELEASE]
        return there[-1] if there else train_on(self._context, RELEASE).training.version

    def compare(self, model: str) -> Comparison:
        """The scores on the test part, of the model and of what annotators saw when it was trained."""
        with self._store.transaction() as session:
            return Comparison.model_validate(models.get(session, model).report["test"])

    def promote(self, model: str) -> models.Promotion:
        """The decision about the model; one that was taken is not taken again."""
        with self._store.transaction() as session:
            taken = [one for one in models.promotions(session) if one.model == model]
        decided = taken[-1] if taken else promote(self._context, model).decision
        self._say(("promoted: " if decided.accepted else "not promoted: ") + decided.reason)
        return decided

    def place(self, pushed: PushReport) -> Place:
        """Where to look."""
        people = (*(one.email for one in self._people.added), *self._people.known)
        project_url = f"{self._client.url}/projects/{pushed.project_id}"
        return Place(folder=self._settings.root, url=self._client.url, project_url=project_url, accounts=people)

    def report(
        self, pushed: PushReport, decided: models.Promotion, comparison: Comparison, disagreements: tuple[str, ...]
    ) -> DemoReport:
        """Exports the release, and says what all of it came to."""
        exported = exporting.export(self._store, RELEASE, FORMATS, self._settings.exports, self._progress)
        with self._store.transaction() as session:
            current = annotations.current_revisions(session)
            champion = models.champion(session)
            parts = Counter(item.part for item in releases.releases.get(session, RELEASE).items)
            return DemoReport(
                place=self.place(pushed),
                articles=articles.count(session),
                annotated=len({r.article_id for r in current if r.state == "submitted"}),
                decisions=tuple(_decisions(annotations.correction_counts(session), self.scheme)),
                release=RELEASE,
                parts=dict(parts),
                disagreements=disagreements,
                model=decided.model or "",
                comparison=comparison,
                promoted=decided.accepted,
                shown=champion.model or "the rules",
                reason=decided.reason,
                exports=tuple(one.folder for one in exported.exported),
            )

    def _start(self) -> LabelStudioClient:
        """A client for the running server, on the port that it had before, or on the first that is free."""
        wanted = self._settings.label_studio
        if self._server.status() is None:
            self._server.start(
                self._progress,
                host=wanted.host,
                port=wanted.port_named,
                first_port=wanted.port,
                webhook_host=wanted.webhook.rpartition(":")[0],
            )
        return self._server.client()

    def _say(self, message: str) -> None:
        self._progress.say(message)


def _decisions(counts: list[annotations.CorrectionCount], scheme: LabelScheme) -> Iterator[LayerDecisions]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for one in counts:
        found.setdefault((one.layer, one.kind), Counter())[one.decision] += one.count
    for layer in scheme.layers:
        for kind in ("span", "role"):
            if (layer.name, kind) in found:
                yield LayerDecisions(layer=layer.name, kind=kind, decisions=dict(found[layer.name, kind]))
