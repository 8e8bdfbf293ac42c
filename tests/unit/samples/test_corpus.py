"""The sample corpora hold what their README promises."""

from collections import Counter
from pathlib import Path

import pytest

from workbench.articles import cleaning
from workbench.core.article import Article, Cut, apply_cuts, article_id, sha256
from workbench.errors import DocumentError
from workbench.samples.markup import Sample, compile_sample
from workbench.samples.shipped import CORPORA, corpus, label_config, label_scheme

ROOT = Path(__file__).parents[3]
SCHEME = label_scheme()
CORPUS = corpus(SCHEME)
NEWSROOMS = corpus(SCHEME, "newsrooms")
BOTH = CORPUS + NEWSROOMS


def without_boxes(sample: Sample) -> Article:
    cuts = tuple(Cut(start=a, end=b, reason="box", text=sample.raw[a:b]) for a, b in sample.boxes)
    return article_of(sample, apply_cuts(sample.raw, cuts), cuts)


def article_of(sample: Sample, text: str, cuts: tuple[Cut, ...]) -> Article:
    return Article(
        id=article_id(sample.raw), text=text, text_sha256=sha256(text), raw_sha256=sha256(sample.raw), cuts=cuts
    )


def test_the_shipped_label_config_is_the_one_at_the_root():
    assert label_config() == (ROOT / "label_config.xml").read_text(encoding="utf-8")


def test_there_are_enough_articles_in_every_part():
    parts = Counter(sample.split for sample in CORPUS)
    assert len(CORPUS) >= 60
    assert set(parts) == {"train", "dev", "test"}
    assert min(parts.values()) >= 8


def test_the_newsrooms_have_forty_articles_to_train_on_and_sixteen_to_test_on():
    assert Counter(sample.split for sample in NEWSROOMS) == {"train": 40, "dev": 4, "test": 16}
    newsrooms = Counter((sample.newsroom, sample.split) for sample in NEWSROOMS)
    names = {"energy", "migration", "courts", "cyber", "elections", "trade"}
    assert {name for name, _ in newsrooms} == names
    assert all(newsrooms[name, "train"] >= 6 and newsrooms[name, "test"] >= 2 for name in names)
    assert not any(sample.newsroom for sample in CORPUS)


@pytest.mark.parametrize("sample", BOTH, ids=lambda sample: sample.name)
def test_gold_fits_scheme_and_text(sample: Sample):
    article = without_boxes(sample)
    gold = sample.gold(article, SCHEME)
    assert all(gold.layers.values()), "every layer is annotated"
    least, most = (230, 460) if sample.newsroom else (100, 320)
    assert least <= len(article.text.split()) <= most
    assert sample.published
    assert sample.source.startswith("https://example.")


@pytest.mark.parametrize("sample", BOTH, ids=lambda sample: sample.name)
def test_gold_survives_cleaning(sample: Sample):
    assert all(sample.gold(article_of(sample, *cleaning.clean(sample.raw)), SCHEME).layers.values())


@pytest.mark.parametrize("sample", BOTH, ids=lambda sample: sample.name)
def test_an_agent_takes_part_in_something_and_is_marked_without_its_article(sample: Sample):
    arguments = {argument.target for span in sample.spans for argument in span.arguments}
    agents = {span.id: sample.raw[span.start : span.end] for span in sample.spans if span.label == "AGENT"}
    assert {text for span_id, text in agents.items() if span_id not in arguments} == set()
    articles = {"a", "an", "the", "his", "her", "its", "their", "our", "my", "this", "these", "that", "those"}
    assert {text for text in agents.values() if text.split()[0].lower() in articles} == set()


@pytest.mark.parametrize("sample", BOTH, ids=lambda sample: sample.name)
def test_roles_point_to_the_agent_and_not_to_the_nationality_or_count_in_it(sample: Sample):
    spans = {span.id: span for span in sample.spans}
    agents = [span for span in sample.spans if span.label == "AGENT"]
    targets = [spans[argument.target] for span in sample.spans for argument in span.arguments]
    inside = {
        sample.raw[agent.start : agent.end]
        for target in targets
        for agent in agents
        if target.label in ("NORP", "QUANTITY") and agent.start <= target.start and target.end <= agent.end
    }
    assert inside == set()


@pytest.mark.parametrize("sample", BOTH, ids=lambda sample: sample.name)
def test_a_genitive_lies_inside_the_agent(sample: Sample):
    agents = [span for span in sample.spans if span.label == "AGENT"]
    genitives = ("'s ", "\u2019s ", "s' ", "s\u2019 ")
    cut_off = {sample.raw[span.start : span.end] for span in agents if sample.raw[: span.start].endswith(genitives)}
    assert cut_off == set()


def test_a_story_lies_in_one_part_only():
    parts: dict[str, set[str]] = {}
    for sample in BOTH:
        parts.setdefault(sample.story, set()).add(sample.split)
    assert all(len(one) == 1 for one in parts.values())
    assert sum(n > 1 for n in Counter(sample.story for sample in CORPUS).values()) >= 10


def test_no_story_and_no_name_lies_in_both_corpora():
    assert CORPORA == ("corpus", "newsrooms")
    assert not {sample.story for sample in CORPUS} & {sample.story for sample in NEWSROOMS}
    assert len({sample.name for sample in BOTH}) == len(BOTH)


@pytest.mark.parametrize("samples", [CORPUS, NEWSROOMS], ids=CORPORA)
def test_every_label_role_and_value_is_used(samples: tuple[Sample, ...]):
    spans = [span for sample in samples for span in sample.spans]
    assert {span.label for span in spans} == set(SCHEME.layer_of_label)
    assert {a.role for span in spans for a in span.arguments} == set(SCHEME.role_by_name)
    values = {value for span in spans for value in span.attributes.values()}
    assert values >= {v for a in SCHEME.attributes for v in a.values if v != a.default}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[Kyiv|GPE", "a span ends with"),
        ("[Kyiv", r"a \[ is never closed"),
        ("Kyiv]", "without |LABEL"),
        ("[Kyiv|PLACE]", "label 'PLACE'"),
        ("[ Kyiv|GPE]", "blanks at its ends"),
        ("[Kyiv|GPE k] [Oslo|GPE k]", "two spans have the id"),
        ("[met|CONSULT m]\n=> m actor=nobody", "names 'nobody'"),
        ("[met|CONSULT m]\n=> n actor=m", "no span has the id 'n'"),
        ("[met|CONSULT m]\n=> m who=m", "neither a role nor an attribute"),
        ("[met|CONSULT m]\n=> m actor m", "a frame is"),
    ],
)
def test_malformed_markup_is_refused_with_its_line(line: str, message: str):
    with pytest.raises(DocumentError, match=message) as refused:
        compile_sample(f"story: x\nsplit: train\n\nFirst line.\n{line}\n", SCHEME, name="x.txt")
    assert f"x.txt, line {5 + line.count(chr(10))}" in str(refused.value)


def test_markup_gives_back_the_page_and_its_spans():
    sample = compile_sample(
        "story: x\n\n~ Subscribe!\n[Kyiv|GPE k] \\[sic\\] [[rejected|REJECT r]|AGAINST s] it.\n=> r actor=k\n",
        SCHEME,
        name="x.txt",
    )
    assert sample.raw == "Subscribe!\nKyiv [sic] rejected it.\n"
    assert sample.raw[slice(*sample.boxes[0])] == "Subscribe!\n"
    assert {(s.label, sample.raw[s.start : s.end]) for s in sample.spans} == {
        ("GPE", "Kyiv"),
        ("REJECT", "rejected"),
        ("AGAINST", "rejected"),
    }
