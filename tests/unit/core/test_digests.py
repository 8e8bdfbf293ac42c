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
    assert SCHEME.digest == "598769c6015b8b70"


def test_the_digest_of_any_scheme_stays() -> None:
    assert LabelScheme.from_xml(NARROW).digest == "6e42ef7044c1bc78"


def test_the_digest_of_a_set_stays() -> None:
    found = a_set(span("a", "GPE", 0, 4), span("b", "AID", 5, 9, ("actor", "a"), modality="future"))
    kept = found.model_copy(update={"document": {"relevance": "not_relevant", "topics": ("x", "y")}})
    assert kept.digest == "ff1ab10064a96f467e713c7e4d9afa661e4b3e790674b7b56f7abe46f5b0251d"


def test_a_changed_copy_is_worked_out_anew() -> None:
    scheme = LabelScheme.from_xml(NARROW)
    assert [one.name for one in scheme.attributes_of("things")] == ["mood"]
    bare = scheme.model_copy(update={"attributes": ()})
    assert bare.attributes_of("things") == ()
    assert bare.digest != scheme.digest
