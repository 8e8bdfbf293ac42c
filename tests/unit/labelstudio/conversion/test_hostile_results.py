"""A result that means harm gives a set of what fits and a list of the rest, whatever its items are."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.annotations import Producer
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.conversion.reading import MOST_ITEMS, read_result, region_ids

PERSON = Producer(kind="person", name="mallory")
SCHEME = LabelScheme.from_xml(
    """<View><Labels name="things" toName="t"><Label value="Thing"/></Labels><Text name="t" value="$text"/>
    <Choices name="mood" toName="t" perRegion="true" whenTagName="things"><Choice value="asked"/></Choices>
    <Relations><Relation value="who"/></Relations></View>"""
)
TEXT = "Tomas Reyl was elected mayor of Harnstadt on Monday."
REGION = {"id": "r", "type": "labels", "from_name": "things", "to_name": "t"}
VALUES = {"start": 0, "end": 5, "labels": ["Thing"]}
ODD: list[Any] = [
    None,
    True,
    -1,
    2**70,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "r",
    "\0",
    "\ud800",
    [],
    [[]],
    {},
    {"a": {}},
]


@pytest.mark.parametrize(
    "result", [None, 7, "x", {}, {"result": []}, [None], [[]], [[[[]]]], ["x"], [{}], [{"type": []}]]
)
def test_what_is_no_result_is_listed(result: object):
    reading = read_result(result, TEXT, SCHEME, producer=PERSON)

    assert reading.misfits
    assert not any(reading.annotations.layers.values())


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "id": st.sampled_from(ODD),
                "type": st.sampled_from(["labels", "choices", "relation", *ODD]),
                "from_name": st.sampled_from(["things", "mood", *ODD]),
                "to_name": st.sampled_from(["t", *ODD]),
                "from_id": st.sampled_from(ODD),
                "to_id": st.sampled_from(ODD),
                "direction": st.sampled_from(["right", *ODD]),
                "labels": st.sampled_from([["who"], *ODD]),
                "score": st.sampled_from(ODD),
                "value": st.one_of(
                    st.sampled_from(ODD),
                    st.fixed_dictionaries(
                        {},
                        optional={key: st.sampled_from(ODD) for key in ("start", "end", "labels", "choices", "text")},
                    ),
                ),
            },
        ),
        max_size=8,
    )
)
def test_no_item_of_any_kind_raises(result: list[object]):
    reading = read_result(result, TEXT, SCHEME, producer=PERSON)

    region_ids(result)
    assert all(len(str(one)) < 10_000 for one in reading.misfits)
    for spans in reading.annotations.layers.values():
        assert all(TEXT[span.start : span.end] == span.text for span in spans)


@pytest.mark.parametrize("key", VALUES)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_region_of_the_wrong_types_is_listed_or_read(key: str, value: object):
    reading = read_result([{**REGION, "value": {**VALUES, key: value}}], TEXT, SCHEME, producer=PERSON)

    assert len(reading.misfits) + sum(len(spans) for spans in reading.annotations.layers.values()) >= 1


def test_a_million_items_are_one_problem():
    began = time.monotonic()
    reading = read_result([{**REGION, "value": VALUES}] * 1_000_000, TEXT, SCHEME, producer=PERSON)

    assert [one.rule for one in reading.misfits] == ["result-too-long"]
    assert f"{MOST_ITEMS:,}" in str(reading.misfits[0])
    assert time.monotonic() - began < 5
