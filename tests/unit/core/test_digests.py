"""Digests are keys of the store: whatever is built on, those of old schemes and sets stay what they were."""

from annotation_sets import SCHEME, a_set, span

from workbench.core.scheme import LabelScheme

NARROW = """<View>
  <Labels name="things" toName="t"><Label value="Thing"/><Label value="Stuff"/></Labels>
  <Text name="t" value="$body"/>
  <Choices name="mood" toName="t" perRegion="true" whenTagName="things" default="plain">
    <Choice value="plain"/><Choice value="asked"/></Choices>
  <Choices name="tags" toName="t" choice="multiple"><Choice value="x"/><Choice value="y" train="false"/></Choices>
  <Relations><Relation value="part" from="things" to="things" max="1"/></Relations>
</View>"""


def test_the_digest_of_the_shipped_scheme_stays() -> None:
    assert SCHEME.digest == "5ec641d98d451c8a"


def test_the_digest_of_any_scheme_stays() -> None:
    assert LabelScheme.from_xml(NARROW).digest == "6e42ef7044c1bc78"


def test_the_digest_of_a_set_stays() -> None:
    found = a_set(span("a", "GPE", 0, 4), span("b", "AID", 5, 9, ("actor", "a"), modality="future"))
    kept = found.model_copy(update={"document": {"relevance": "not_relevant", "topics": ("x", "y")}})
    assert kept.digest == "d5e46c7ac4b31ef14d61308068740d01b9585c4a5d8bc81b90935b72beff2254"


def test_a_changed_copy_is_worked_out_anew() -> None:
    scheme = LabelScheme.from_xml(NARROW)
    assert [one.name for one in scheme.attributes_of("things")] == ["mood"]
    bare = scheme.model_copy(update={"attributes": ()})
    assert bare.attributes_of("things") == ()
    assert bare.digest != scheme.digest
