import re
from pathlib import Path

import conllu
import pytest
from annotation_sets import SCHEME
from format_cases import files, one_article
from hypothesis import HealthCheck, given, settings

from workbench.core.annotations import AnnotatedArticle
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError
from workbench.formats.conllu import ConlluFormat

SPACES = {"\\s": " ", "\\t": "\t", "\\r": "\r", "\\n": "\n", "\\p": "|", "\\\\": "\\"}


def written(
    tmp_path: Path, articles: list[AnnotatedArticle], scheme: LabelScheme = SCHEME
) -> tuple[str, tuple[str, ...]]:
    report = ConlluFormat().write(articles, tmp_path, "f", scheme)
    return (tmp_path / "f.conllu").read_bytes().decode(), report.problems


def test_another_parser_finds_words_spans_and_roles(tmp_path: Path) -> None:
    one = one_article(
        "The Kremlin's demand met Oslo.\r\nCafe\u0301 👩‍👩‍👧, שלום.",
        ("ORG", "Kremlin"),
        ("ISSUE", "The Kremlin's demand"),
        ("GPE", "Oslo"),
        ("CONSULT", "met"),
        roles=((3, "actor", 0), (3, "recipient", 2)),
    )
    body, problems = written(tmp_path, [one])
    first, second = conllu.parse(body)
    assert first.metadata["newdoc id"] == one.article.id
    assert first.metadata["text"] == "The Kremlin's demand met Oslo."
    misc = {token["form"]: token["misc"] or {} for token in first}
    assert misc["The"]["Entities"] == "(s1-ISSUE"
    assert misc["Kremlin"] == {"Entities": "(s2-ORG)", "SpaceAfter": "No"}
    assert misc["demand"]["Entities"] == "s1)"
    assert misc["met"] == {"Events": "(s4-CONSULT)", "Roles": "s4>actor>s2,s4>recipient>s3"}
    assert misc["."] == {"SpacesAfter": "\\r\\n"}
    assert next(token["form"] for token in second) == "Cafe\u0301"
    assert problems[0].endswith("names of annotators (1)")


@given(given_=files())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_text_and_every_span_can_be_told_from_the_tokens(
    tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    body, problems = written(tmp_path, articles, scheme)
    documents = re.split(r"^# newdoc id = .*\n", body, flags=re.MULTILINE)[1:]
    assert len(documents) == len(articles)
    for one, document in zip(articles, documents, strict=True):
        rows = [line.split("\t") for line in document.split("\n") if re.match(r"\d+\t", line)]
        assert all(len(row) == 10 for row in rows)
        text = ""
        opened: dict[str, tuple[int, str]] = {}
        closed: list[tuple[str, int, int, str]] = []
        for row in rows:
            misc = dict(part.split("=", 1) for part in row[9].split("|")) if row[9] != "_" else {}
            start, end = len(text), len(text) + len(row[1])
            for key, value in misc.items():
                for bracket in re.findall(r"\((?P<id>s\d+)-([^()]*)(\))?|(s\d+)\)", value):
                    if key in ("Roles", "Attributes", "Norms"):
                        continue
                    name, label, single, shut = bracket
                    if name:
                        opened[name] = (start, label)
                    if single or shut:
                        begin, label = opened.pop(name or shut)
                        closed.append((name or shut, begin, end, label))
            text += row[1]
            if "SpacesAfter" in misc:
                text += re.sub(r"\\[strnp\\]", lambda found: SPACES[found[0]], misc["SpacesAfter"])
            elif misc.get("SpaceAfter") != "No":
                text += " "
        assert not opened
        assert text.strip() == one.article.text.strip()
        moved = sum(" is taken as " in problem for problem in problems if problem.startswith(one.article.id))
        shift = len(one.article.text) - len(one.article.text.lstrip())
        exact = {(begin + shift, end + shift) for _, begin, end, _ in closed}
        assert len(closed) == sum(1 for _ in one.annotations.spans())
        assert sum(span.offsets not in exact for _, span in one.annotations.spans()) <= moved


def test_lines_of_a_text_or_an_id_are_no_lines_of_the_file(tmp_path: Path) -> None:
    one = one_article("\n# newdoc id = x\n_ | #\n-DOCSTART- -X- O O")
    one = one.model_copy(update={"article": one.article.model_copy(update={"id": "a\n# b"})})
    body, problems = written(tmp_path, [one])
    assert [line for line in body.splitlines() if line.startswith("# newdoc")] == ["# newdoc id = a%0A#%20b"]
    assert "".join(token["form"] for sentence in conllu.parse(body) for token in sentence) == "".join(
        one.article.text.split()
    )
    assert "white space before the first word (1)" in problems[0]


def test_it_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is written, not read"):
        list(ConlluFormat().read(tmp_path / "f.conllu", SCHEME))
