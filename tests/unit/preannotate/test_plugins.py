"""Pre-annotators by name: patterns of a user, GLiNER's interface, and a language model behind a real HTTP server."""

import importlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError, SettingsError
from workbench.preannotate import plugins
from workbench.preannotate.adapters import gliner, llm
from workbench.preannotate.adapters.llm import LanguageModel
from workbench.preannotate.rules.annotator import Rules

TEXT = "Chile condemned Peru. On Monday Chile met envoys from Peru in Lima."


@contextmanager
def endpoint(answers: list[tuple[int, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An endpoint that gives these answers in turn, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
            status, content = answers[min(len(asked), len(answers)) - 1]
            if status == 200 and content is not None:
                usage = {"prompt_tokens": 1000, "completion_tokens": 100}
                content = {"choices": [{"message": {"content": json.dumps(content)}}], "usage": usage}
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(id: str, layer: str, label: str, text: str, before: str = "", roles: Any = (), attributes: Any = ()) -> Any:
    given = {"id": id, "layer": layer, "label": label, "text": text, "before": before}
    return {**given, "roles": list(roles), "attributes": list(attributes)}


ANSWER = {
    "spans": [
        said("a", "entities", "GPE", "Chile", "On Monday "),
        said("b", "entities", "GPE", "Peru", "envoys from"),
        said("c", "entities", "GPE", "Lima"),
        said(
            "d",
            "events",
            "CONSULT",
            "met",
            roles=[
                {"role": "actor", "target": "a"},
                {"role": "holder", "target": "a"},
                {"role": "actor", "target": "z"},
            ],
            attributes=[{"name": "modality", "value": "future"}, {"name": "modality2", "value": "x"}],
        ),
        said("e", "entities", "GPE", "Peru"),
        said("f", "entities", "GPE", "Bolivia"),
        said("g", "entities", "PLANET", "Lima"),
        {"id": "h"},
    ]
}


def test_a_language_model_is_asked_for_the_scheme_and_its_quotations_are_found(
    scheme: LabelScheme, tmp_path: Path
) -> None:
    with endpoint([(200, ANSWER)]) as (url, asked):
        model = LanguageModel(scheme, url, "m", key="secret", cache=tmp_path, prices=(1.0, 10.0))
        found = next(model.annotate([Article.from_text(TEXT)]))
    scheme.check(found, TEXT)
    spans = {span.id: span for _, span in found.spans()}
    assert {key: span.start for key, span in spans.items()} == {"a": 32, "b": 54, "c": 62, "d": 38}
    assert [(a.role, a.target) for a in spans["d"].arguments] == [("actor", "a")]
    assert spans["d"].attributes == {"modality": "future"}
    assert (asked[0]["path"], asked[0]["key"], asked[0]["temperature"]) == ("/v1/chat/completions", "Bearer secret", 0)
    schema = asked[0]["response_format"]["json_schema"]["schema"]
    label = schema["properties"]["spans"]["items"]["properties"]["label"]["enum"]
    assert {"GPE", "CONSULT", "UNDECIDED"} <= set(label)
    assert "1 request, 0 answers from the cache" in model.remarks
    assert "1000 tokens in, 100 out: 0.0020 by the prices given" in model.remarks
    assert sum(int(remark.split()[0]) for remark in model.remarks if "left out" in remark) == 6


def test_what_was_answered_is_not_asked_again(scheme: LabelScheme, tmp_path: Path) -> None:
    with endpoint([(200, ANSWER)]) as (url, asked):
        for _ in range(2):
            model = LanguageModel(scheme, url, "m", cache=tmp_path)
            list(model.annotate([Article.from_text(TEXT)]))
        assert len(asked) == 1
        list(model.annotate([Article.from_text(TEXT + " More.")]))
        assert len(asked) == 2
    assert model.remarks[0] == "1 request, 1 answers from the cache"


def test_a_busy_endpoint_is_asked_again_and_a_refusal_is_told(scheme: LabelScheme) -> None:
    with endpoint([(429, {}), (503, {}), (200, ANSWER)]) as (url, asked):
        model = LanguageModel(scheme, url, "m", wait=0.01)
        assert len(list(model.annotate([Article.from_text(TEXT)]))) == 1
        assert len(asked) == 3
    with endpoint([(401, {"error": "no key"})]) as (url, asked):
        with pytest.raises(ModelError, match=r"401.*no key"):
            list(LanguageModel(scheme, url, "m", wait=0.01).annotate([Article.from_text(TEXT)]))
        assert len(asked) == 1
    with pytest.raises(ModelError, match="does not answer"):
        list(LanguageModel(scheme, url, "m", wait=0.01).annotate([Article.from_text(TEXT)]))


@pytest.mark.parametrize("content", [None, {"spans": 3}, ["x"], {}])
def test_an_answer_of_another_form_is_told_and_not_kept(scheme: LabelScheme, tmp_path: Path, content: Any) -> None:
    with endpoint([(200, content)]) as (url, _), pytest.raises(ModelError, match="did not answer"):
        list(LanguageModel(scheme, url, "m", cache=tmp_path).annotate([Article.from_text(TEXT)]))
    assert not list(tmp_path.iterdir())


@given(st.text(alphabet="ab ü😀", max_size=30), st.integers(0, 30), st.integers(1, 6))
def test_what_is_found_is_what_was_quoted(text: str, start: int, length: int) -> None:
    quotation = text[start : start + length]
    place = llm.find(text, quotation, text[:start])
    if place is not None:
        assert text[place : place + len(quotation)] == quotation
    if quotation and text.count(quotation) == 1 and text.find(quotation, text.find(quotation) + 1) < 0:
        assert place == text.index(quotation)


def test_patterns_of_a_folder_label_what_they_match(scheme: LabelScheme, tmp_path: Path) -> None:
    lines = [
        {"label": "ORG", "pattern": "Kremlin", "id": "Russian presidency"},
        {"label": "LOC", "pattern": [{"LOWER": "donbas"}, {"LOWER": "region"}]},
        {"label": "PLANET", "pattern": "Mars"},
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    annotator = plugins.make("patterns", plugins.Setup(scheme, tmp_path, {"patterns": "."}))
    text = "😀 The Kremlin spoke of the Donbas region and Mars."
    found = next(annotator.annotate([Article.from_text(text)]))
    scheme.check(found, text)
    spans = [(s.label, s.text, s.norm) for s in found.layers["entities"]]
    assert spans == [("ORG", "Kremlin", "Russian presidency"), ("LOC", "Donbas region", None)]
    assert annotator.remarks == ("1 pattern has the label PLANET, which the scheme lacks: left out",)


def test_patterns_add_to_what_the_rules_find_and_override_it(
    scheme: LabelScheme, nlp: Language, tmp_path: Path
) -> None:
    text = "Norway told Tengri Invest and the Green Tide on Monday that Chad's envoy would sail on the Havbris."
    lines = [
        {"label": "ORG", "pattern": "Tengri Invest", "id": "Tengri Invest JSC"},
        {"label": "FAC", "pattern": [{"POS": "PROPN", "TEXT": "Havbris"}]},
        {"label": "PERSON", "pattern": "Chad"},
        {"label": "ISSUE", "pattern": "Green Tide"},
        {"label": "ASSAULT", "pattern": "sail"},
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    options = {"patterns": "."}
    annotator = Rules(scheme, nlp=nlp, patterns=tmp_path)
    found = next(annotator.annotate([Article.from_text(text)]))
    scheme.check(found, text)
    spans = {s.text: (s.label, s.norm) for s in found.layers["entities"]}
    assert spans["Tengri Invest"] == ("ORG", "Tengri Invest JSC")
    assert (spans["Havbris"][0], spans["Chad"][0], spans["Norway"][0]) == ("FAC", "PERSON", "GPE")
    assert spans["Monday"][0] == "DATE"
    assert any("1 pattern has the label ASSAULT" in remark for remark in annotator.remarks)
    plain = Rules(scheme, nlp=nlp)
    assert annotator.remarks[1:] == plain.remarks
    assert annotator.producer != plain.producer
    assert plugins.make("rules", plugins.Setup(scheme, tmp_path, options)).producer == annotator.producer


def test_a_label_that_the_rules_never_suggest_can_be_had_from_patterns(nlp: Language, tmp_path: Path) -> None:
    scheme = LabelScheme.from_xml(
        '<View><Labels name="entities" toName="t"><Label value="GPE"/><Label value="SHIP"/></Labels>'
        '<Text name="t" value="$text"/></View>'
    )
    (tmp_path / "ships.jsonl").write_text('{"label": "SHIP", "pattern": "Havbris"}', encoding="utf-8")
    found = next(Rules(scheme, nlp=nlp, patterns=tmp_path).annotate([Article.from_text("The Havbris left Norway.")]))
    assert [(s.text, s.label) for _, s in found.spans()] == [("Havbris", "SHIP"), ("Norway", "GPE")]


@pytest.mark.parametrize("line", ["{", '{"label": "ORG"}', '{"label": "ORG", "pattern": [{"NO": "x"}]}'])
def test_a_line_that_is_no_pattern_is_named(scheme: LabelScheme, tmp_path: Path, line: str) -> None:
    (tmp_path / "mine.jsonl").write_text('{"label": "ORG", "pattern": "Kremlin"}\n' + line, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine\.jsonl, line 2 is not a pattern"):
        plugins.make("patterns", plugins.Setup(scheme, tmp_path, {"patterns": "."}))


class StandIn:
    """Answers as gliner2 2.1 does."""

    def extract_entities_long(self, text: str, entity_types: Any, threshold: float, **asked: bool) -> Any:
        assert entity_types["GPE"]
        assert asked == {"include_confidence": True, "include_spans": True}
        one = {"text": "Chile", "confidence": 0.91234, "start": 0, "end": 5}
        return {
            "entities": {
                "ORG": [{**one, "confidence": 0.6}],
                "GPE": [one, {**one, "start": 1, "end": 6}],
                "PERSON": [{**one, "confidence": 0.5}],
            }
        }


def test_gliner_suggests_what_stands_at_its_offsets(scheme: LabelScheme) -> None:
    annotator = gliner.Gliner(scheme, StandIn(), "w")
    found = next(annotator.annotate([Article.from_text(TEXT)]))
    scheme.check(found, TEXT)
    assert [(s.text, s.label, s.score) for _, s in found.spans()] == [("Chile", "GPE", 0.912)]
    assert annotator.remarks[-1].startswith("1 span")


def test_what_is_missing_is_said_with_a_hint(scheme: LabelScheme, tmp_path: Path) -> None:
    setup = plugins.Setup(scheme, tmp_path)
    for name, error in (("patterns", SettingsError), ("llm", SettingsError), ("nobody", ModelError)):
        with pytest.raises(error) as raised:
            plugins.make(name, setup)
        assert raised.value.hint
    with pytest.raises(ModelError, match="gliner"):
        plugins.make("gliner", setup)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, "No module named"),
        ("def other(): ...", "has no attribute"),
        ("import nobody_has_this", "nobody_has_this"),
        ("make = 3", "is not a function"),
    ],
)
def test_a_plug_in_that_cannot_be_loaded_is_named(
    scheme: LabelScheme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str | None, told: str
) -> None:
    name = f"broken_{abs(hash(source))}"
    folder = tmp_path / f"{name}-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{name} = {name}:make\n")
    if source is not None:
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    with pytest.raises(ModelError, match=told) as raised:
        plugins.make(name, plugins.Setup(scheme, tmp_path))
    assert f"{name}:make" in str(raised.value)
    assert raised.value.hint


def test_others_register_by_entry_point(scheme: LabelScheme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[{plugins.GROUP}]\nmine = mine_annotator:make\n")
    (tmp_path / "mine_annotator.py").write_text("def make(setup):\n    return ('made under', setup.scheme)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert "mine" in plugins.names()
    assert plugins.make("mine", plugins.Setup(scheme, tmp_path)) == ("made under", scheme)
