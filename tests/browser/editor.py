"""Label Studio's page as a person uses it: log in, look at the highlights, click, press keys, submit."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

READY_SECONDS = 60
SUBMIT = "[data-testid=bottombar-submit-button]"
UPDATE = "[data-testid=bottombar-update-button]"
SKIP = "[data-testid=bottombar-skip-button]"
HIGHLIGHT = ".wb-text .htx-highlight"

# A region may be several elements (one a line), and elements nest; the class name holds the region's id and a number.
_SHOWN = """() => {
  const regions = new Map();
  for (const element of document.querySelectorAll('.wb-text .htx-highlight')) {
    for (const name of element.classList) {
      const found = name.match(/^htx-highlight-(.+)-\\d+$/);
      if (!found) continue;
      const region = regions.get(found[1]) ?? {id: found[1], label: '', text: ''};
      region.text += element.textContent;
      const label = element.getAttribute('data-label');
      if (label) region.label = label.replace(/^\\d+:/, '');
      regions.set(found[1], region);
    }
  }
  return [...regions.values()];
}"""

# Where a stretch of the text is, in code points; line breaks are elements of their own.
_PLACE = """([start, end]) => {
  const nodes = [];
  const walk = document.createTreeWalker(
    document.querySelector('.wb-text .lsf-htx-richtext'), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  let position = 0;
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (node.nodeName === 'BR') position += 1;
    if (node.nodeType !== Node.TEXT_NODE) continue;
    const points = [...node.data];
    nodes.push([position, position + points.length, node, points]);
    position += points.length;
  }
  const at = (offset, last) => {
    const found = nodes.find(([from, to]) => last ? from < offset && offset <= to : from <= offset && offset < to);
    return [found[2], found[3].slice(0, offset - found[0]).join('').length];
  };
  const range = document.createRange();
  range.setStart(...at(start, false));
  range.setEnd(...at(end, true));
  range.startContainer.parentElement.scrollIntoView({block: 'center'});
  const rectangles = [...range.getClientRects()].filter(r => r.width > 0);
  const [first, last] = [rectangles[0], rectangles.at(-1)];
  return {text: range.toString(),
          from: [first.left, first.top + first.height / 2], to: [last.right, last.top + last.height / 2]};
}"""


@dataclass(frozen=True)
class Shown:
    """A highlight: the region's id, its label, and the words that are coloured, without line breaks."""

    id: str
    label: str
    text: str


class Editor:
    """The editor in one tab. Actions end with nothing selected, because a click with a label chosen relabels."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def log_in(self, email: str, password: str) -> None:
        self.page.goto(f"{self.url}/user/login/")
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "/user/login" not in url)

    def open(self, project_id: int, task_id: int, *, spans: int) -> None:
        """Opens a task and waits until it can be worked on: the button is there and `spans` regions are coloured."""
        self.page.goto(f"{self.url}/projects/{project_id}/data?task={task_id}")
        self.wait_until_ready(spans)

    def begin(self, project_id: int) -> None:
        """Opens the queue the way an annotator does, reads the instructions and closes them."""
        self.page.goto(f"{self.url}/projects/{project_id}/data")
        self.page.get_by_role("button", name="Label All Tasks").click()
        instructions = self.page.get_by_text("Labeling Instructions")
        expect(instructions).to_be_visible()
        self.page.keyboard.press("Escape")
        expect(instructions).to_be_hidden()

    def wait_until_ready(self, spans: int) -> None:
        self.page.wait_for_selector(f"{SUBMIT}, {UPDATE}", timeout=READY_SECONDS * 1000)
        self.page.wait_for_function(f"n => ({_SHOWN})().length >= n", arg=spans, timeout=READY_SECONDS * 1000)

    def shown(self) -> list[Shown]:
        return [Shown(**region) for region in self.page.evaluate(_SHOWN)]

    def region(self, region_id: str) -> Locator:
        return self.page.locator(f'{HIGHLIGHT}[class*="htx-highlight-{region_id}-"]').first

    def select(self, region_id: str) -> None:
        self.let_go()
        region = self.region(region_id)
        region.scroll_into_view_if_needed()
        # The middle may belong to a region inside this one.
        region.click(position={"x": 4, "y": 10})
        expect(region).to_have_class(re.compile("__active"))

    def let_go(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.locator(f"{HIGHLIGHT}.__active")).to_have_count(0)

    def relabel(self, region_id: str, hotkey: str) -> None:
        self.select(region_id)
        self.page.keyboard.press(hotkey)
        self.let_go()

    def delete(self, region_id: str) -> None:
        self.select(region_id)
        self.page.keyboard.press("Backspace")
        expect(self.region(region_id)).to_have_count(0)

    def choose(self, region_id: str, choice: str) -> None:
        self.select(region_id)
        self.page.locator(".wb-region").get_by_text(choice, exact=False).click()
        self.let_go()

    def mark_by_double_click(self, start: int, end: int, hotkey: str) -> None:
        """A new region over one word."""
        place = self._place(start, end)
        self.page.keyboard.press(hotkey)
        self.page.mouse.dblclick((place["from"][0] + place["to"][0]) / 2, place["from"][1])
        self.page.wait_for_timeout(500)
        self.let_go()

    def mark_by_dragging(self, start: int, end: int, hotkey: str) -> None:
        """A new region over any stretch."""
        place = self._place(start, end)
        self.page.keyboard.press(hotkey)
        self.page.mouse.move(place["from"][0] + 0.5, place["from"][1])
        self.page.mouse.down()
        self.page.mouse.move((place["from"][0] + place["to"][0]) / 2, place["to"][1], steps=3)
        self.page.mouse.move(place["to"][0] - 0.5, place["to"][1], steps=3)
        self.page.mouse.up()
        self.page.wait_for_timeout(300)
        self.let_go()

    def relate(self, source: str, target: str, role: str) -> None:
        """A new relation with its role, the way a person makes one: Alt+R, the target, the list of relations."""
        self.page.locator("#Relations-draggable").click()
        rows = self.page.locator(".lsf-relations__item")
        before = rows.count()
        self.select(source)
        self.page.keyboard.press("Alt+r")
        self.region(target).click(position={"x": 4, "y": 10})
        expect(rows).to_have_count(before + 1)
        row = rows.nth(before)
        row.scroll_into_view_if_needed()
        row.hover()
        row.get_by_label("Show Relation Labels").click()
        row.locator(".lsf-relation-meta button").click()
        self.page.locator("[data-slot=command-item]").get_by_text(role, exact=True).click()
        self.page.keyboard.press("Escape")
        self.page.locator("#Regions-draggable").click()
        self.let_go()

    def change_role(self, old: str, new: str, *, number: int) -> None:
        """Another role for a relation that is there, the `number`th of the list that has the old one, from 0."""
        self.page.locator("#Relations-draggable").click()
        rows = self.page.locator(".lsf-relations__item")
        for place in range(rows.count()):
            rows.nth(place).scroll_into_view_if_needed()
            rows.nth(place).hover()
            toggle = rows.nth(place).get_by_label("Show Relation Labels")
            if toggle.count():
                toggle.click()
        row = rows.filter(has=self.page.locator(".lsf-relation-meta", has_text=old)).nth(number)
        row.locator(".lsf-relation-meta button").first.click()
        for role in (old, new):
            self.page.locator("[data-slot=command-item]").get_by_text(role, exact=True).click()
        self.page.keyboard.press("Escape")
        self.page.locator("#Regions-draggable").click()
        self.let_go()

    def submit(self) -> None:
        with self.page.expect_response(lambda answer: _saves(answer.url, answer.request.method)) as saved:
            self.page.click(SUBMIT)
        assert saved.value.ok, saved.value.text()

    def skip(self) -> None:
        """Skips the task; only the queue has this."""
        expect(self.page.locator(SKIP)).to_be_visible()
        with self.page.expect_response(lambda answer: _saves(answer.url, answer.request.method)) as saved:
            self.page.keyboard.press("Control+Space")
        assert saved.value.ok, saved.value.text()

    def _place(self, start: int, end: int) -> dict[str, list[float]]:
        return self.page.evaluate(_PLACE, [start, end])


def _saves(url: str, method: str) -> bool:
    return method in ("POST", "PATCH") and re.search(r"/api/(tasks/\d+/annotations|annotations/\d+)", url) is not None
