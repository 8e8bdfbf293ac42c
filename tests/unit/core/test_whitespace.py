from annotation_sets import SCHEME
from hypothesis import given
from nasty import texts

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.whitespace import is_blank, quoted, same_words, trim


def one_span(text: str) -> AnnotationSet:
    span = Span(id="a", label="GPE", start=3, end=3 + len(text), text=text)
    layers = {**SCHEME.empty_layers(), "entities": (span,)}
    return AnnotationSet(producer=Producer(kind="person", name="ann"), scheme_digest=SCHEME.digest, layers=layers)


@given(texts())
def test_a_trimmed_span_holds_the_same_words_at_their_place(text: str) -> None:
    given_ = one_span(text)
    found, said = trim(given_)
    [(_, span)] = found.spans()
    if is_blank(text):
        assert (found, said) == (given_, ())
        assert [v.rule for v in SCHEME.violations(found, f"...{text}") if v.severity == "refused"] == ["span-blank"]
        return
    assert span.text == f"...{text}"[span.start : span.end] == text.strip()
    assert [(one.before, one.after) for one in said] == ([] if span.text == text else [(text, span.text)])
    assert trim(found) == (found, ())
    assert SCHEME.violations(found, f"...{text}") == []


def test_texts_that_differ_in_what_is_not_seen_have_the_same_words() -> None:
    assert same_words("Tomas\nReyl", "Tomas\\nReyl ")
    assert same_words("a\u00adb\u200bc", "a b c")
    assert not same_words("Tomas Rey", "Tomas Reyl")
    assert not same_words("Alda Berg", "or Alda B")


def test_a_long_text_is_quoted_by_its_ends() -> None:
    assert quoted("a\n\x1b[31m") == "'a\\n\\x1b[31m'"
    assert quoted("x" * 500 + "y" * 500) == f"'{'x' * 30}…{'y' * 30}'"
