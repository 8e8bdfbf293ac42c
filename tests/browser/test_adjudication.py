"""A person decides in a review task what two annotators differ in, and a pull brings the decision home."""

import secrets
from pathlib import Path

from browser.editor import Editor
from browser.pages import facts, marked
from playwright.sync_api import expect
from reviewing import PAGE, Office

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.region_ids import split
from workbench.labelstudio.server.accounts import Account
from workbench.store import adjudications, annotations, articles, revisions
from workbench.store.revisions import Revision

HEAD = "story: page\nsplit: train\nsource: https://example.org/world/oslo\npublished: 2025-05-07\n\n"
ANN = (
    HEAD + "[Norway|GPE no] [urges|REQUEST u] [Ankara|GPE an] to [mediate|CONSULT m]. [Russia|GPE ru] "
    "[[rejected|REJECT r]|AGAINST s] [the plan|ISSUE p].\n"
    "=> u actor=no\n=> m actor=an\n=> r actor=ru\n=> s holder=ru target=p\n"
)
BEN = (
    HEAD + "[Norway|GPE no] [urges|REQUEST u] [Ankara|ORG an] to mediate. [Russia|GPE ru] "
    "[[rejected|REJECT r]|AGAINST s] [the plan|ISSUE p].\n"
    "=> u actor=no actor=an\n=> r actor=ru\n=> s holder=ru target=p\n"
)
DECIDED = (
    HEAD + "[Norway|GPE no] [urges|REQUEST u] [Ankara|GPE an] to [mediate|CONSULT m]. [Russia|GPE ru] "
    "[[rejected|REJECT r]|AGAINST s] [the plan|ISSUE p].\n"
    "=> u actor=no recipient=an\n=> m actor=an\n=> r actor=ru\n=> s holder=ru target=p\n"
)


def annotated(office: Office, **people: str) -> Article:
    """The article with what each of the people marked."""
    made = {who: marked(markup) for who, markup in people.items()}
    [article, *others] = [article for article, _ in made.values()]
    assert all(other == article for other in others)
    with office.store.transaction() as session:
        articles.add(session, article, raw=article.text)
        for who, (_, found) in made.items():
            _submit(session, article, who, found)
    return article


def _submit(session, article: Article, who: str, found: AnnotationSet) -> None:
    chosen = found.model_copy(update={"producer": Producer(kind="person", name=who)})
    revision = Revision(
        article_id=article.id,
        article_version=1,
        annotator=f"{who}@example.org",
        origin="import",
        external_id=who,
        updated="2025-05-08T00:00:00",
        created="2025-05-08T00:00:00",
        state="submitted",
        set_id=annotations.keep(session, article.id, 1, chosen),
    )
    assert revisions.keep(session, revision)


def test_a_person_accepts_an_event_and_changes_a_role(
    tmp_path: Path, label_studio: LabelStudioClient, editor: Editor, person: Account
):
    office = Office(tmp_path, label_studio, f"browser {secrets.token_hex(4)}")
    article = annotated(office, ann=ANN, ben=BEN)
    report = office.adjudicate()
    assert [one.kind for one in report.disputed[0].disputes] == ["role", "label", "span"]
    [task] = office.tasks(report.review[0].project_id)
    [prediction] = task.get("predictions", [])
    ids = [str(item["id"]) for item in prediction["result"] if item["type"] == "labels"]
    region = {parts[1]: one for one in ids if (parts := split(one))}
    marks = sorted(name for name in region if name.startswith("dispute"))
    assert len(marks) == 3

    editor.open(report.review[0].project_id, task["id"], spans=len(region))
    page = editor.page
    note = page.locator(".wb-note")
    for said in (
        "3 questions to decide:",
        "1. events ‘urges’: role of ‘Ankara’: actor (ben) or nothing (ann)",
        "2. entities ‘Ankara’: its label: GPE (ann) or ORG (ben)",
        "3. events ‘mediate’: CONSULT (ann) or nothing (ben)",
    ):
        expect(note).to_contain_text(said)
    expect(page.locator(".wb-disputes")).to_be_hidden()
    shown = {one.id: (one.label, one.text) for one in editor.shown()}
    assert [shown[region[name]] for name in marks] == [("role?", "urges"), ("label?", "Ankara"), ("marked?", "mediate")]

    # A click on the words meets the span, and one on the small label the question, which says who said what.
    editor.select(region["m"])
    expect(page.locator(".wb-region").get_by_text("negated")).to_be_visible()
    editor.let_go()
    mark = editor.region(region[marks[0]])
    box = mark.bounding_box()
    assert box is not None
    mark.click(position={"x": box["width"] - 4, "y": 8})
    expect(page.get_by_test_id("detailed-region")).to_contain_text("‘Ankara’: actor (ben) or nothing (ann)")
    editor.let_go()

    # Ann's event is accepted as it is, Ben's role becomes another.
    editor.change_role("actor", "recipient", number=1)
    editor.submit()
    assert office.pull().adjudicated == 1
    found = office.stands(article)
    assert (found.state, found.decided_by) == ("adjudicated", person.email)
    gold = office.content(found.set_id)
    assert facts(gold) == facts(marked(DECIDED)[1])
    assert PAGE.marks not in gold.layers
    [revision] = office.revisions("adjudicated")
    with office.store.reading() as session:
        decisions = adjudications.decided_with(session, revision.id or 0)
    assert [(one.kind, one.chosen, one.who) for one in decisions] == [
        ("role", "recipient", person.email),
        ("label", "GPE", person.email),
        ("span", "CONSULT", person.email),
    ]
    assert office.adjudicate().disputed == ()
    editor.wait_until_ready(len(region))  # the page loads again what was submitted
