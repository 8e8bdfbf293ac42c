"""Three rounds of annotation on the sample articles, or the first half of one on a user's own, against a real Label Studio.

Every step is what a command does. Running it again goes on where things stand: what was added, pushed, annotated,
released, trained or decided is not done twice.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from workbench import settings as workspace
from workbench.articles import ingest
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import article_id
from workbench.core.documents import to_json
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, SettingsError
from workbench.formats import jsonl
from workbench.gold.agreement import agreement
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.push.options import PushOptions
from workbench.labelstudio.push.push import PushReport
from workbench.labelstudio.server import accounts
from workbench.labelstudio.server.embedded import Server
from workbench.samples import shipped
from workbench.samples.markup import Sample
from workbench.samples.turns import in_turns
from workbench.store import (
    Store,
    Transaction,
    adjudications,
    articles,
    correction_counts,
    models,
    projects,
    releases,
    revisions,
    task_ledger,
)
from workbench.workflows import exporting, importing
from workbench.workflows.adjudicate import adjudicate
from workbench.workflows.annotators import Day, annotate, annotate_again
from workbench.workflows.comparison import Comparison
from workbench.workflows.context import Context
from workbench.workflows.demo_report import (
    Adjudicated,
    DemoReport,
    LayerDecisions,
    Place,
    PreparedReport,
    Round,
    Waiting,
)
from workbench.workflows.init import init
from workbench.workflows.learning import evaluate_on, promote, train_on
from workbench.workflows.personas import Persona
from workbench.workflows.preannotate import preannotate_articles
from workbench.workflows.releasing import release
from workbench.workflows.sync import pull_annotations, push_articles

ANNA = Persona(name="anna", overlooks=0.04, misses=0.10, stretches=0.03, confuses=0.02, drops=0.04, seconds=4.0)
BEN = Persona(name="ben", overlooks=0.10, misses=0.04, stretches=0.06, confuses=0.03, drops=0.06, seconds=3.0)
POLICIES = Policies(authority={"entities": ANNA.name, "stances": BEN.name}, seniority=(ANNA.name, BEN.name))
"""Who is right where they differ: she has the keener eye for names, he for stances, and she is there for longer."""
ROUNDS = (12, 24, 40)
"""So many articles are annotated after each round."""
SECOND_OPINIONS = 3
"""So many of the other's articles each annotator annotates, too, in every round."""
WAITING = 6
"""So many articles are left for whoever looks in."""
FORMATS = ("spacy", "jsonl")
PAGES = "pages.jsonl"
"""The file with the samples, by which their workspace is known."""


def demo(
    folder: Path | None = None, paths: Sequence[Path] = (), *, fresh: bool = False, progress: Progress
) -> DemoReport | PreparedReport:
    """What three rounds on the samples led to; or, of a user's own articles, how many wait in the browser.

    Args:
        folder: the workspace; else demo, or demo-articles for a user's own articles, in the current folder.
        paths: files and folders of a user's own articles; none for the samples.
        fresh: end the server of the workspace that is there, delete it, and start over.
        progress: says what is being done.

    Raises:
        SettingsError: the folder holds a workspace with other articles, or the demo of another version.
        LabelStudioError: Label Studio did not start; or, with `fresh`, the folder is no workspace.
    """
    folder = folder or Path("demo-articles" if paths else "demo")
    if fresh:
        start_over(folder, progress)
    return prepare(folder, paths, progress) if paths else run_loop(folder, progress)


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


def prepare(folder: Path, paths: Sequence[Path], progress: Progress) -> PreparedReport:
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
    return PreparedReport(place=demo.place(pushed), added=added, pushed=pushed, waiting=demo.waiting())


def run_loop(folder: Path, progress: Progress) -> DemoReport:
    """Three rounds of annotating, training and deciding on the newsroom articles.

    Raises:
        SettingsError: the folder holds a workspace with other articles, or the demo of another version.
    """
    if not (folder / PAGES).exists() and _holds_articles(folder):
        raise SettingsError(
            f"{folder} holds another workspace than the samples'",
            hint="name another folder with --folder, or start over with --fresh, which deletes what is there",
        )
    material = _Material.of_samples()
    if (folder / PAGES).exists() and (folder / PAGES).read_text(encoding="utf-8") != material.pages:
        raise SettingsError(
            f"{folder} holds the demo of another version, with other articles",
            hint="start over with --fresh, which deletes what is there, or name another folder with --folder",
        )
    demo = _Demo(folder, progress)
    (folder / PAGES).write_text(material.pages, encoding="utf-8")
    demo.add([folder / PAGES])
    gold = demo.gold(material.samples)
    order = [article_id(sample.raw) for sample in material.queue]
    demo.suggest()
    pushed = demo.push()
    demo.take_in([gold[article_id(one.raw)] for one in material.samples if one.split != "train"])
    rounds: list[Round] = []
    name = ""
    for number, (before, size) in enumerate(zip((0, *ROUNDS), ROUNDS, strict=False), 1):
        progress.say(f"round {number} of {len(ROUNDS)}: {size - before} more articles, {size} in all")
        name = f"demo-{number}"
        if not demo.is_released(name):
            demo.annotate(pushed, order[before:size], {key: one.annotations for key, one in gold.items()})
            demo.release(name)
        model = demo.train(name)
        comparison = demo.compare(model)
        taken = demo.decision(model)
        decision = taken or demo.promote(model)
        rounds.append(demo.round(size, model, comparison, decision))
        if decision.accepted and not taken:
            demo.suggest()
            pushed = demo.push()
    return demo.report(pushed, rounds, name)


class _Material(NamedTuple):
    """The samples that are annotated; their train part in the order of the queue; and all pages, as a file of them."""

    samples: tuple[Sample, ...]
    queue: list[Sample]
    pages: str

    @classmethod
    def of_samples(cls) -> "_Material":
        """What ships. Some articles of the other corpus come last: they are left for whoever looks in."""
        scheme = shipped.label_scheme()
        samples = shipped.corpus(scheme, "newsrooms")
        others = [one for one in shipped.corpus(scheme) if one.split == "train"]
        others.sort(key=lambda one: hashlib.sha256(one.name.encode()).hexdigest())
        queue = in_turns(one for one in samples if one.split == "train")
        apart = [one for one in samples if one.split != "train"]
        pages = [_page(one, place) for place, one in enumerate([*queue, *others[:WAITING], *apart])]
        return cls(samples, queue, "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in pages))


def _page(sample: Sample, place: int) -> dict[str, object]:
    """A sample as a user would have it: a page as it was copied, with its place in the queue."""
    return {
        "text": sample.raw,
        "source": sample.source,
        "published": sample.published,
        "split": sample.split,
        "priority": -place,
    }


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

    def gold(self, samples: Sequence[Sample]) -> dict[str, AnnotatedArticle]:
        """The samples' gold over their cleaned texts, by the articles' ids."""
        found: dict[str, AnnotatedArticle] = {}
        with self._store.reading() as session:
            for sample in samples:
                article = articles.get(session, article_id(sample.raw))
                found[article.id] = AnnotatedArticle(article=article, annotations=sample.gold(article, self.scheme))
        return found

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
            project = projects.find(session, self._client.server, self._settings.label_studio.project)
            tasks = list(task_ledger.tasks(session, project.id, state="present")) if project else []
        blind = sum(task.blind for task in tasks)
        return Waiting(suggested=len(tasks) - blind, blind=blind)

    def annotate(self, pushed: PushReport, batch: Sequence[str], gold: Mapping[str, AnnotationSet]) -> None:
        """Lets two scripted annotators work through the next articles of the queue, and look at some of each other's.

        What they have done already is not done again.
        """
        self.pull()
        done = self._done()
        half = (len(batch) + 1) // 2
        shares = ((ANNA, batch[:half], batch[half:]), (BEN, batch[half:], batch[:half]))
        clients = {
            who: accounts.client_of(self._client, self._settings.label_studio_folder, who.name) for who, _, _ in shares
        }
        days: list[Day] = []
        for who, own, _ in shares:
            left = sum((who.name, name) not in done for name in own)
            days.append(
                annotate(
                    self._context,
                    clients[who],
                    who,
                    project_id=pushed.project_id,
                    shown=pushed.model_version,
                    gold=gold,
                    most=left,
                )
            )
        tasks = self._tasks()
        for who, _, others in shares:
            again = [tasks[name] for name in others[:SECOND_OPINIONS] if (who.name, name) not in done and name in tasks]
            shown = pushed.model_version
            days.append(annotate_again(self._context, clients[who], who, task_ids=again, shown=shown, gold=gold))
        for who in (ANNA, BEN):
            mine = [day for day in days if day.annotator == who.name]
            number, minutes = sum(len(day.tasks) for day in mine), sum(day.seconds for day in mine) / 60
            self._say(f"{who.name} submitted {number} articles, which would take a person {minutes:.0f} minutes")
        self.pull()

    def _done(self) -> set[tuple[str, str]]:
        """Who has annotated what: the names of annotators with the ids of articles."""
        with self._store.reading() as session:
            current = revisions.current(session)
        return {(one.annotator.partition("@")[0], one.article_id) for one in current if one.state == "submitted"}

    def _tasks(self) -> dict[str, int]:
        """The server's number of each article's task."""
        with self._store.reading() as session:
            project = projects.find(session, self._client.server, self._settings.label_studio.project)
            found = task_ledger.tasks(session, project.id, state="present") if project else ()
            return {one.article_id: one.task_id for one in found if one.task_id is not None}

    def pull(self) -> None:
        """Brings back what the annotators did."""
        report = pull_annotations(self._context)
        if report.submitted or report.open_problems:
            self._say(f"{report.submitted} annotations pulled, {report.open_problems} problems")

    def take_in(self, gold: Sequence[AnnotatedArticle]) -> None:
        """Imports the gold of the parts that no annotator has seen."""
        path = self._settings.root / "gold.jsonl"
        path.write_text("".join(to_json(one) + "\n" for one in gold), encoding="utf-8")
        form = jsonl.JsonLinesFormat()
        report = importing.import_file(self._store, path, form, "gold", self.scheme, self._progress)
        self._say(f"{report.articles} gold annotations of the dev and test parts imported")

    def is_released(self, name: str) -> bool:
        """Whether there is such a release."""
        with self._store.reading() as session:
            return name in releases.names(session)

    def release(self, name: str) -> None:
        """Settles by policies what the annotators differ in, and freezes all that is settled."""
        adjudicate(self._context, policies=POLICIES, send=False)
        manifest = release(self._context, name, policy="adjudicated").manifest
        settled = ", ".join(f"{number} {how}" for how, number in manifest.settled.items())
        self._say(f"release {name}: {manifest.articles} articles ({settled})")

    def train(self, release: str) -> str:
        """The model that was trained on the release; one that is there is not trained again."""
        with self._store.reading() as session:
            there = [model.version for model in models.every(session) if model.release == release]
        return there[-1] if there else train_on(self._context, release).training.version

    def compare(self, model: str) -> Comparison:
        """The scores on the test part, of the model and of what annotators saw when it was trained."""
        with self._store.reading() as session:
            report = models.get(session, model).report
        if "test" in report:
            return Comparison.model_validate(report["test"])
        found = evaluate_on(self._context, model)
        with self._store.transaction() as session:
            models.set_report(session, model, {**report, "test": found.model_dump(mode="json")})
        return found

    def decision(self, model: str) -> models.Promotion | None:
        """The decision about the model that was taken in an earlier run; None where there was none."""
        with self._store.reading() as session:
            return next((one for one in reversed(models.promotions(session)) if one.model == model), None)

    def promote(self, model: str) -> models.Promotion:
        """The decision about the model."""
        decided = promote(self._context, model).decision
        self._say(f"{model} is promoted" if decided.accepted else f"{model} is refused, annotators see what they saw")
        return decided

    def round(self, size: int, model: str, comparison: Comparison, decision: models.Promotion) -> Round:
        """What a round led to."""
        with self._store.reading() as session:
            seconds = float(models.get(session, model).report["training"]["seconds"])
        return Round(articles=size, model=model, seconds=seconds, comparison=comparison, decision=decision)

    def place(self, pushed: PushReport) -> Place:
        """Where to look."""
        people = (*(one.email for one in self._people.added), *self._people.known)
        project_url = f"{self._client.url}/projects/{pushed.project_id}"
        return Place(folder=self._settings.root, url=self._client.url, project_url=project_url, accounts=people)

    def report(self, pushed: PushReport, rounds: Sequence[Round], name: str) -> DemoReport:
        """Exports the last release, and says what all of it came to."""
        # Another version of the workbench may have written them, with another card.
        exported = exporting.export(self._store, name, FORMATS, self._settings.exports, self._progress, force=True)
        agreed = agreement(self._store, self.scheme, self._progress)
        annotated = {article for _, article in self._done()}
        with self._store.reading() as session:
            parts = Counter(item.part for item in releases.get(session, name).items)
            return DemoReport(
                place=self.place(pushed),
                rounds=tuple(rounds),
                decisions=tuple(_decisions(correction_counts.decisions(session), self.scheme)),
                agreement=agreed,
                adjudicated=_adjudicated(session),
                release=name,
                parts=dict(parts),
                exports=tuple(one.folder for one in exported.exported),
                now_shown=models.champion(session).subject,
                waiting=len(set(self._tasks()) - annotated),
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


def _adjudicated(session: Transaction) -> Adjudicated:
    """What the policies decided of the things in which annotators differ."""
    current = adjudications.current(session).values()
    counts = adjudications.decision_counts(session, [one.id for one in current if one.id is not None])
    agreed = sum(one.agreed for one in current)
    return Adjudicated(policies=str(POLICIES), agreed=agreed, decisions=tuple(counts))


def _decisions(counts: list[correction_counts.CorrectionCount], scheme: LabelScheme) -> Iterator[LayerDecisions]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for one in counts:
        found.setdefault((one.layer, one.kind), Counter())[one.decision] += one.count
    for layer in scheme.layers:
        for kind in ("span", "role"):
            if (layer.name, kind) in found:
                yield LayerDecisions(layer=layer.name, kind=kind, decisions=dict(found[layer.name, kind]))
