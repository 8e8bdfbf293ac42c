"""The public interface: a workspace, and everything that can be done with it. `from workbench import Workspace`.

Every method does what the command of the same name does, takes keyword arguments, raises `WorkbenchError`s, and returns
a typed report, which prints well.
"""

from collections.abc import Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO, get_args

from workbench.core.choices import check_choice, check_number, check_seed, several
from workbench.workflows.context import Context

if TYPE_CHECKING:
    from workbench.articles.catalogue import ArticleDetails, ArticleList, View
    from workbench.articles.ingest import AddReport
    from workbench.articles.readers import Kind
    from workbench.core.adjudication.policies import Policies
    from workbench.core.annotations import AnnotatedArticle
    from workbench.core.parts import Part
    from workbench.core.ports import PreAnnotator, Progress
    from workbench.core.scheme import LabelScheme
    from workbench.gold.accepted import Policy
    from workbench.gold.building import ReleaseReport
    from workbench.gold.differences import DiffReport
    from workbench.gold.leaks import LeaksReport
    from workbench.gold.manifest import ReleaseManifest
    from workbench.gold.pseudonyms import PseudonymReport
    from workbench.gold.releases import ReleaseList
    from workbench.gold.splits import SplitReport
    from workbench.gold.verification import VerifyReport
    from workbench.labelstudio.pull.pull import ProblemsReport, PullReport
    from workbench.labelstudio.push.options import PushOptions
    from workbench.labelstudio.push.push import PushReport
    from workbench.labelstudio.reconcile import ReconcileReport
    from workbench.labelstudio.server.accounts import AccountsAdded, AccountsReport
    from workbench.preannotate.run import PreannotateReport
    from workbench.reports.anchoring import AnchoringReport
    from workbench.reports.corrections import By, CorrectionsReport
    from workbench.reports.history import HistoryReport
    from workbench.reports.scheme_effects import SchemeChangeReport
    from workbench.selection.queueing import SelectionReport
    from workbench.selection.ranking import Strategy
    from workbench.training.report import TrainOptions
    from workbench.workflows.adjudicate import AdjudicationReport
    from workbench.workflows.agreement import AgreementDocument
    from workbench.workflows.annotate import AnnotateReport
    from workbench.workflows.backup import BackupReport, RestoreReport
    from workbench.workflows.comparison import Comparison, PromotionReport, TrainOutcome
    from workbench.workflows.converting import ConvertReport
    from workbench.workflows.curve import CurveReport
    from workbench.workflows.demo_report import DemoReport, PreparedReport
    from workbench.workflows.doctor import Diagnosis
    from workbench.workflows.exporting import ExportReport
    from workbench.workflows.importing import ImportReport
    from workbench.workflows.init import InitReport
    from workbench.workflows.model_cards import ModelCard, PackagedModel
    from workbench.workflows.model_list import ModelList
    from workbench.workflows.registered import AddedModel, RemovedModel, Reproduction
    from workbench.workflows.regrouping import RegroupReport
    from workbench.workflows.schemas import SchemasReport
    from workbench.workflows.scheme_change import SchemePullReport, SchemePushReport
    from workbench.workflows.scoring import ScoreDocument
    from workbench.workflows.server import ServerReport, StopReport
    from workbench.workflows.simulate import SimulationOptions, SimulationReport
    from workbench.workflows.status import StatusReport
    from workbench.workflows.suspects import SuspectsReport
    from workbench.workflows.withdrawing import WithdrawReport


class Workspace(Context):
    """A folder with settings, a label scheme and a store, and the way to its Label Studio.

    It can be used as a context manager, which closes the store at the end.
    """

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        database_url: str = "",
        label_config: str | Path | None = None,
        progress: "Progress | None" = None,
    ) -> "Workspace":
        """A workspace at `path`, made where there is none; what is there already is left as it is.

        Args:
            path: the folder.
            database_url: postgresql+psycopg://USER:PASSWORD@HOST/NAME; else a SQLite file in the workspace.
            label_config: a label config to take a copy of; else the one that ships.
            progress: shows where long work is.

        Raises:
            SettingsError: the folder cannot be written to, or the workspace is there with another database.
            SchemeError: the label config is none.
            StoreUnavailable: the database does not answer.
        """
        cls.init(path, database_url=database_url, label_config=label_config)
        return cls.open(path, progress=progress)

    @staticmethod
    def init(path: str | Path, *, database_url: str = "", label_config: str | Path | None = None) -> "InitReport":
        """What `create` makes and what it leaves as it is, without opening it; arguments and errors are the same.

        Args:
            path: the folder.
            database_url: postgresql+psycopg://USER:PASSWORD@HOST/NAME; else a SQLite file in the workspace.
            label_config: a label config to take a copy of; else the one that ships.

        Raises:
            SettingsError: the folder cannot be written to, or the workspace is there with another database.
            SchemeError: the label config is none.
            StoreUnavailable: the database does not answer.
        """
        from workbench.workflows.init import init

        return init(Path(path), database_url, Path(label_config) if label_config is not None else None)

    @classmethod
    def open(
        cls,
        path: str | Path = ".",
        *,
        progress: "Progress | None" = None,
        label_studio_url: str = "",
        label_config: str | Path | None = None,
    ) -> "Workspace":
        """The workspace at `path`, or the nearest one above it.

        Args:
            path: the folder, or one below it.
            progress: shows where long work is.
            label_studio_url: use this Label Studio, with the API key in LABEL_STUDIO_API_KEY.
            label_config: use the scheme of this file in the place of the workspace's.

        Raises:
            SettingsError: there is none, or its settings cannot be used.
        """
        from workbench import settings

        root = settings.find_workspace(Path(path).resolve())
        config = Path(label_config) if label_config is not None else None
        return cls(settings.load(root), progress, label_studio_url=label_studio_url, label_config=config)

    @classmethod
    def without_folder(
        cls, *, progress: "Progress | None" = None, label_config: str | Path | None = None
    ) -> "Workspace":
        """What needs no folder, no store and no server: `annotate_files`, `score` and `convert`.

        Everything else raises a `SettingsError`.

        Args:
            progress: shows where long work is.
            label_config: a label config; else the one that ships.
        """
        return cls(None, progress, label_config=Path(label_config) if label_config is not None else None)

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workspace({str(self.settings.root)!r})" if self._settings else "Workspace.without_folder()"

    # Articles and suggestions

    def add(self, *paths: str | Path, kind: "Kind | None" = None) -> "AddReport":
        """What became of the articles, which are read, cleaned, stored and grouped by story; a second time changes nothing.

        Args:
            paths: files, folders, or "-" for standard input.
            kind: read every file as this kind (txt, html, jsonl, json, csv), whatever its name.

        Raises:
            SettingsError: there is no such kind.
            ArticleError: a process that reads them was killed; what was read by then is kept.
        """
        from workbench.articles import ingest, readers

        if kind is not None:
            check_choice(kind, "a kind of file", get_args(readers.Kind))
        return ingest.add(self.store, [str(path) for path in paths], kind=kind, progress=self.progress)

    def articles(self, *, by_story: bool = False) -> "ArticleList":
        """Every article in short, oldest first, or story by story.

        Args:
            by_story: story by story; else in the order in which they were added.
        """
        from workbench.articles import catalogue

        return catalogue.listed(self.store, by_story=by_story)

    def article(self, name: str, *, view: "View" = "text") -> "ArticleDetails":
        """One article, with its raw text and what was cut from it.

        Args:
            name: its id, or how that begins.
            view: what the report shows: the "text", the "cuts" in its place, or only the "raw" text, exactly as read.

        Raises:
            ArticleError: there is none, or several.
            SettingsError: there is no such view.
        """
        from workbench.articles import catalogue

        check_choice(view, "a view of an article", get_args(catalogue.View))
        return catalogue.details(self.store, name, view=view)

    def withdraw(self, name: str, *, why: str = "", erase: bool = False, undo: bool = False) -> "WithdrawReport":
        """What was done to keep an article out of the queue, push and later releases; see `workflows.withdrawing.withdraw`.

        Args:
            name: its id, or how that begins.
            why: the reason, which releases, cards and exports name.
            erase: take its words out of store and Label Studio, too; that cannot be undone.
            undo: make it an article like all others again.

        Raises:
            ArticleError: there is no such article; there is no reason; it cannot be undone.
        """
        from workbench.workflows.withdrawing import withdraw

        return withdraw(self, name, why=why, erase=erase, undo=undo)

    def regroup(self, *, dry_run: bool = False) -> "RegroupReport":
        """What became of the stories, grouped anew but for what was released or seen; see `workflows.regrouping.regroup`.

        Args:
            dry_run: only say what would become of them.
        """
        from workbench.workflows.regrouping import regroup

        return regroup(self, dry_run=dry_run)

    def preannotate(
        self,
        *,
        annotator: str | None = None,
        pipeline: str | None = None,
        processes: int = 1,
        limit: int | None = None,
        again: bool = False,
    ) -> "PreannotateReport":
        """What was suggested for the articles that have no suggestion by what annotators see; see `preannotate_articles`.

        Args:
            annotator: suggests, by its name: a plug-in, or "model" for the newest model; else what annotators see now.
            pipeline: the rules suggest, on this spaCy pipeline (a name or a folder).
            processes: how many processes parse for the rules; 0 for one a core where there is much to do.
            limit: the number of articles at the most.
            again: also suggest where this annotator has suggested already.

        Raises:
            ModelError: the pipeline or model cannot be loaded.
            SettingsError: a data file of the workspace cannot be used, or a number.
        """
        from workbench.workflows.preannotate import preannotate_articles

        check_number("processes", processes, least=0, most=64)
        check_number("limit", limit, least=1, optional=True)
        return preannotate_articles(
            self, annotator=annotator, pipeline=pipeline, processes=processes, limit=limit, again=again
        )

    def select(
        self, *, strategy: "Strategy" = "mixed", random_share: float = 0.2, seed: int = 0, limit: int | None = None
    ) -> "SelectionReport":
        """The queue of articles that nobody has annotated, by what their labels would teach; see `select_articles`.

        Args:
            strategy: "uncertain", "rare", "diverse", "mixed" (all three) or "random".
            random_share: the share of places that chance decides, between 0 and 1.
            seed: decides what chance gives.
            limit: the length of the queue at the most; else all.

        Raises:
            ArticleError: every article is annotated, or there are none.
            SettingsError: there is no such strategy; the share, the seed or the limit is none.
        """
        from workbench.selection.ranking import Strategy
        from workbench.workflows.selecting import select_articles

        check_choice(strategy, "a strategy", get_args(Strategy))
        check_number("random_share", random_share, least=0, most=1, whole=False)
        check_seed(seed)
        check_number("limit", limit, least=1, optional=True)
        return select_articles(self, strategy=strategy, random_share=random_share, seed=seed, limit=limit)

    def annotate(self, text: str, *, title: str = "", with_: "PreAnnotator | None" = None) -> "AnnotatedArticle":
        """A text as an article with what annotators would see of it; nothing is stored.

        Args:
            text: taken as it is, without cleaning.
            title: the article's.
            with_: suggests; else what annotators see now.

        Raises:
            ModelError: the model that annotators see cannot be loaded.
        """
        from workbench.core.annotations import AnnotatedArticle
        from workbench.core.article import Article
        from workbench.workflows.preannotate import champion

        article = Article.from_text(text).model_copy(update={"title": title})
        (found,) = (with_ or champion(self)).annotate([article])
        return AnnotatedArticle(article=article, annotations=found)

    def annotate_files(
        self,
        *paths: str | Path,
        output: "str | Path | TextIO",
        model: str | None = None,
        from_jsonl: bool = False,
    ) -> "AnnotateReport":
        """What was written: annotated articles as JSON lines; nothing is stored. See `workflows.annotate.annotate_files`.

        Args:
            paths: files, folders, or "-" for standard input.
            output: the file, or a stream that takes the lines.
            model: a trained model by its version, or a spaCy pipeline for the rules; None for what annotators see now,
                and for the rules where there is no workspace.
            from_jsonl: the files hold workbench documents, whose text stays as it is.

        Raises:
            ModelError: there is no such model, or it cannot be loaded.
            SettingsError: the output cannot be written.
        """
        from workbench.workflows.annotate import annotate_files

        target = Path(output) if isinstance(output, str) else output
        return annotate_files(self, paths, target, model=model, from_jsonl=from_jsonl)

    def score(self, gold: str | Path, predicted: str | Path) -> "ScoreDocument":
        """Precision, recall and F1 of the annotated articles in one file against those in another.

        Args:
            gold: workbench documents (JSON lines), taken for right.
            predicted: those that are measured.

        Raises:
            DocumentError: a file is malformed, or the two have different texts for one article.
        """
        from workbench.workflows.scoring import score_files

        return score_files(self, Path(gold), Path(predicted))

    # Label Studio

    def start_server(
        self, *, host: str | None = None, port: int | None = None, allowed_hosts: str | Sequence[str] = ()
    ) -> "ServerReport":
        """Where the workspace's own Label Studio runs, after it was started if need be. The first start installs it.

        Args:
            host: the address to listen on; 0.0.0.0 opens it to a team. Else what workbench.toml says.
            port: the port to listen on.
            allowed_hosts: further host names under which a team reaches it.

        Raises:
            LabelStudioError: it runs already at another address, the port is taken, or it did not start.
            SettingsError: the port is none.
        """
        from workbench.workflows import server

        check_number("port", port, least=1, most=65535, optional=True)
        return server.start(self, host=host, port=port, allowed_hosts=several(allowed_hosts))

    def stop_server(self) -> "StopReport":
        """Whether the workspace's own Label Studio ran; it has ended, and its data is kept.

        Raises:
            LabelStudioError: it could not be ended.
        """
        from workbench.workflows import server

        return server.stop(self)

    def server_status(self, *, secrets: bool = False) -> "ServerReport":
        """Where the workspace's own Label Studio runs, if it does.

        Args:
            secrets: show its owner's password and API key.
        """
        from workbench.workflows import server

        return server.status(self, secrets=secrets)

    def add_annotators(self, *names: str) -> "AccountsAdded":
        """The accounts that were made, and those that were there and are left as they are.

        Args:
            names: a name or an e-mail address for each; names get @workbench.local.

        Raises:
            LabelStudioError: a name cannot be that of an account.
            LabelStudioUnavailable: no answer.
            SettingsError: the file of accounts cannot be used.
        """
        from workbench.labelstudio.server import accounts

        return accounts.add(self.label_studio(), self.settings.label_studio_folder, names)

    def annotators(self, *, passwords: bool = False) -> "AccountsReport":
        """All accounts of Label Studio.

        Args:
            passwords: show those that were made here.

        Raises:
            LabelStudioUnavailable: no answer.
            SettingsError: the file of accounts cannot be used.
        """
        from workbench.labelstudio.server import accounts

        return accounts.everybody(self.label_studio(), self.settings.label_studio_folder, show_passwords=passwords)

    def push(
        self,
        *names: str,
        where: str | Sequence[str] = (),
        order: str = "",
        blind: float = 0.0,
        held_out: bool = True,
        suggest_held_out: bool = False,
        options: "PushOptions | None" = None,
    ) -> "PushReport":
        """What was done to give every article its one task in Label Studio, with the current suggestions.

        Args:
            names: ids of articles, or how they begin; none for all.
            where: NAME=VALUE conditions that articles have to meet.
            order: selected, priority, newest, oldest or random:SEED.
            blind: the share of articles, between 0 and 1, that go without suggestions for good.
            held_out: push articles of the dev and test parts, too; they go without suggestions.
            suggest_held_out: push these with suggestions all the same.
            options: how to go about it.

        Raises:
            ArticleError: a name is none, or several; or there are no articles.
            SettingsError: a condition, an order or a share is none.
            LabelStudioError: the server refuses.
            LabelStudioUnavailable: no answer; the next push goes on from there.
        """
        from workbench.labelstudio.push.options import PushOptions
        from workbench.workflows.sync import push_articles

        check_number("blind", blind, least=0, most=1, whole=False)
        return push_articles(
            self,
            options or PushOptions(),
            names=names,
            where=several(where),
            order=order,
            blind=blind,
            held_out=held_out,
            suggest_held_out=suggest_held_out,
        )

    def pull(self, *, adopt: bool = False, send_back: bool = False) -> "PullReport":
        """What people did since the last pull, stored as revisions; what does not fit is listed and stops nothing else.

        Args:
            adopt: take in tasks that somebody imported by hand, as articles of their own.
            send_back: tell annotators in the task's note why their annotation does not fit.

        Raises:
            LabelStudioError: nothing was pushed yet, or the project is gone.
            LabelStudioUnavailable: no answer; the next pull goes on from there.
        """
        from workbench.workflows.sync import pull_annotations

        return pull_annotations(self, adopt=adopt, send_back=send_back)

    def watch(
        self, *, every: float = 15.0, webhook: bool = False, adopt: bool = False, send_back: bool = False
    ) -> "Generator[PullReport]":
        """The reports of the pulls that brought something, one after the other, without end.

        Args:
            every: seconds between two looks.
            webhook: look at once when Label Studio calls the address in workbench.toml.
            adopt: as for `pull`.
            send_back: as for `pull`.

        Raises:
            LabelStudioError: the server refuses; the address for the webhook cannot be used.
            LabelStudioUnavailable: no answer at the start; later ones are waited for.
            SettingsError: the seconds cannot be waited.
        """
        from workbench.workflows.sync import watch_annotations

        check_number("every", every, least=0, whole=False)
        return watch_annotations(self, every=every, webhook=webhook, adopt=adopt, send_back=send_back)

    def problems(self) -> "ProblemsReport":
        """The annotations that were pulled and fit neither text nor scheme, and are not settled."""
        from workbench.labelstudio.pull.pull import open_problems

        return open_problems(self.store)

    def reconcile(self, *, mend: bool = False) -> "ReconcileReport":
        """Every difference between store and Label Studio, and what is left of them where they are to be mended.

        Args:
            mend: mend what can be mended without loss.

        Raises:
            LabelStudioError: nothing was pushed yet, or the project is gone.
            LabelStudioUnavailable: no answer; what was mended is mended.
        """
        from workbench.workflows.sync import reconcile_projects

        return reconcile_projects(self, mend=mend)

    def scheme_diff(self) -> "SchemeChangeReport":
        """What label_config.xml changes in the project's scheme, and which annotations would not fit any more.

        Raises:
            SchemeError: nothing was pushed to such a project yet.
            LabelStudioError: the project is gone, or Label Studio refuses.
        """
        from workbench.workflows.scheme_change import scheme_diff

        return scheme_diff(self)

    def scheme_push(self, *, force: bool = False) -> "SchemePushReport":
        """What was done to bring the project in Label Studio to label_config.xml.

        Args:
            force: also where annotations or predictions would not fit any more.

        Raises:
            SchemeError: something would not fit any more, and `force` is not set; nothing was changed.
            LabelStudioError: there is no project, or Label Studio refuses the config; nothing was changed.
            LabelStudioUnavailable: no answer.
        """
        from workbench.workflows.scheme_change import scheme_push

        return scheme_push(self, force=force)

    def scheme_pull(self, *, force: bool = False) -> "SchemePullReport":
        """What was done to bring label_config.xml to what somebody edited in Label Studio; the old file is kept in backups/.

        Args:
            force: also where annotations or predictions would not fit any more.

        Raises:
            SchemeError: the project's config is no label scheme, or the file can't be written, or something would not
                fit any more and `force` is not set; nothing was changed.
            LabelStudioError: there is no project.
            LabelStudioUnavailable: no answer.
        """
        from workbench.workflows.scheme_change import scheme_pull

        report = scheme_pull(self, force=force)
        self.__dict__.pop("scheme", None)
        return report

    # What is there

    def status(self) -> "StatusReport":
        """Where everything stands; a server that answers is asked whether its label config was edited."""
        from workbench.workflows.status import status

        return status(self)

    def history(self, article: str) -> "HistoryReport":
        """Who changed what in an article, region by region.

        Args:
            article: its id, or how that begins.

        Raises:
            ArticleError: there is none, or several.
        """
        from workbench.reports.history import history

        return history(self.store, self.scheme, article)

    def corrections(self, *, by: "By" = "label") -> "CorrectionsReport":
        """What became of suggestions, and how long the work took, in seconds.

        Args:
            by: a row for each "label", "layer", "annotator" or "model".

        Raises:
            SettingsError: `by` is none of these.
        """
        from workbench.reports.corrections import By, corrections

        check_choice(by, "what corrections are counted by", get_args(By))
        return corrections(self.store, by=by)

    def anchoring(self) -> "AnchoringReport":
        """What suggestions save, and how far they pull judgements towards them: with against without suggestions."""
        from workbench.reports.anchoring import anchoring

        return anchoring(self.store, self.scheme)

    def agreement(self, *, release: str | None = None) -> "AgreementDocument":
        """How far annotators agree, on everything or on the articles of a release, and where they differ.

        Args:
            release: only its articles; else all.

        Raises:
            AgreementError: no article was annotated by two people independently.
            ReleaseError: there is no such release.
        """
        from workbench.workflows.agreement import agreement

        return agreement(self, release=release)

    def adjudicate(
        self, *names: str, policies: "Policies | None" = None, again: bool = False, send: bool = True
    ) -> "AdjudicationReport":
        """Where every article stands after policies, and review tasks for the rest, settle what annotators say differently.

        Args:
            names: ids, or beginnings of ids, of articles; none for all.
            policies: decide what not all say; None for those of the last time, or none.
            again: merge also what was settled without a person.
            send: bring what is left open into Label Studio.

        Raises:
            AgreementError: no article was annotated by two people.
            SettingsError: a policy names a layer or a person that is not there.
        """
        from workbench.workflows.adjudicate import adjudicate

        return adjudicate(self, names=names, policies=policies, again=again, send=send)

    def doctor(self) -> "Diagnosis":
        """The whole set-up, checked, with what to do about each fault."""
        from workbench.workflows.doctor import examine

        return examine(self)

    # Gold

    def release(
        self, name: str, *, policy: "Policy" = "refuse", split: str | None = None, seed: int = 0
    ) -> "ReleaseReport":
        """The gold release that the accepted annotations were frozen in; a release that is there does not change.

        Args:
            name: the release's.
            policy: where annotators differ and nobody has adjudicated: "refuse"; "latest" takes what was submitted
                last, "majority" what more than half say of each thing; "adjudicated" leaves such articles out.
            split: how articles are divided: "story", "date:2026-06-01", "date:2026-05-01,2026-06-01", "article", or
                "file:parts.csv"; None as workbench.toml says, which is by story unless it was changed.
            seed: decides the order in which parts are filled.

        Raises:
            SettingsError: there is no such policy, or the seed cannot be used.
            ReleaseError: annotators differ, there is another release of that name, or no such way to divide.
        """
        from workbench.gold.accepted import Policy
        from workbench.workflows.releasing import release

        check_choice(policy, "a policy", get_args(Policy))
        check_seed(seed)
        return release(self, name, policy=policy, split=split, seed=seed)

    def releases(self) -> "ReleaseList":
        """The manifests of all releases, oldest first."""
        from workbench.gold import releases

        with self.store.reading() as session:
            return releases.listed(session)

    def manifest(self, name: str) -> "ReleaseManifest":
        """What a release holds.

        Args:
            name: the release's.

        Raises:
            ReleaseError: there is none of that name.
        """
        from workbench.gold import releases
        from workbench.store import releases as stored

        with self.store.reading() as session:
            return releases.manifest_of(stored.get(session, name))

    def gold(self, name: str, part: "Part | None" = None) -> "list[AnnotatedArticle]":
        """The articles of a release, or of one of its parts.

        Args:
            name: the release's.
            part: "train", "dev" or "test"; else all.

        Raises:
            SettingsError: there is no such part.
            ReleaseError: there is no such release.
        """
        from workbench.core.parts import Part
        from workbench.gold import releases

        if part is not None:
            check_choice(part, "a part of a release", get_args(Part))
        with self.store.reading() as session:
            return list(releases.read(session, name, part))

    def verify(self, name: str) -> "VerifyReport":
        """Every hash of a release in the store, computed anew, and what was touched since it was frozen.

        Args:
            name: the release's.

        Raises:
            ReleaseError: there is none of that name.
        """
        from workbench.gold.verification import verify

        with self.store.reading() as session:
            return verify(session, name)

    @staticmethod
    def verify_export(path: str | Path) -> "VerifyReport":
        """Every hash of an exported release, computed anew from its files, and what was touched. Needs no workspace.

        Args:
            path: the folder of one format, or the one above that.

        Raises:
            ReleaseError: there is no export, or its manifest is none.
        """
        from workbench.gold.verification import verify_export

        return verify_export(Path(path))

    def diff(self, first: str, second: str) -> "DiffReport":
        """How the second release differs from the first: articles, spans, roles, each in counts and in full.

        Args:
            first: the name of the earlier release.
            second: the name of the later one.

        Raises:
            ReleaseError: there is none of one of the names.
        """
        from workbench.gold.differences import diff

        with self.store.reading() as session:
            return diff(session, first, second)

    def leaks(self, name: str) -> "LeaksReport":
        """What the parts of a release share: near-duplicates, articles on one story, articles with one title.

        Args:
            name: the release's.

        Raises:
            ReleaseError: there is none of that name.
        """
        from workbench.gold.leaks import leaks

        with self.store.reading() as session:
            return leaks(session, name)

    @staticmethod
    def leaks_of_export(path: str | Path) -> "LeaksReport":
        """The same of an exported release, told from its jsonl files; no workspace is needed.

        Args:
            path: the folder of one format, or the one above that.

        Raises:
            ReleaseError: there is no export with jsonl files.
        """
        from workbench.gold.leaks import leaks_of_export

        return leaks_of_export(Path(path))

    def pseudonyms(self) -> "PseudonymReport":
        """Who is who in releases and exports, which name no annotator."""
        from workbench.gold import pseudonyms

        with self.store.reading() as session:
            return pseudonyms.report(session)

    def suspects(self, name: str, *, limit: int = 50, folds: int | None = None) -> "SuspectsReport":
        """The annotations of a release that are unlikely, the least likely first; see `workflows.suspects`.

        Args:
            name: the release's.
            limit: how many are listed.
            folds: in how many parts the stories are dealt; for each a model learns from the others.

        Raises:
            ReleaseError: there is none of that name, or it does not fit label_config.xml.
            ModelError: there is nothing to learn from.
            SettingsError: the limit is below 1, or the folds are below 2.
        """
        from workbench.workflows.suspects import find_suspects

        check_number("limit", limit, least=1)
        check_number("folds", folds, least=2, optional=True)
        return find_suspects(self, name, limit=limit, folds=folds)

    def split(self, *, seed: int = 0) -> "SplitReport":
        """The part (train, dev, test) of every article, after every story that had none got one, for good.

        Args:
            seed: decides the order in which parts are filled.

        Raises:
            ReleaseError: two articles of one story were added for different parts.
            SettingsError: the seed cannot be used.
        """
        from workbench.workflows.releasing import split

        check_seed(seed)
        return split(self, seed=seed)

    def export(
        self,
        release: str,
        *,
        formats: str | Sequence[str] = ("spacy", "jsonl"),
        output: str | Path | None = None,
        force: bool = False,
        without_text: bool = False,
    ) -> "ExportReport":
        """The folders that a gold release was written to: train, dev and test, with manifest, card and checksums.

        Args:
            release: its name.
            formats: the names of formats, or one; each gets a folder.
            output: the folder to write to; else exports/ in the workspace.
            force: replace an export that is there and differs.
            without_text: write hashes and offsets in the place of texts.

        Raises:
            ReleaseError: there is no such release, or it does not fit the scheme.
            FormatError: there is no such format, it cannot be written, or another export is there and `force` is not
                set.
        """
        from workbench.workflows.exporting import export_release

        folder = Path(output) if output is not None else None
        return export_release(
            self, release, formats=several(formats), output=folder, force=force, without_text=without_text
        )

    def import_(
        self,
        file: str | Path,
        *,
        annotator: str | None = None,
        format: str | None = None,
        layers: str | Sequence[str] = (),
        texts: Sequence[str | Path] = (),
    ) -> "ImportReport":
        """What a file of annotated articles brought; its annotations count as the submitted work of who made them.

        Args:
            file: the file, or a folder where the format has several files.
            annotator: whose work it is; None where the file says it.
            format: its format; None to tell by the export that it is of, or by its name.
            layers: GROUP=LAYER for span groups that are called otherwise than the scheme's layers.
            texts: files and folders with the texts of documents that have none.

        Raises:
            DocumentError: nothing of the file can be taken.
            FormatError: there is no such format, or it cannot be read.
        """
        from workbench.workflows.importing import import_annotations

        return import_annotations(
            self,
            Path(file),
            annotator=annotator,
            format_name=format,
            layers=several(layers),
            texts=[Path(one) for one in texts],
        )

    def convert(
        self,
        source: str | Path,
        target: str | Path,
        *,
        source_format: str | None = None,
        target_format: str | None = None,
        layers: str | Sequence[str] = (),
    ) -> "ConvertReport":
        """What was written of a file in another format; needs no store and no server.

        Args:
            source: the file to read, or a folder where the format has several files.
            target: the file or folder to write.
            source_format: the format to read; None to tell by the export that the file is of, or by its name.
            target_format: the format to write; None to tell by the file's name.
            layers: GROUP=LAYER for span groups that are called otherwise than the scheme's layers.

        Raises:
            DocumentError: nothing of the file can be taken.
            FormatError: there is no such format, or it cannot be read or written.
        """
        from workbench.workflows.converting import convert_file

        return convert_file(
            self,
            Path(source),
            Path(target),
            source_format=source_format,
            target_format=target_format,
            layers=several(layers),
        )

    # Models

    def list_models(self) -> "ModelList":
        """Every model with what it needed on dev, the decisions about them, and what annotators see."""
        from workbench.workflows.model_list import list_models

        return list_models(self)

    def train(
        self,
        release: str,
        *,
        options: "TrainOptions | None" = None,
        config: str | Path | None = None,
        profile: str | None = None,
        encoder: str = "",
    ) -> "TrainOutcome":
        """The spaCy pipeline that was trained on a release, measured beside what annotators see now.

        Args:
            release: the release's name.
            options: how to train.
            config: a spaCy config file, which then says what is trained on what; spaCy's own loop trains it.
            profile: "transformer" for a config that ships, which fine-tunes an encoder.
            encoder: that encoder, a name or a folder; "" for roberta-base.

        Raises:
            ReleaseError: there is no such release, or it does not fit the scheme.
            ModelError: it cannot be trained; nothing was kept then.
        """
        from workbench.training.report import TrainOptions
        from workbench.workflows.learning import train_on
        from workbench.workflows.training_configs import with_config

        options = with_config(
            self.scheme,
            options or TrainOptions(),
            config=None if config is None else Path(config),
            profile=profile,
            encoder=encoder,
        )
        return train_on(self, release, options)

    def evaluate(self, model: str, *, release: str | None = None, part: "Part" = "test") -> "Comparison":
        """The scores of a model on a part of a release, beside those of the rules and of what annotators see now.

        Args:
            model: a model of the registry, a spaCy pipeline by name or folder, a plug-in, or a file of predictions
                (JSON lines).
            release: what is measured on; else the one that the model learned from.
            part: "train", "dev" or "test".

        Raises:
            ModelError: there is nobody of that name, it was trained under another scheme, or no release is named for
                who is no model of the registry; a file of predictions has no article of the part.
            SettingsError: there is no such part.
            ReleaseError: there is no such release, or nothing in that part of it.
        """
        from workbench.core.parts import Part
        from workbench.workflows.learning import evaluate_on

        check_choice(part, "a part of a release", get_args(Part))
        return evaluate_on(self, model, release=release, part=part)

    def curve(
        self,
        release: str,
        *,
        sizes: Sequence[int] = (),
        repeats: int = 3,
        next: int = 20,
        output: str | Path | None = None,
    ) -> "CurveReport":
        """What more annotated articles brought, what the next would bring at what cost, and whether to stop.

        Args:
            release: its train part is learned from and measured on; dev and test are not looked at.
            sizes: after how many articles is measured; none for four sizes, each twice the one before.
            repeats: how many times, each with other stories held back.
            next: how many articles would be annotated next.
            output: a file that keeps every result, and from which a run that was interrupted goes on.

        Raises:
            ReleaseError: there is no such release, or its train part has too few articles or stories.
            ModelError: something cannot be trained or loaded.
            SettingsError: there is no size that the train part has articles for, or a number is none.
        """
        from workbench.workflows.curve import curve

        for size in sizes:
            check_number("sizes", size, least=1)
        check_number("repeats", repeats, least=1)
        check_number("next", next, least=1)
        file = Path(output) if output is not None else None
        return curve(self, release, sizes=sizes, repeats=repeats, next_=next, output=file)

    def simulate(
        self,
        gold: str | Path,
        options: "SimulationOptions | None" = None,
        *,
        scheme: "LabelScheme | None" = None,
        format: str | None = None,
        output: str | Path | None = None,
    ) -> "SimulationReport":
        """What would have come of annotating gold articles in an order, by what learns from them.

        Args:
            gold: a release, or a file of annotated articles.
            options: what learns, in which orders, after how many articles it is measured.
            scheme: the scheme of the file; None for the workspace's.
            format: the format of the file; None to tell by its name.
            output: a file that keeps every result, and from which a run that was interrupted goes on.

        Raises:
            ReleaseError: there is no such release, or a part of it is empty.
            DocumentError: the file is not there, is malformed or has too few annotated articles; `output` holds
                results of other gold.
            ModelError: something cannot be trained or loaded.
            SettingsError: there is no size that the gold has articles for.
        """
        from workbench.workflows.simulate import simulate

        file = Path(output) if output is not None else None
        return simulate(self, str(gold), options, scheme=scheme, format=format, output=file)

    def promote(
        self, model: str, *, release: str | None = None, force: bool = False, because: str = ""
    ) -> "PromotionReport":
        """The decision whether annotators see a model's or plug-in's suggestions: if they need fewer corrections. It is kept.

        Args:
            model: version of a model, or name of a plug-in; "rules" are the rules, which a better model gives way to only
                with `force`.
            release: what a plug-in is judged on; None for the newest. A model is judged on its own.
            force: promote it whatever comes out.
            because: why it is promoted by force.

        Raises:
            ModelError: there is nobody of that name who can suggest for new articles; annotators see it already; or,
                without `force`, there are no articles to decide on.
            ReleaseError: there is no such release, or none at all.
        """
        from workbench.workflows.learning import promote

        return promote(self, model, release=release, force=force, because=because)

    def add_model(
        self,
        source: str | Path,
        *,
        name: str | None = None,
        release: str | None = None,
        labels: str | Sequence[str] = (),
        label_file: str | Path | None = None,
        force: bool = False,
    ) -> "AddedModel":
        """A pipeline that was trained elsewhere, measured, and now in the registry; see `registered.add_model`.

        Args:
            source: an installed package, or a folder.
            name: what it is called here; None for its own name and a number.
            release: what it is judged on; None for the newest.
            labels: THEIRS=OURS for each label that is called otherwise in the scheme; THEIRS= leaves one out.
            label_file: the same in a file, one a line.
            force: take it although it was made for another language or another spaCy.

        Raises:
            ModelError: there is no such pipeline, it cannot be loaded, was trained under another scheme, or has no
                label of the scheme; the name is taken.
            ReleaseError: there is no such release, or none at all.
        """
        from workbench.workflows.registered import add_model

        file = Path(label_file) if label_file is not None else None
        return add_model(
            self, str(source), name=name, release=release, labels=several(labels), label_file=file, force=force
        )

    def remove_model(self, version: str) -> "RemovedModel":
        """The model that was removed from the registry; refused while annotators see it.

        Args:
            version: the model's.

        Raises:
            ModelError: there is no such model, or annotators see it now.
        """
        from workbench.workflows.registered import remove_model

        return remove_model(self, version)

    def reproduce_model(self, version: str) -> "Reproduction":
        """Whether a model trained again from its release, options and seed has the same weights.

        Args:
            version: the model's.

        Raises:
            ModelError: there is no such model, it was trained elsewhere or by an earlier version, or it cannot be
                trained.
            ReleaseError: its release is not what it was.
        """
        from workbench.workflows.registered import reproduce_model

        return reproduce_model(self, version)

    def model_card(self, version: str) -> "ModelCard":
        """A model described in Markdown with YAML metadata: origin, scores, decisions.

        Args:
            version: the model's.

        Raises:
            ModelError: there is no such model.
        """
        from workbench.workflows.model_cards import card

        return card(self, version)

    def package_model(
        self,
        version: str,
        *,
        name: str | None = None,
        package_version: str = "0.1.0",
        license: str = "",
        author: str = "",
        email: str = "",
        url: str = "",
        output: str | Path | None = None,
    ) -> "PackagedModel":
        """The wheel that was written of a model, for `pip install` and `spacy.load`; see `model_cards.package_model`.

        Args:
            version: the model's.
            name: what it is installed and loaded as, after the language; else the model's own name.
            package_version: the package's version.
            license: the licence it is passed on under, as SPDX writes it.
            author: who passes it on.
            email: where they are reached.
            url: where more is told of it.
            output: the folder to write to; else packages/ in the workspace.

        Raises:
            ModelError: there is no such model, its files are not what was written, the name is none that a package can
                have, or the wheel cannot be written.
        """
        from workbench.workflows.model_cards import package_model

        return package_model(
            self,
            version,
            name=name,
            package_version=package_version,
            license=license,
            author=author,
            email=email,
            url=url,
            output=Path(output) if output is not None else None,
        )

    # Keeping

    def backup(
        self, file: str | Path | None = None, *, with_models: bool = False, force: bool = False
    ) -> "BackupReport":
        """The file in which the workspace was saved, even while in use: store, Label Studio's data, settings, passwords.

        Args:
            file: the file; else a new one in backups/.
            with_models: save the trained models, too.
            force: replace a file that is there.

        Raises:
            BackupError: there is such a file already, or it cannot be written.
            StoreError: a database is damaged.
        """
        from workbench.workflows.backup import backup

        target = Path(file) if file is not None else None
        return backup(self, target=target, with_models=with_models, force=force)

    @staticmethod
    def restore(
        root: str | Path, file: str | Path, *, progress: "Progress | None" = None, force: bool = False
    ) -> "RestoreReport":
        """What was brought back from a backup; Label Studio must not run.

        Args:
            root: the folder of the workspace, which is made if there is none.
            file: the backup.
            progress: shows where long work is.
            force: replace what is there; it is moved to backups/replaced-…

        Raises:
            BackupError: the file is no backup or damaged; or there is something to overwrite, and `force` is not set.
            LabelStudioError: the workspace's server runs.
            StoreError: the store's copy is damaged or of a newer version.
            StoreUnavailable: the store's database does not answer.
        """
        from workbench.core.ports import Silent
        from workbench.workflows.backup import restore

        return restore(Path(root), Path(file), progress or Silent(), force=force)

    # Around it

    @staticmethod
    def demo(
        *paths: str | Path,
        folder: str | Path | None = None,
        fresh: bool = False,
        progress: "Progress | None" = None,
    ) -> "DemoReport | PreparedReport":
        """What three rounds of the annotation loop on the samples led to; with articles of one's own, what waits for annotators.

        Args:
            paths: files and folders of one's own articles; none for the samples.
            folder: the workspace; else demo, or demo-articles for one's own articles, in the current folder.
            fresh: end the server of the workspace that is there, delete it, and start over.
            progress: says what is being done.

        Raises:
            SettingsError: the folder holds a workspace with other articles, or the demo of another version.
            LabelStudioError: Label Studio did not start; or, with `fresh`, the folder is no workspace.
        """
        from workbench.core.ports import Silent
        from workbench.workflows.demo import demo

        where = Path(folder) if folder is not None else None
        return demo(where, [Path(path) for path in paths], fresh=fresh, progress=progress or Silent())

    @staticmethod
    def write_schemas(folder: str | Path = "schemas") -> "SchemasReport":
        """The files that the JSON Schemas of all documents were written to; no workspace is needed.

        Args:
            folder: where to; schemas of documents that are no more are taken away there.

        Raises:
            SettingsError: the folder cannot be written to.
        """
        from workbench.workflows.schemas import write_schemas

        return write_schemas(Path(folder))
