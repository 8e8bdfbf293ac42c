import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from annotation_sets import SCHEME
from format_cases import one_article
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.formats.prodigy import ProdigyFormat

PRODIGY = Path(__file__).parents[4] / "shared" / "corpora" / "prodigy"
TEXT = "Anna 🙂 of Oslo met e\N{COMBINING ACUTE ACCENT}lan.\r\nשלום Haifa"


def tasks(folder: Path, *given_: dict[str, Any]) -> Path:
    path = folder / "x.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in given_), encoding="utf-8")
    return path


def read(path: Path, scheme: LabelScheme = SCHEME) -> tuple[list[AnnotatedArticle], list[Remark]]:
    found = list(ProdigyFormat().read(path, scheme))
    return [one for one in found if isinstance(one, AnnotatedArticle)], [
        one for one in found if isinstance(one, Remark)
    ]


def test_a_task_of_ours_has_the_fields_of_prodigy(tmp_path: Path) -> None:
    given_ = one_article(TEXT, ("GPE", "Oslo"), ("GPE", "Haif"), ("CONSULT", "met"), roles=((2, "actor", 0),))
    report = ProdigyFormat().write([given_], tmp_path, "x", SCHEME)
    assert [one.split(": ", 1)[1] for one in report.problems] == ["entities GPE 'Haif' ends inside a token"]
    task = json.loads((tmp_path / "x.jsonl").read_text(encoding="utf-8"))
    assert task["answer"] == "accept"
    for token in task["tokens"]:
        assert TEXT[token["start"] : token["end"]] == token["text"]
    oslo, met = task["spans"][0], task["spans"][2]
    assert [task["tokens"][oslo[key]]["text"] for key in ("token_start", "token_end")] == ["Oslo", "Oslo"]
    [relation] = task["relations"]
    assert (relation["head"], relation["child"], relation["label"]) == (met["token_end"], oslo["token_end"], "actor")
    assert (relation["head_span"]["label"], relation["child_span"]["label"]) == ("CONSULT", "GPE")


def test_what_an_annotator_of_prodigy_changed_is_read(tmp_path: Path) -> None:
    given_ = one_article(TEXT, ("GPE", "Oslo"), ("CONSULT", "met"), roles=((1, "actor", 0),))
    ProdigyFormat().write([given_], tmp_path, "x", SCHEME)
    task = json.loads((tmp_path / "x.jsonl").read_text(encoding="utf-8"))
    task["spans"].append({"start": 0, "end": 4, "label": "PERSON"})
    met = {key: task["spans"][1][key] for key in ("start", "end", "label")}
    task["relations"].append({"head_span": met, "child_span": task["spans"][2], "label": "recipient"})
    task |= {"_annotator_id": "news-kim", "_input_hash": 7, "_task_hash": -8}
    [one], remarks = read(tasks(tmp_path, task))
    assert not remarks
    assert one.article == given_.article
    assert one.annotations.producer == Producer(kind="person", name="news-kim")
    [event] = one.annotations.layers["events"]
    assert [(argument.role, one.annotations.by_id()[argument.target][1].text) for argument in event.arguments] == [
        ("actor", "Oslo"),
        ("recipient", "Anna"),
    ]


def test_answers_count_and_hashes_are_kept(tmp_path: Path) -> None:
    path = tasks(
        tmp_path,
        {"text": "Oslo.", "spans": [{"start": 0, "end": 4, "label": "GPE"}], "answer": "reject"},
        {"text": "Oslo.", "answer": "ignore"},
        {"text": "Oslo."},
        {"text": "Bern.", "answer": "accept"},
        {
            "text": "Oslo.",
            "spans": [{"start": 0, "end": 4, "label": "GPE", "score": 7.5}],
            "_input_hash": 5,
            "_task_hash": -6,
        },
    )
    (bern, oslo), remarks = read(path)
    assert [remark.message for remark in remarks] == [
        "was answered with 'reject'",
        "was answered with 'ignore'",
        "has no annotation: neither spans nor an answer",
        "the score 7.5 is not between 0 and 1, and was left out",
    ]
    assert [remark.left_out for remark in remarks] == [True, True, True, False]
    assert bern.annotations.is_empty
    assert oslo.article.meta == {"prodigy_input_hash": 5, "prodigy_task_hash": -6}
    ProdigyFormat().write([oslo], tmp_path, "y", SCHEME)
    task = json.loads((tmp_path / "y.jsonl").read_text(encoding="utf-8"))
    assert (task["_input_hash"], task["_task_hash"]) == (5, -6)


GOOD: dict[str, Any] = {"text": "Oslo.", "spans": [{"start": 0, "end": 4, "label": "GPE"}]}


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"spans": []}, "line 2: text: Field required"),
        (
            {**GOOD, "spans": [{"start": "0", "end": 4, "label": "GPE"}]},
            "line 2: spans.0.start: Input should be a valid integer",
        ),
        (
            {**GOOD, "spans": [{"start": 0, "end": 9, "label": "GPE"}]},
            "line 2: spans.0: 'GPE' from 0 to 9 is not within",
        ),
        (
            {**GOOD, "spans": [{"start": 0, "end": 4, "label": "X"}]},
            "line 2: spans.0: label 'X' is not in the label scheme",
        ),
        (
            {**GOOD, "spans": [{"start": 0, "end": 4, "label": "GPE", "text": "Bern"}]},
            "line 2: spans.0: 'GPE' says 'Bern'",
        ),
        (
            {**GOOD, "relations": [{"head_span": GOOD["spans"][0], "child_span": GOOD["spans"][0], "label": "x"}]},
            "line 2: relations.0: role 'x' is not in the label scheme",
        ),
        (
            {**GOOD, "relations": [{"head_span": GOOD["spans"][0], "child_span": GOOD["spans"][0], "label": "actor"}]},
            "role actor starts from events, not from entities",
        ),
    ],
)
def test_bad_tasks_are_named_with_line_and_field(tmp_path: Path, task: dict[str, Any], message: str) -> None:
    path = tasks(tmp_path, GOOD, task)
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert message in caught.value.message
    assert str(path) in caught.value.message


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["text", "spans", "start", "end", "label", "relations", "workbench", "answer", "meta"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_text(json.dumps(value), encoding="utf-8")
        try:
            said = [str(one) for one in read(path)[1]]
        except DocumentError as error:
            said = [error.message]
    assert all(str(path) in one for one in said)


def test_real_exports_are_read() -> None:
    if not PRODIGY.exists():
        pytest.skip("the Prodigy exports are not beside the checkout")
    for name in (
        "rel_component/assets/annotations",
        "ner_tweets/assets/test_annotated",
        "ner_fashion_brands/assets/fashion_brands_eval",
    ):
        path = PRODIGY / f"{name}.jsonl"
        raw = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        labels = sorted({span["label"] for task in raw for span in task.get("spans") or ()})
        roles = sorted({one["label"] for task in raw for one in task.get("relations") or ()})
        inside = "".join(f"<Label value={quoteattr(one)}/>" for one in labels)
        joined = "".join(f'<Relation value={quoteattr(one)} from="names" to="names"/>' for one in roles)
        scheme = LabelScheme.from_xml(
            f'<View><Labels name="names" toName="text">{inside}</Labels><Text name="text" value="$text"/>'
            f"<Relations>{joined}</Relations></View>"
        )
        found, remarks = read(path, scheme)
        accepted = [one for one in raw if one.get("answer", "accept") == "accept"]
        assert len(found) == len(accepted)
        assert sum(remark.left_out for remark in remarks) == len(raw) - len(accepted)
        spans = Counter(span.label for one in found for _, span in one.annotations.spans())
        assert spans == Counter(span["label"] for task in accepted for span in task.get("spans") or ())
        joined_ = sum(len(span.arguments) for one in found for _, span in one.annotations.spans())
        lost = sum("joins words" in remark.message for remark in remarks)
        lost += sum(int(remark.message.split(" has ")[1].split()[0]) for remark in remarks if "twice" in remark.message)
        assert joined_ + lost == sum(len(task.get("relations") or ()) for task in accepted)
