"""The label config of review tasks, made from any other."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from annotation_sets import SCHEME
from pushing import CONFIG, FOREIGN_CONFIG

from workbench.core.adjudication.page import ORDER, ReviewPage
from workbench.core.scheme import LabelScheme
from workbench.errors import SchemeError

LEASE = (Path(__file__).parents[3] / "data" / "lease.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("config", [CONFIG, FOREIGN_CONFIG, LEASE], ids=["shipped", "ward", "lease"])
def test_a_page_is_the_workspaces_with_marks(config: str):
    scheme = LabelScheme.from_xml(config)
    page = ReviewPage.of(config)
    assert page.base == scheme.model_copy(update={"data_fields": page.scheme.data_fields})
    assert page.base.digest == scheme.digest != page.scheme.digest
    assert page.scheme.layers[-1].name == page.marks, "regions of the last layer lie outside the others"
    assert page.scheme.attributes_of(page.marks)[0].name == page.said
    assert "note" in page.scheme.data_fields
    assert ReviewPage.read(page.config, name="there") == page
    assert ReviewPage.of(config) == page


def test_everything_else_of_the_config_is_left_as_it_is():
    added = ReviewPage.of(CONFIG).config
    first, last = added.find("<Style>"), added.rfind('<View className="wb-disputes">')
    assert CONFIG.startswith(added[:first])
    assert CONFIG.endswith(added[added.rfind("</View>") :])
    kept = added[added.index("</Style>") + len("</Style>") : last]
    assert kept.strip() in CONFIG


def test_names_and_labels_that_are_taken_are_not_given_again():
    config = """<?xml version="1.0" encoding="ISO-8859-1"?>
    <!-- <View> > --><View title='a > b "c"'><Labels name="disputes" toName="t"><Label value="role?"/></Labels>
    <TextArea name="said" toName="t"/><Text name="t" value="$text"/></View>"""
    page = ReviewPage.of(config)
    assert (page.marks, page.said) == ("disputes_2", "said_2")
    assert page.question("role") == "role??"
    assert page.question("span") == "marked?"
    assert ElementTree.fromstring(page.config).get("title") == 'a > b "c"'


def test_every_question_about_a_span_has_a_label_and_a_key_of_its_own():
    page = ReviewPage.of(CONFIG)
    labels = [page.question(kind) for kind in ORDER]
    assert len(set(labels)) == len(labels)
    keys = [e.get("hotkey") for e in ElementTree.fromstring(page.config).iter("Label")]
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_what_is_no_page_of_reviews_is_refused():
    with pytest.raises(SchemeError, match="there has no layer that marks disputes"):
        ReviewPage.read(CONFIG, name="there")
    with pytest.raises(SchemeError):
        ReviewPage.of("<View/>")


def test_the_guide_says_how_to_adjudicate():
    layer = ReviewPage.of(CONFIG).scheme.layers[-1]
    assert layer.title == "In dispute"
    assert "Submit when all is as it should be" in layer.guide
    assert SCHEME.digest == ReviewPage.of(CONFIG).base.digest
