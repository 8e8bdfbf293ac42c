"""A change of what the rules suggest for the newsroom articles stands in a log, with a reason."""

import importlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article, article_id, sha256
from workbench.samples.markup import Sample, compile_sample
from workbench.samples.shipped import label_scheme

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def guard() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module("newsrooms")


@pytest.fixture(scope="module")
def state(guard: ModuleType):
    return guard.State.now()


@pytest.fixture(scope="module")
def sentence() -> list[AnnotationSet]:
    """One sentence as it is, and with a span, a role and an attribute that differ."""
    scheme = label_scheme()
    pages = (
        "[Oslo|GPE a] [met|CONSULT m] [Bern|GPE b].\n=> m actor=a",
        "[Oslo|GPE a] [met|CONSULT m] [Bern|ORG b].\n=> m actor=a",
        "[Oslo|GPE a] [met Bern|CONSULT m].\n=> m actor=a",
        "[Oslo|GPE a] [met|CONSULT m] [Bern|GPE b].\n=> m recipient=a",
        "[Oslo|GPE a] [met|CONSULT m] [Bern|GPE b].\n=> m actor=b",
        "[Oslo|GPE a] [met|CONSULT m] [Bern|GPE b].\n=> m actor=a modality=future",
    )
    samples = [compile_sample(f"story: x\n\n{page}\n", scheme, name="x.txt") for page in pages]
    return [sample.gold(article_of(sample), scheme) for sample in samples]


def article_of(sample: Sample) -> Article:
    digest = sha256(sample.raw)
    return Article(id=article_id(sample.raw), text=sample.raw, text_sha256=digest, raw_sha256=digest, cuts=())


def test_what_the_rules_suggest_is_what_the_log_says(guard: ModuleType, state):
    difference = guard.changed(guard.Entry.all()[-1], state)
    assert difference is None, f"{difference}; {guard.HOW}"


def test_every_line_has_a_reason_and_follows_the_one_before(guard: ModuleType):
    entries = guard.Entry.all()
    assert all(entry.because.strip() for entry in entries)
    assert entries[0].before == "-"
    assert all(later.before == earlier.after for earlier, later in pairwise(entries))
    assert [entry.date for entry in entries] == sorted(entry.date for entry in entries)


def test_another_suggestion_and_another_gold_are_told_apart(guard: ModuleType, state):
    last = guard.entry_of(None, state, "first", "2025-01-01")
    assert guard.changed(last, state) is None
    assert "what the rules suggest" in guard.changed(last, replace(state, suggestions="other"))
    assert "the articles changed" in guard.changed(last, replace(state, articles="other"))
    assert guard.changed(None, state)


def test_a_moved_span_another_role_and_another_attribute_give_another_hash(guard: ModuleType, sentence):
    assert len({guard._plain(one) for one in sentence}) == len(sentence)


def test_the_line_that_is_added_brings_the_log_up_to_date(guard: ModuleType, state, tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "LOG", tmp_path / "log.tsv")
    monkeypatch.setattr(guard.State, "now", lambda: state)
    monkeypatch.setattr("sys.argv", ["newsrooms.py"])
    assert guard.main() == 1, "an empty log"
    monkeypatch.setattr("sys.argv", ["newsrooms.py", "--because", "a\treason\nof two lines"])
    assert guard.main() == 0
    monkeypatch.setattr("sys.argv", ["newsrooms.py"])
    assert guard.main() == 0
    assert [entry.because for entry in guard.Entry.all()] == ["a reason of two lines"]
    later = replace(state, suggestions="other", figure="1.0")
    monkeypatch.setattr(guard.State, "now", lambda: later)
    assert guard.main() == 1
