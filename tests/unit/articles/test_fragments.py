"""Pieces of HTML in the columns of a table."""

import io
import json
import time

import pytest

from workbench.articles.fragments import is_fragment, text_of
from workbench.articles.ingest import article_of
from workbench.articles.readers import Source, read
from workbench.core.article import Article


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        (
            "<p>Edda <b>Brok</b> said&nbsp;no.</p>\n<p>She&#8217;d know &amp; so would&#x20;he.</p>",
            "Edda Brok said no.\nShe’d know & so would he.",
        ),
        ("One &#8211; two &mdash; three.\n\nAT&amp;T fell.", "One – two — three.\n\nAT&T fell."),
        ("One.<br>Two.<br/>Three.<BR />Four.", "One.\nTwo.\nThree.\nFour."),
        (
            "<div><h2>Head</h2>Text <a href='x?a=1&amp;b=2'>with a link</a>.<ul><li>a</li><li>b</li></ul></div>",
            "Head\nText with a link.\na\nb",
        ),
        ("<p>One<script>alert('<p>')</script> two<style>p{}</style>.<!-- not this --></p>", "One two."),
        ("&lt;p&gt;Edda &amp;amp; Ola said no.&lt;/p&gt;", "Edda & Ola said no."),
        ("<p>He said &amp;#8220;no&amp;#8221;.</p>", "He said “no”."),
        ("First paragraph.\n\nSecond with <em>stress</em>.\nThird.", "First paragraph.\n\nSecond with stress.\nThird."),
        ("<p>wrapped\nby the\n  editor</p>", "wrapped by the editor"),
        ("<![CDATA[<p>From a feed.</p>]]>", "From a feed."),
        ("<table><tr><td>Oslo</td><td>4</td></tr><tr><td>Bern</td><td>5</td></tr></table>", "Oslo 4\nBern 5"),
        ("<p>if 3 < 5 and 7 > 6</p>", "if 3 < 5 and 7 > 6"),
        (
            "<figure><img src='a.jpg' alt='x'><figcaption>The ferry.</figcaption></figure><p>It left.</p>",
            "The ferry.\nIt left.",
        ),
        ("<p>Not closed <strong>at all", "Not closed at all"),
        ("<p>before</p></script></div><p>after</p>", "before\nafter"),
        ("Edda wrote &lt;b&gt; in <i>her</i> mail.", "Edda wrote <b> in her mail."),
    ],
)
def test_a_piece_becomes_its_text(fragment: str, text: str) -> None:
    assert is_fragment(fragment)
    assert text_of(fragment) == text


@pytest.mark.parametrize(
    "prose",
    [
        "The price rose by <5 percent> & then some; R&D; fell.",
        "x < y and y > z, he wrote.",
        "<Reuters> reported it. <3",
        "Use the <b> tag, the manual says.",
        "AT&T and H&M fell; so did P&G;",
        "a <b, c> d",
        "He typed &c; and left.",
    ],
)
def test_prose_with_signs_is_left_alone(prose: str) -> None:
    assert not is_fragment(prose)


def test_columns_of_rows_and_tables_are_read_as_html() -> None:
    row = {
        "id": 7,
        "title": {"rendered": "Ferry &#8211; <em>closed</em>"},
        "content": {"rendered": "<p>Edda&nbsp;Brok said&#8230;</p>"},
    }
    plain = {"title": "Ferry &amp; bus", "text": "Edda said no &#8211; twice."}
    table = 'headline,body\nFerry &amp; bus,"<p>Edda&nbsp;Brok said&#8230;</p>"\n'
    data = json.dumps(row) + "\n" + json.dumps(plain) + "\n"
    found = [*read(["-"], standard_input=io.BytesIO(data.encode()))]
    found += read(["-"], kind="csv", standard_input=io.BytesIO(table.encode()))
    made = [article_of(one) for one in found if isinstance(one, Source)]
    assert [(one.title, one.text) for one in made if isinstance(one, Article)] == [
        ("Ferry – closed", "Edda Brok said…"),
        ("Ferry & bus", "Edda said no – twice."),
        ("Ferry & bus", "Edda Brok said…"),
    ]


@pytest.mark.parametrize(
    "sign", ["<", "<!--", "<a ", "<p", "&", "&#", "<![CDATA[", "<div>", "</div>", "<script>", "<a href='", "<!", "<?"]
)
def test_no_piece_takes_long(sign: str) -> None:
    began = time.perf_counter()
    piece = "<p>News.</p>" + sign * (400_000 // len(sign))
    is_fragment(piece)
    text_of(piece)
    assert time.perf_counter() - began < 20
