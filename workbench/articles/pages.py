"""The article on a web page: trafilatura finds it, its headline stays on top."""

import logging
import re
from typing import NamedTuple

from workbench.articles.fragments import is_fragment, text_of
from workbench.core.article import headline

_LANGUAGE = re.compile(r"""<html[^>]{0,200}?\slang\s*=\s*["']?([A-Za-z]{2,3})""", re.IGNORECASE)


class Page(NamedTuple):
    """What was found on a page; empty where it says nothing. `text` begins with the headline."""

    text: str
    title: str
    published: str
    url: str
    site: str
    language: str


def extract(html: str) -> Page | None:
    """The article of a page, or None where there is none."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    # It tells the log of every oddity of a page; the caller reports what became of the page.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    found = bare_extraction(html, include_comments=False, include_tables=False, deduplicate=False, with_metadata=True)
    if not isinstance(found, Document) or not found.text or not found.text.strip():
        return None
    title = found.title or ""
    if is_fragment(title):
        title = text_of(title)
    title = " ".join(title.split())
    text = found.text
    if title and not _has_headline(text, title):
        text = f"{title}\n{text}"
    language = _LANGUAGE.search(html[:2000])
    return Page(
        text=text,
        title=title or headline(text),
        published=found.date or "",
        url=found.url or "",
        site=found.sitename or "",
        language=language.group(1).lower() if language else "",
    )


def looks_like_html(text: str) -> bool:
    """Whether a text begins as an HTML page does."""
    start = text[:1000].lstrip("\ufeff \t\r\n").lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<body")) or (
        start.startswith(("<?xml", "<!--")) and "<html" in start
    )


def _has_headline(text: str, title: str) -> bool:
    """Whether one of the first lines is the headline, be it shortened or with the site's name on the page's title."""
    wanted = _bare(title)
    for line in text.splitlines()[:4]:
        found = _bare(line)
        if found and (
            found == wanted or (len(found) >= 20 and (wanted.startswith(found) or found == wanted[: len(found)]))
        ):
            return True
    return False


def _bare(line: str) -> str:
    return "".join(character for character in line.casefold() if character.isalnum())
