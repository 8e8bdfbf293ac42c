"""The annotation guide says all that the scheme says, and nothing in the scheme can break out of it."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from nasty import configs

from workbench.core.scheme import LabelScheme
from workbench.labelstudio.project.guide import to_html, to_markdown

CONFIGS = [Path("label_config.xml"), Path("tests/data/ward.xml"), Path("tests/data/lease.xml")]


class Page(HTMLParser):
    """Collects the words of a page and checks that its tags are closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def scheme_of(path: Path) -> LabelScheme:
    return LabelScheme.from_xml(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_guide_holds_every_label_attribute_and_role_with_its_meaning(path: Path):
    scheme = scheme_of(path)
    text = "".join(Page(to_html(scheme)).words)
    for layer in scheme.layers:
        assert layer.guide.replace("[", "").replace("]", "") in text
        for label in layer.labels:
            assert label.value in text
            assert label.hint in text
            assert label.example.replace("[", "").replace("]", "") in text
    for attribute in (*scheme.attributes, *scheme.document_fields):
        assert attribute.name in text
        assert all(choice.value in text and choice.hint in text for choice in attribute.choices)
    for role in scheme.roles:
        assert role.name in text
        assert role.hint in text


def test_how_many_times_a_role_may_be_played():
    config = """<View><Labels name="a" toName="t"><Label value="A"/></Labels><Text name="t" value="$t"/><Relations>
      <Relation value="r1"/><Relation value="r2" min="1"/><Relation value="r3" max="2"/>
      <Relation value="r4" min="1" max="1"/><Relation value="r5" min="2" max="3"/></Relations></View>"""
    markdown = to_markdown(LabelScheme.from_xml(config))
    for role, many in {"r1": "any number", "r2": "1 or more", "r3": "2 at the most", "r5": "2 to 3"}.items():
        assert f"| {role} | a | a | {many} |" in markdown
    assert "| r4 | a | a | exactly 1 |" in markdown


def test_the_words_of_an_example_are_set_off():
    config = """<View><Labels name="a" toName="t"><Label value="A" hint="h [x]" example="the [big &lt;b&gt;] one"/></Labels>
      <Text name="t" value="$t"/></View>"""
    scheme = LabelScheme.from_xml(config)
    assert "<td>the <b>big &lt;b&gt;</b> one</td>" in to_html(scheme)
    assert "<td>h [x]</td>" in to_html(scheme)
    assert r"the **big \<b\>** one" in to_markdown(scheme)


def test_each_line_of_what_a_layer_says_is_a_paragraph():
    config = """<View><Labels name="a" toName="t" guide="One [x].&#10;Two."><Label value="A"/></Labels>
      <Text name="t" value="$t"/></View>"""
    scheme = LabelScheme.from_xml(config)
    assert "<p>One <b>x</b>.</p>\n<p>Two.</p>" in to_html(scheme)
    assert "One **x**.\n\nTwo.\n" in to_markdown(scheme)


@given(configs())
@settings(max_examples=30, deadline=None)
def test_nothing_in_a_scheme_becomes_a_tag_or_a_column(config: str):
    scheme = LabelScheme.from_xml(config)
    assert Page(to_html(scheme)).tags <= {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "b"}
    for table in to_markdown(scheme).split("\n\n"):
        rows = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.replace(r"\|", "").count("|") for line in rows}) <= 1
