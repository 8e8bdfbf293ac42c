"""What `status` says of the decisions about models."""

from pathlib import Path

from contexts import PartsContext

from workbench.store import Store, articles, models, releases
from workbench.workflows.status import StatusReport, status
from workbench.workspace import Workspace


def after(folder: Path, *decisions: models.Promotion) -> StatusReport:
    store = Store.open(f"sqlite:///{folder / 'workbench.db'}")
    with store.transaction() as session:
        if "r" not in releases.names(session):
            releases.add(session, releases.Release(name="r", digest="", created="", manifest={}, items=()))
        for decision in decisions:
            version = decision.model or ""
            models.add(session, models.Model(version=version, release="r", base="", digest="", created="", report={}))
            models.decide(session, decision)
    return status(PartsContext(folder, store=store))


def decision(model: str, *, accepted: bool) -> models.Promotion:
    return models.Promotion(model=model, accepted=accepted, reason=f"because of {model}")


def test_the_last_refusal_is_said_until_something_is_promoted(tmp_path: Path) -> None:
    report = after(tmp_path, decision("one", accepted=True), decision("two", accepted=False))
    assert report.champion == "one"
    assert report.refused is not None
    assert (report.refused.model, report.refused.reason) == ("two", "because of two")
    assert report.refused.decided
    assert "refused      two: because of two" in str(report).splitlines()
    report = after(tmp_path, decision("three", accepted=True))
    assert (report.champion, report.refused) == ("three", None)
    assert "refused" not in str(report)


def test_nothing_was_refused_yet(tmp_path: Path) -> None:
    assert after(tmp_path).refused is None


def test_parts_that_will_be_empty_are_told_before_anybody_annotates(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    assert workspace.status().empty_parts == ()
    folder = tmp_path / "articles"
    folder.mkdir()
    text = (
        "Engineers at the Karuma dam opened two gates after Minister Tesfu Abay ordered the Lenkora reservoir lowered."
    )
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"{text} Nobody was hurt on day {number}.", encoding="utf-8")
    workspace.add(folder)
    report = workspace.status()
    assert report.story_groups == 1
    assert len(report.empty_parts) == 2
    warned = next(line for line in str(report).splitlines() if line.startswith("parts "))
    assert "will hold nothing (4 articles on 1 story)" in warned
    assert 'by = "article"' in warned
    with workspace.store.reading() as session:
        assert articles.splits(session) == {}, "nothing is assigned by looking"
