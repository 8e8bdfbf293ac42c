"""A person corrects suggestions in the real page, and a pull brings exactly that."""

import colorsys
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser.editor import HIGHLIGHT, Editor
from browser.pages import Task, Workplace, facts, marked
from playwright.sync_api import expect
from pushing import CONFIG

from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server.accounts import Account

SUGGESTED = """story: page
split: train
source: https://example.org/world/oslo
published: 2025-05-07

[Norway|GPE no] [urges|REQUEST u] [Ankara|GPE an] to [mediate|CONSULT m] in grain dispute
=> u actor=no recipient=an
=> m actor=an modality=hypothetical

[OSLO|ORG os], [May 7|DATE d] — [Foreign Minister|PERSON fm] Anna Holm on [Wednesday|DATE w] [called on|REQUEST c] \
[Turkey|GPE t] to join the grain talks. [Russia|GPE ru] [[rejected|REJECT r]|AGAINST s] [the [Istanbul|GPE] plan|ISSUE p].
=> c recipient=t time=w
=> s holder=ru target=p
"""
CORRECTED = """story: page
split: train
source: https://example.org/world/oslo
published: 2025-05-07

[Norway|GPE no] [urges|REQUEST u] [Ankara|GPE an] to [mediate|CONSULT m] in grain dispute
=> u actor=no recipient=an modality=negated
=> m actor=an modality=future

[OSLO|GPE os], [May 7|DATE d] — Foreign Minister [Anna Holm|PERSON h] on [Wednesday|DATE w] [called on|REQUEST c] \
[Turkey|GPE t] to join the grain [talks|CONSULT k]. [Russia|GPE ru] [[rejected|REJECT r]|AGAINST s] \
[the [Istanbul|GPE] plan|ISSUE p].
=> c recipient=t time=w
=> r actor=ru
=> s holder=ru target=p
"""
NASTY = (
    "story: page\nsplit: train\nsource: x\npublished: 2025-05-07\n\n"
    "👩‍👩‍👧‍👦 [Zoë Ångström|PERSON a] 🏳️‍🌈 [met|CONSULT m]  the [Kazakh|NORP]\u00a0minister\t[today|DATE d]\r\n"
    "=> m actor=a time=d\n"
    "\r\n"
    "قال [وزير الخارجية|ISSUE w] في [القاهرة|GPE c] إنه [يرفض|AGAINST r] [الخطة|ISSUE p].\r\n"
    "=> r holder=c target=p\n"
    "[שר החוץ|ISSUE] אמר 🇺🇳 [Caf\u0065\u0301 de l’Europe|FAC] <b>[Tom & Jerry|ORG]</b> [𝔘𝔫𝔦|ORG] [the [end|WORK] of\n"
)
NASTY = NASTY.replace(" [the [end|WORK] of\n", " [the [end|WORK]|ISSUE]\n")


@pytest.fixture
def workplace(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Workplace:
    return Workplace(tmp_path, label_studio, request.node.name[-50:])


def words(task: Task, span_id: str) -> tuple[str, str]:
    _, span = task.suggestion.by_id()[span_id]
    return span.label, re.sub(r"[\r\n]", "", span.text)


def assert_on_the_right_words(editor: Editor, task: Task) -> None:
    shown = {region.id: (region.label, region.text) for region in editor.shown()}
    assert shown == {region: words(task, span_id) for span_id, region in task.regions.items()}


def test_what_a_person_does_is_what_a_pull_brings(workplace: Workplace, editor: Editor, person: Account):
    suggested, corrected = marked(SUGGESTED), marked(CORRECTED)
    assert suggested[0] == corrected[0]
    [task] = workplace.put(suggested)
    region = task.regions
    text = task.article.text
    editor.open(task.project_id, task.task_id, spans=task.spans)
    assert_on_the_right_words(editor, task)

    editor.relabel(region["os"], "3")
    editor.delete(region["fm"])
    editor.mark_by_dragging(text.index("Anna Holm"), text.index("Anna Holm") + len("Anna Holm"), "1")
    editor.mark_by_double_click(text.index("talks"), text.index("talks") + len("talks"), "c")
    editor.relate(region["r"], region["ru"], "actor")
    editor.choose(region["m"], "future")
    editor.select(region["u"])
    editor.page.keyboard.press("Shift+N")
    editor.let_go()
    editor.submit()

    report = workplace.pull()
    assert (report.submitted, report.new_problems) == (1, ())
    revision, pulled = workplace.revision(task)
    assert facts(pulled) == facts(corrected[1])
    assert (revision.annotator, revision.state) == (person.email, "submitted")
    assert revision.parent_set_id is not None
    assert {span.id for _, span in pulled.spans()} >= set(region) - {"fm"}


def test_the_queue_takes_a_skip_and_gives_the_next(workplace: Workplace, editor: Editor):
    tasks = workplace.put(marked(SUGGESTED), marked(NASTY))
    editor.begin(tasks[0].project_id)
    editor.wait_until_ready(tasks[0].spans)
    assert_on_the_right_words(editor, tasks[0])
    editor.skip()
    expect(editor.region(tasks[1].regions["a"])).to_be_visible()
    assert_on_the_right_words(editor, tasks[1])
    editor.submit()

    report = workplace.pull()
    assert (report.submitted, report.skipped, report.new_problems) == (1, 1, ())
    assert workplace.revision(tasks[0])[0].state == "skipped"
    revision, pulled = workplace.revision(tasks[1])
    assert revision.state == "submitted"
    assert facts(pulled) == facts(tasks[1].suggestion)


def test_highlights_are_on_the_right_words_of_any_text(workplace: Workplace, editor: Editor):
    [task] = workplace.put(marked(NASTY))
    assert "\r\n" in task.article.text
    editor.open(task.project_id, task.task_id, spans=task.spans)
    assert_on_the_right_words(editor, task)
    start = task.article.text.index("إنه")
    editor.mark_by_dragging(start, start + 3, "4")
    editor.submit()
    assert workplace.pull().new_problems == ()
    _, pulled = workplace.revision(task)
    added = facts(pulled) - facts(task.suggestion)
    assert [(fact[1], fact[4]) for fact in added] == [("LOC", "إنه")]
    assert facts(task.suggestion) <= facts(pulled)


def test_a_region_moves_to_another_layer_with_both_keys(workplace: Workplace, editor: Editor):
    """The first key gives it labels of two layers, which the page says; the second takes the wrong one away."""
    [task] = workplace.put(marked(SUGGESTED))
    editor.open(task.project_id, task.task_id, spans=task.spans)
    editor.select(task.regions["os"])
    bars = editor.page.locator(".wb-row:nth-child(2) .lsf-labels")
    warning = "e => getComputedStyle(e, '::after').content"
    assert bars.evaluate(warning) == "none"
    editor.page.keyboard.press("k")
    assert "two layers" in bars.evaluate(warning)
    editor.page.keyboard.press("2")
    assert bars.evaluate(warning) == "none"
    editor.let_go()
    editor.submit()
    assert workplace.pull().new_problems == ()
    _, pulled = workplace.revision(task)
    changed = facts(pulled) ^ facts(task.suggestion)
    assert sorted((layer, label, text) for layer, label, _, _, text, _, _ in changed) == [
        ("entities", "ORG", "OSLO"),
        ("events", "SANCTION", "OSLO"),
    ]


def test_the_page_keeps_everything_needed_in_sight(workplace: Workplace, editor: Editor):
    article, suggestion = marked(SUGGESTED + "\nMore of the same.\n" * 150)
    [task] = workplace.put((article, suggestion))
    workplace.client.update_task(
        task.task_id, {**workplace.client.task(task.task_id)["data"], "note": "look again\nat <b>this</b>"}
    )
    editor.open(task.project_id, task.task_id, spans=task.spans)
    page = editor.page
    about = page.locator(".wb-about")
    for shown in (article.title, "https://example.org/world/oslo", "2025-05-07", "look again\nat <b>this</b>"):
        expect(about).to_contain_text(shown)
    expect(about.get_by_text("not_relevant")).to_be_visible()

    page.evaluate("document.querySelector('.lsf-main-content').scrollTop = 3000")
    for label in ("PERSON", "ASSAULT", "UNDECIDED"):
        expect(page.locator(".wb-bars").get_by_text(label, exact=True)).to_be_in_viewport(ratio=1)
    covered = page.locator(".wb-bars").evaluate("e => e.getBoundingClientRect().height")
    assert covered < 140

    modality, expressed = (
        page.locator(".wb-region").get_by_text("negated"),
        page.locator(".wb-region").get_by_text("quoted"),
    )
    expect(modality).to_be_hidden()
    before = page.locator(".wb-bars").bounding_box()
    editor.select(task.regions["u"])
    expect(modality).to_be_in_viewport(ratio=1)
    expect(expressed).to_be_hidden()
    editor.select(task.regions["os"])
    expect(modality).to_be_hidden()
    # Nothing jumps when a region is chosen.
    after = page.locator(".wb-bars").bounding_box()
    assert before is not None
    assert after is not None
    assert before["height"] == after["height"]


def test_an_empty_note_takes_no_room(workplace: Workplace, editor: Editor):
    [task] = workplace.put(marked(SUGGESTED))
    editor.open(task.project_id, task.task_id, spans=task.spans)
    expect(editor.page.locator(".wb-note h4")).to_be_hidden()


def test_label_studio_took_the_hotkeys_as_they_are_written(workplace: Workplace, editor: Editor):
    [task] = workplace.put(marked(SUGGESTED))
    editor.open(task.project_id, task.task_id, spans=task.spans)
    keys = editor.page.evaluate(
        "[...document.querySelectorAll('.wb-page .lsf-label__hotkey, .wb-page .lsf-hint')].map(e => e.textContent)"
    )
    written = [e.get("hotkey", "") for e in ElementTree.fromstring(CONFIG).iter() if e.tag in ("Label", "Choice")]
    assert all(written)
    assert sorted(key.strip("[]") for key in keys) == sorted(written)
    assert len(set(written)) == len(written)
    assert {"u", "alt+r", "escape", "backspace"}.isdisjoint(written)


def test_the_layers_have_colours_of_their_own(workplace: Workplace, editor: Editor):
    """Entities are blue, events yellow to red, and the stances' hues are neither."""
    [task] = workplace.put(marked(SUGGESTED))
    editor.open(task.project_id, task.task_id, spans=task.spans)
    hues: dict[str, list[float]] = {}
    for layer in ElementTree.fromstring(CONFIG).iter("Labels"):
        hues[layer.get("name", "")] = [hue for e in layer if (hue := _hue(e.get("background", ""))) is not None]
    assert all(180 <= hue <= 230 for hue in hues["entities"])
    assert all(hue <= 50 or hue >= 355 for hue in hues["events"])
    assert all(60 < hue < 170 or 260 < hue < 340 for hue in hues["stances"])
    drawn = editor.region(task.regions["no"]).evaluate("e => getComputedStyle(e).backgroundColor")
    assert drawn == "rgba(30, 136, 229, 0.3)"
    expect(editor.page.locator(HIGHLIGHT).first).to_be_visible()


def _hue(colour: str) -> float | None:
    """The hue in degrees; None for a grey."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return hue * 360 if saturation > 0.15 else None


_VEIL = """() => {
  const text = document.querySelector('.wb-text');
  const part = which => getComputedStyle(text, which);
  const box = text.getBoundingClientRect();
  const [before, after] = [part('::before'), part('::after')];
  return {
    until: box.top + parseFloat(before.top) + parseFloat(before.height),
    from: box.top + parseFloat(after.top),
    bottom: box.bottom,
    opacity: [before.opacity, after.opacity],
    lines: Number(getComputedStyle(document.querySelector('.relations-overlay')).zIndex),
    words: Number(getComputedStyle(document.querySelector('.wb-text .lsf-htx-richtext')).zIndex),
  };
}"""


def test_the_lines_of_roles_are_faint_but_for_those_beside_the_region_that_one_looks_at(
    workplace: Workplace, editor: Editor
):
    [task] = workplace.put(marked(SUGGESTED))
    editor.open(task.project_id, task.task_id, spans=task.spans)
    page = editor.page
    page.locator(".relations-overlay").first.wait_for(state="attached")

    def gap() -> tuple[float, float] | None:
        """Top and bottom of the stretch that no veil lies over; None where the veil lies over everything."""
        page.wait_for_timeout(400)
        veil = page.evaluate(_VEIL)
        assert veil["lines"] < 1 < veil["words"], "the lines lie below the veil, the words above"
        assert veil["opacity"] == ["0.72", "0.72"]
        return (veil["until"], veil["from"]) if veil["from"] < veil["bottom"] - 1 else None

    def around(region_id: str) -> bool:
        box, free = editor.region(region_id).bounding_box(), gap()
        assert box is not None
        return free is not None and free[0] < box["y"] and box["y"] + box["height"] <= free[1] < box["y"] + 80

    page.mouse.move(5, 895)
    assert gap() is None
    first, later = task.regions["u"], task.regions["c"]
    editor.region(later).hover()
    assert around(later)
    assert not around(first)
    editor.select(first)
    editor.region(later).hover()
    assert around(first)
    editor.let_go()

    page.locator("#Relations-draggable").click()
    page.mouse.move(5, 895)
    page.wait_for_timeout(600)
    assert page.evaluate(_VEIL)["opacity"] == ["0", "0"]
