"""What an article is compared by when stories are told apart: its names and rarer words, its days, its lead."""

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib import resources
from typing import TypedDict, cast

from datasketch import LeanMinHash

from workbench.articles.occasions import moments, months
from workbench.core.article import Article
from workbench.core.near_duplicates import TOKEN, minhash, read, written

KIND = "story/2"
"""The name of these signatures in the store; another way of making them gets another name."""
_NAMES_AT_MOST = 60
_WORDS_AT_MOST = 60
_WORD_WEIGHT = 0.2
# How many words a lead has, which says what happened; names are those of the whole affair, and count less for it.
_LEAD = 60
_NAME = 0.2
_SENTENCE = re.compile(r"(?<=[.!?:])[\"”’'»)]*\s+|[\r\n]+")
_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


class _Body(TypedDict):
    minhash: str
    names: dict[str, int]
    words: dict[str, int]
    day: int | None
    moments: dict[str, float]
    months: list[int]
    lead: dict[str, float]


@dataclass(frozen=True)
class Signature:
    """What is compared of an article. `day` is its date as a proleptic ordinal; the rest is told by `occasions`."""

    minhash: LeanMinHash
    names: Mapping[str, int]
    words: Mapping[str, int]
    day: int | None
    moments: Mapping[str, float] = field(default_factory=dict[str, float])
    months: tuple[int, ...] = ()
    lead: Mapping[str, float] = field(default_factory=dict[str, float])

    @cached_property
    def weights(self) -> dict[str, float]:
        """How much each term counts, before its rarity."""
        found = {term: 1 + math.log(count) for term, count in self.names.items()}
        for term, count in self.words.items():
            found[term] = _WORD_WEIGHT * (1 + math.log(count))
        return found

    def to_json(self) -> str:
        """The signature as the store keeps it."""
        body = _Body(
            minhash=written(self.minhash),
            names=dict(self.names),
            words=dict(self.words),
            day=self.day,
            moments=dict(self.moments),
            months=list(self.months),
            lead=dict(self.lead),
        )
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Signature":
        """The signature that `to_json` wrote."""
        body = cast(_Body, json.loads(text))
        return cls(
            read(body["minhash"]),
            body["names"],
            body["words"],
            body["day"],
            body["moments"],
            tuple(body["months"]),
            body["lead"],
        )


def signature(article: Article) -> Signature:
    """What story grouping keeps of an article."""
    names, words, told = _terms(article.text)
    published: date | None = None
    if article.published:
        try:
            published = date.fromisoformat(article.published[:10])
        except ValueError:
            published = None
    return Signature(
        minhash(article.text),
        _top(names, _NAMES_AT_MOST),
        _top(words, _WORDS_AT_MOST),
        published.toordinal() if published else None,
        told,
        months(article.text, published),
        _lead(article.text),
    )


def _lead(text: str) -> dict[str, float]:
    """The terms of the first words of a text, with what they count by themselves."""
    return dict(_telling(" ".join(text.split(maxsplit=_LEAD)[:_LEAD])))


def _telling(sentence: str) -> Iterator[tuple[str, float]]:
    """The terms of a sentence that can tell what happened, with what they count by themselves."""
    for token in TOKEN.findall(sentence):
        if len(token) > 3 and not token[0].isdigit() and token.lower() not in _calendar():
            yield _one_spelling(token), _NAME if token[0].isupper() else 1.0


def _terms(text: str) -> tuple[Counter[str], Counter[str], dict[str, float]]:
    """Names and other words with their counts, in one spelling, and what is told of each day.

    A name is a capitalised word that does not only begin sentences.
    """
    names: Counter[str] = Counter()
    words: Counter[str] = Counter()
    sentences: list[tuple[str, list[tuple[str, float]]]] = []
    for sentence in _SENTENCE.split(text):
        shouted = sentence.isupper()
        sentences.append((sentence, list(_telling(sentence))))
        for position, token in enumerate(TOKEN.findall(sentence)):
            if token[0].isdigit():
                words[token] += 1
            elif token[0].isupper() and position and not shouted and len(token) > 2:
                names[_one_spelling(token)] += 1
            elif len(token) > 3:
                words[_one_spelling(token)] += 1
    for term in [term for term in words if term in names]:
        names[term] += words.pop(term)
    return names, words, moments(sentences)


@cache
def _calendar() -> frozenset[str]:
    """Words that say when, and those that every report has: they don't say what happened then."""
    return frozenset(word.lower() for word in _sections()["the calendar"] + _sections()["words that every report has"])


@cache
def _one_spelling(token: str) -> str:
    """A token without case and accents, in which common ways to write a foreign name fall together."""
    plain = unicodedata.normalize("NFKD", token.lower().translate(_LETTERS))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = re.sub(r"['’]s?$", "", plain)
    for spelling, sound in (("kh", "h"), ("ph", "f"), ("ck", "k"), ("y", "i"), ("j", "i")):
        plain = plain.replace(spelling, sound)
    plain = re.sub(r"i+(?=[aeou])", "", plain)
    return re.sub(r"(.)\1+", r"\1", plain)


@cache
def commonplace() -> frozenset[str]:
    """The words that tell little of an article, in the spelling of `Signature`."""
    return frozenset(_one_spelling(word) for words in _sections().values() for word in words)


@cache
def _sections() -> dict[str, list[str]]:
    """The words of data/commonplace.txt, by the heading that stands above them."""
    text = resources.files("workbench.articles").joinpath("data/commonplace.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            words = found.setdefault(line.removeprefix("#").strip(), [])
        else:
            words += line.split()
    return found


def _top(counts: Counter[str], most: int) -> dict[str, int]:
    """The terms worth keeping: not commonplace, frequent, long."""
    order = sorted(counts, key=lambda term: (term in commonplace(), -counts[term], -len(term), term))
    return {term: counts[term] for term in order[:most]}
