"""The scheme comes from the config alone, and refuses what contradicts it."""

import re
import time
from pathlib import Path

import pytest

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.scheme import LabelScheme
from workbench.errors import AnnotationError, SchemeError

ROOT = Path(__file__).parents[3]
PRODUCER = Producer(kind="person", name="test")


@pytest.fixture(scope="module")
def scheme() -> LabelScheme:
    return LabelScheme.from_xml((ROOT / "label_config.xml").read_text(encoding="utf-8"))


def span(text: str, words: str, label: str, name: str, **more) -> Span:
    start = text.index(words)
    return Span(id=name, label=label, start=start, end=start + len(words), text=words, **more)


def annotated(scheme: LabelScheme, **layers) -> AnnotationSet:
    return AnnotationSet(producer=PRODUCER, scheme_digest=scheme.digest, layers=layers)


def test_the_shipped_scheme_has_its_layers_roles_and_attributes(scheme):
    assert [layer.name for layer in scheme.layers] == ["entities", "events", "stances"]
    assert [len(layer.labels) for layer in scheme.layers] == [11, 16, 3]
    assert scheme.frame_layers == ("events", "stances")
    assert "AGENT" in scheme.layer_by_name["entities"].label_values
    assert scheme.role_by_name["holder"].maximum is None
    assert scheme.role_by_name["target"].to_layers == ("entities", "events")
    assert {a.name: a.default for a in scheme.attributes} == {"modality": "asserted", "expressed": "stated"}
    assert not scheme.is_trainable({"relevance": "not_relevant"})
    assert scheme.is_trainable({})


def test_every_label_has_a_definition_and_an_example(scheme):
    for layer in scheme.layers:
        assert layer.guide
        for label in layer.labels:
            assert label.hint, label.value
            assert "[" in label.example, label.value


def test_hotkeys_are_distinct_and_leave_label_studio_its_own():
    import re

    keys = re.findall(r'hotkey="([^"]+)"', (ROOT / "label_config.xml").read_text(encoding="utf-8"))
    assert len(keys) == len(set(keys))
    assert "u" not in keys


def test_the_digest_covers_meaning_not_looks(scheme):
    xml = (ROOT / "label_config.xml").read_text(encoding="utf-8")
    assert LabelScheme.from_xml(xml.replace('background="#1f5fbf"', 'background="#000000"')).digest == scheme.digest
    assert LabelScheme.from_xml(xml.replace('value="AID"', 'value="HELP"')).digest != scheme.digest
    assert LabelScheme.from_xml(xml.replace('min="1"', 'min="2"')).digest != scheme.digest


TEXT = "Moscow would not accept the plan."


def test_what_fits_passes(scheme):
    moscow, plan = span(TEXT, "Moscow", "GPE", "e1"), span(TEXT, "the plan", "ISSUE", "e2")
    stance = span(
        TEXT,
        "would not accept",
        "AGAINST",
        "s1",
        arguments=(Argument(role="holder", target="e1"), Argument(role="target", target="e2")),
    )
    fits = annotated(scheme, entities=(moscow, plan), events=(), stances=(stance,))
    assert scheme.violations(fits, TEXT) == []
    scheme.check(fits, TEXT)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"label": "PERSN"}, "label-unknown"),
        ({"attributes": {"mood": "good"}}, "attribute-unknown"),
        ({"attributes": {"expressed": "sung"}}, "value-unknown"),
        ({"attributes": {"expressed": ("stated", "quoted")}}, "value-twice"),
        ({"arguments": (Argument(role="owner", target="e1"),)}, "role-unknown"),
        ({"arguments": (Argument(role="actor", target="e1"),)}, "role-from"),
        ({"arguments": (Argument(role="target", target="s1"),)}, "role-self"),
        ({"arguments": (Argument(role="target", target="x9"),)}, "role-dangling"),
        ({"arguments": (Argument(role="target", target="s2"),)}, "role-to"),
        ({"arguments": (Argument(role="target", target="e1"), Argument(role="target", target="e1"))}, "role-twice"),
        ({"start": 100, "end": 116}, "offsets-outside"),
        ({"start": 1, "end": 17}, "text-differs"),
    ],
)
def test_what_does_not_fit_is_refused_by_a_named_rule(scheme, change, rule):
    moscow, plan = span(TEXT, "Moscow", "GPE", "e1"), span(TEXT, "the plan", "ISSUE", "e2")
    stance = span(TEXT, "would not accept", "AGAINST", "s1").model_copy(update=change)
    other = span(TEXT, "accept", "FOR", "s2")
    bad = annotated(scheme, entities=(moscow, plan), stances=(stance, other))
    assert rule in {v.rule for v in scheme.violations(bad, TEXT) if v.severity == "refused"}
    with pytest.raises(AnnotationError):
        scheme.check(bad, TEXT)


def test_a_role_that_may_be_played_once_is_refused_twice():
    xml = (ROOT / "label_config.xml").read_text(encoding="utf-8")
    limited = LabelScheme.from_xml(xml.replace('value="holder"', 'value="holder" max="1"'))
    moscow, plan = span(TEXT, "Moscow", "GPE", "e1"), span(TEXT, "the plan", "ISSUE", "e2")
    both = (Argument(role="holder", target="e1"), Argument(role="holder", target="e2"))
    stance = span(TEXT, "would not accept", "AGAINST", "s1", arguments=both)
    bad = annotated(limited, entities=(moscow, plan), stances=(stance,))
    assert "role-too-many" in {v.rule for v in limited.violations(bad, TEXT) if v.severity == "refused"}


def test_the_error_lists_the_known_labels(scheme):
    bad = annotated(scheme, entities=(span(TEXT, "Moscow", "PERSN", "e1"),))
    with pytest.raises(AnnotationError, match=r"'PERSN' is not in layer entities .* known: PERSON, ORG"):
        scheme.check(bad, TEXT)


def test_a_missing_role_is_incomplete_not_refused(scheme):
    alone = annotated(scheme, stances=(span(TEXT, "would not accept", "AGAINST", "s1"),))
    assert [(v.rule, v.severity) for v in scheme.violations(alone, TEXT)] == [("role-missing", "incomplete")]
    scheme.check(alone, TEXT)


def test_defaults_are_normalised_away(scheme):
    stance = span(TEXT, "would not accept", "AGAINST", "s1", attributes={"expressed": "stated"})
    normal = scheme.normalise(annotated(scheme, stances=(stance,)))
    assert normal.layers["stances"][0].attributes == {}
    assert list(normal.layers) == ["entities", "events", "stances"]


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<View", "not well-formed"),
        ("<View/>", "has no <Labels>"),
        ('<View><Labels name="a" toName="t"><Label value="X"/></Labels></View>', 'no <Text name="t">'),
        ('<View><Labels name="a" toName="t"/><Text name="t" value="$t"/></View>', "without a <Label>"),
        (
            '<View><Labels name="a" toName="t"><Label value="X"/><Label value="X"/></Labels>'
            '<Text name="t" value="$t"/></View>',
            "'X' 2 times",
        ),
        (
            '<View><Labels name="a" toName="t"><Label value="X"/></Labels><Text name="t" value="$t"/>'
            '<Relations><Relation value="r" from="b"/></Relations></View>',
            'from="b"',
        ),
    ],
)
def test_a_config_that_contradicts_itself_is_refused(xml, message):
    with pytest.raises(SchemeError) as refused:
        LabelScheme.from_xml(xml, name="mine.xml")
    assert message in str(refused.value)
    assert str(refused.value).startswith("mine.xml")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (f'<!DOCTYPE View [<!ENTITY l0 "ha">{LAUGHS}]><View>&l9;</View>', "DOCTYPE"),
        (f'<!DOCTYPE View [<!ENTITY l0 "{"ha" * 50_000}">]><View>{"&l0;" * 50_000}</View>', "DOCTYPE"),
        ('<!DOCTYPE View [<!ENTITY f SYSTEM "file:///etc/passwd">]><View>&f;</View>', "DOCTYPE"),
        ('<!DOCTYPE View SYSTEM "http://127.0.0.1:9/x.dtd"><View/>', "DOCTYPE"),
        ("<View>" * 200_000 + "</View>" * 200_000, "nests them deeper"),
        (f"<View>{'<Label/>' * 200_000}</View>", "more than 50,000 elements"),
        (f"<View>{' ' * 5_000_000}</View>", "more than 5,000,000 characters"),
        ("<View>&nothing;</View>", "not well-formed"),
        ("<View>\0</View>", "not well-formed"),
        ("<View>\ud800</View>", "not well-formed"),
        ("", "not well-formed"),
        ('<?xml version="1.0" encoding="utf-99"?><View/>', "no <Labels>"),
        (f'<View><Labels name="a" toName="t"><Label value="{"A" * 100_000}"/></Labels></View>', "no <Text"),
    ],
    ids=range(13),
)
def test_a_config_that_means_harm_is_refused_at_once(xml: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(SchemeError, match=re.escape(said)) as caught:
        LabelScheme.from_xml(xml)
    assert time.process_time() - began < 5
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "-1", "1.5", "", " 1"])
def test_a_count_that_is_no_number_is_named(number: str) -> None:
    config = (
        '<View><Labels name="a" toName="t"><Label value="A"/></Labels><Text name="t" value="$text"/>'
        f'<Relations><Relation value="R" max="{number}"/></Relations></View>'
    )
    with pytest.raises(SchemeError, match="not a number") as caught:
        LabelScheme.from_xml(config)
    assert len(str(caught.value)) < 1000


def test_a_value_that_is_a_book_is_not_quoted_whole() -> None:
    label = f'<Label value="{"A" * 100_000}"/>'
    with pytest.raises(SchemeError, match="2 times") as caught:
        LabelScheme.from_xml(f'<View><Labels name="a" toName="t">{label * 2}</Labels></View>')
    assert len(str(caught.value)) < 1000
