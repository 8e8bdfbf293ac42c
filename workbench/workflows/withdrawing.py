"""Takes an article out of use, with its words if need be: in the store at once, in Label Studio as soon as it answers."""

from collections.abc import Iterator
from pathlib import Path

from workbench.core.report import Listing, Report, Shown
from workbench.errors import ArticleError, LabelStudioError, LabelStudioUnavailable, ReleaseError
from workbench.gold.verification import exported, read_manifest
from workbench.labelstudio.push import withdrawing
from workbench.labelstudio.push.withdrawing import TakenOut
from workbench.printable import printable, titled
from workbench.store import articles, models, releases, withdrawals
from workbench.workflows.context import Context


class WithdrawReport(Report):
    """What was withdrawn, and where something of it is left.

    `left_in_label_studio` counts tasks that the next push or `reconcile --mend` sees to, because the server was `away`.
    `releases` hold the article, `models` learned from it; `exports`, `backups` and `sources` are folders and files that are
    not touched. `not_kept` is a reason that was given for an article that was withdrawn for another one before.
    """

    article_id: str
    title: str
    why: str
    erased: bool = False
    undone: bool = False
    known: bool = False
    not_kept: str = ""
    label_studio: TakenOut = TakenOut()
    left_in_label_studio: int = 0
    away: str = ""
    releases: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """What was done, in the store and in Label Studio, and what is left elsewhere."""
        name = titled(self.article_id, self.title)
        if self.undone:
            yield f"{name} is withdrawn no more; it was, because: {printable(self.why)}"
        else:
            done = "withdrawn, and no word of it is left in the store" if self.erased else "withdrawn"
            yield f"{name} is {done}: {printable(self.why)}" + (" (as it was before)" if self.known else "")
        if self.not_kept:
            yield f"the reason of before stands, in the place of: {printable(self.not_kept)} (--undo, then withdraw it again)"
        there = self.label_studio
        for number, what in (
            (there.deleted, "deleted in Label Studio"),
            (there.marked, "marked as withdrawn in Label Studio, and come last"),
            (there.reopened, "open again in Label Studio"),
        ):
            if number:
                yield f"tasks {what}: {number}"
        if self.left_in_label_studio:
            yield (
                f"tasks that the next `workbench push` or `workbench reconcile --mend` sees to: "
                f"{self.left_in_label_studio} ({self.away})"
            )
        if self.undone:
            return
        if self.releases:
            kept = "hashes and title of it stay in their manifests" if self.erased else "they keep it, and name it"
            yield f"released in {', '.join(self.releases)}: {kept}"
        if not self.erased:
            return
        if self.models:
            yield f"models that learned from it: {', '.join(self.models)}"
        yield Listing("exported folders still hold it (delete them, or export again with --force)", self.exports)
        yield Listing("backups may still hold it (delete them)", self.backups)
        yield Listing("places where it was found are not touched", self.sources)


def withdraw(context: Context, name: str, *, why: str = "", erase: bool = False, undo: bool = False) -> WithdrawReport:
    """What was done to take an article out of use: the queue, selection, push and later releases leave it out.

    In Label Studio its tasks are marked, or with `erase` deleted; where the server is away, the next push or reconcile does
    it. Withdrawing one again changes nothing, but that it can be erased then.

    Args:
        context: the workspace.
        name: the article's id, or how that begins.
        why: the reason, which releases, cards and exports name.
        erase: take its words out of store and server, too; that cannot be undone.
        undo: make it an article like all others again.

    Raises:
        ArticleError: there is no such article; there is no reason; it cannot be undone.
        StoreUnavailable: the store is in use, or is gone.
    """
    if undo and (erase or why):
        raise ArticleError("what is undone takes neither a reason nor --erase", hint="use --undo alone")
    store, reason = context.store, " ".join(why.split())
    # Nobody reads words of it from the server, or brings them there, while they are taken out.
    with store.exclusive("push", context.progress), store.exclusive("pull", context.progress):
        with store.transaction() as session:
            article_id = articles.resolve(session, name)
            known = withdrawals.current(session, [article_id]).get(article_id)
            title = articles.newest_titles(session, [article_id]).get(article_id, "")
            sources = articles.sources(session, article_id)
            if undo:
                done = withdrawals.undo(session, article_id)
            else:
                if known is None and not reason:
                    raise ArticleError("there is no reason for the withdrawal", hint="give one with `--why TEXT`")
                done = withdrawals.withdraw(session, article_id, reason)
                if erase:
                    done = withdrawals.erase(session, article_id)
            inside = [
                one
                for one in (releases.get(session, each) for each in releases.names(session))
                if any(item.article_id == article_id for item in one.items)
            ]
            learned = {one.name for one in inside if any(_taught(item, article_id) for item in one.items)}
            taught = [model.version for model in models.every(session) if model.release in learned]
        if erase:
            store.shred()
        there, away = _in_label_studio(context)
    with store.reading() as session:
        left = sum(map(len, withdrawing.due(session)))
    return WithdrawReport(
        article_id=article_id,
        title="" if done.erased else title,
        why=done.why,
        erased=done.erased is not None,
        undone=undo,
        known=known is not None and not undo and (known.erased is not None or not done.erased),
        not_kept=reason if reason != done.why else "",
        label_studio=there,
        left_in_label_studio=left,
        away=away or "another server has them",
        releases=tuple(one.name for one in inside),
        models=tuple(taught),
        exports=tuple(_exports(context, article_id)),
        backups=tuple(_backups(context)),
        sources=tuple(sources),
    )


def _taught(item: releases.ReleaseItem, article_id: str) -> bool:
    return item.article_id == article_id and item.part == "train"


def _in_label_studio(context: Context) -> tuple[TakenOut, str]:
    """What was done on the server, and why not all was, where it was away."""
    with context.store.reading() as session:
        if not withdrawing.due(session):
            return TakenOut(), ""
    try:
        client = context.label_studio_if_up()
        if client is None:
            return TakenOut(), "Label Studio does not run"
        return withdrawing.take_out(context.store, client, context.progress), ""
    except (LabelStudioUnavailable, LabelStudioError) as error:
        return TakenOut(), error.message


def _exports(context: Context, article_id: str) -> Iterator[str]:
    """The folders of exports that hold the article."""
    if not context.settings.exports.is_dir():
        return
    for release in sorted(one for one in context.settings.exports.iterdir() if one.is_dir()):
        try:
            for folder in exported(release):
                manifest = read_manifest(folder)
                without = {one.article_id for one in manifest.withdrawn if one.erased}
                inside = {item.article_id for item in manifest.items} - without
                if article_id in inside or not manifest.items:
                    yield str(folder)
        except ReleaseError:
            continue  # none of ours


def _backups(context: Context) -> list[str]:
    folder: Path = context.settings.backups
    return [str(one) for one in sorted(folder.iterdir()) if one.is_file()] if folder.is_dir() else []
