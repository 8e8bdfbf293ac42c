"""A parsed text as plain lists, so that rules neither hold on to spaCy's objects nor pay for asking them twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from spacy.tokens import Doc, Token

from workbench.preannotate.rules.blanks import Written

CLAUSES = frozenset({"ROOT", "ccomp", "advcl", "relcl", "xcomp", "conj", "parataxis", "acl", "pcomp", "csubj"})


_SHORT = {"’re": "be", "’m": "be", "’ve": "have", "’ll": "will", "’d": "would"}
_LOST_E = (
    "axe|cope|dine|fine|gripe|hate|hope|pipe|rage|rape|rate|scare|scrape|shame|slate|snipe|spare|stage|tape|wage|wane"
)
"""Verbs whose forms the pipeline takes for those of another: hoped, of hop."""
_UNKNOWN = {
    "batoned": "baton",
    "batoning": "baton",
    "boycotts": "boycott",
    "cochaired": "cochair",
    "cordoned": "cordon",
    "cordoning": "cordon",
    "decreed": "decree",
    "defunded": "defund",
    "defunding": "defund",
    "deplatformed": "deplatform",
    "deplatforming": "deplatform",
    "extolled": "extol",
    "extolling": "extol",
    "forgave": "forgive",
    "forwent": "forgo",
    "gutted": "gut",
    "gutting": "gut",
    "jeered": "jeer",
    "medevaced": "medevac",
    "medevacing": "medevac",
    "medevacked": "medevac",
    "outgunned": "outgun",
    "overflew": "overfly",
    "overflown": "overfly",
    "prepositioned": "preposition",
    "prepositioning": "preposition",
    "readied": "ready",
    "readmitted": "readmit",
    "readmitting": "readmit",
    "relaunched": "relaunch",
    "relaunches": "relaunch",
    "relaunching": "relaunch",
    "resold": "resell",
    "resupplied": "resupply",
    "resupplies": "resupply",
    "resupplying": "resupply",
    "retook": "retake",
    "scapegoated": "scapegoat",
    "scapegoating": "scapegoat",
    "tasered": "taser",
    "tasering": "taser",
    "teargassed": "teargas",
    "unbanned": "unban",
    "unbanning": "unban",
    "voids": "void",
    "wiretapped": "wiretap",
    "wiretapping": "wiretap",
}
_MISTAKEN = _UNKNOWN | {
    form: verb for verb in _LOST_E.split("|") for form in (f"{verb}d", f"{verb}s", f"{verb[:-1]}ing")
}
"""Base forms of verbs that the pipeline gets wrong."""
_OWN = {"’s", *_SHORT, *_MISTAKEN}


def _lemma(token: Token, low: str) -> str:
    """The base form of a token; of short forms with a typographic apostrophe, too."""
    if low not in _OWN:
        return token.lemma_.lower() or low
    if low == "’s" and token.pos_ in ("VERB", "AUX"):
        return "have" if token.dep_ == "aux" and token.head.tag_ == "VBN" else "be"
    mistaken = _MISTAKEN.get(low) if token.pos_ == "VERB" else None
    return _SHORT.get(low) or mistaken or token.lemma_.lower() or low


@dataclass
class Parse:
    """Tokens by index. `start` and `end` are code points of `text`; `sentence` numbers the sentences.

    `text` has plain blanks (see `blanks`). `entities` are what the base pipeline found: first token, one past the last, label; `given` what a user's patterns
    found: kind instead of label, and what it is called in full.
    """

    text: str
    words: list[str]
    low: list[str]
    lemma: list[str]
    pos: list[str]
    tag: list[str]
    dep: list[str]
    head: list[int]
    start: list[int]
    end: list[int]
    sentence: list[int]
    entities: list[tuple[int, int, str]]
    children: list[list[int]] = field(default_factory=list[list[int]])
    given: list[tuple[int, int, str, str]] = field(default_factory=list[tuple[int, int, str, str]])
    written: Written | None = None
    """The text as it was written, where `text` is a plain form of it."""

    @classmethod
    def of(cls, doc: Doc) -> "Parse":
        """The parse of a doc that a pipeline with tagger, parser, lemmatizer and entities made."""
        tokens = list(doc)
        words = [token.text for token in tokens]
        start = [token.idx for token in tokens]
        sentence: list[int] = []
        for number, span in enumerate(doc.sents):
            sentence.extend([number] * len(span))
        head = [token.head.i for token in tokens]
        children: list[list[int]] = [[] for _ in words]
        for index, above in enumerate(head):
            if above != index:
                children[above].append(index)
        low = [word.lower() for word in words]
        parse = cls(
            text=doc.text,
            words=words,
            low=low,
            lemma=[_lemma(token, word) for token, word in zip(tokens, low, strict=True)],
            pos=[token.pos_ for token in tokens],
            tag=[token.tag_ for token in tokens],
            dep=[token.dep_ for token in tokens],
            head=head,
            start=start,
            end=[begin + len(word) for begin, word in zip(start, words, strict=True)],
            sentence=sentence or [0] * len(words),
            entities=[(ent.start, ent.end, ent.label_) for ent in doc.ents],
            children=children,
        )
        parse._find_verbs()
        parse._find_infinitives()
        return parse

    def _find_verbs(self) -> None:
        """Makes verbs of words that the tagger took for nouns where the parse has them as such: Norway *rejects* demand."""
        for child, dep in enumerate(self.dep):
            verb = self.head[child]
            if dep != "dobj" or self.pos[verb] != "NOUN" or child < verb or self.dep[verb] not in CLAUSES:
                continue
            if self.kids(verb, "det", "poss", "amod", "nummod"):
                continue
            self.pos[verb] = "VERB"
            self.tag[verb] = "VBZ" if self.tag[verb] == "NNS" else "VBG" if self.low[verb].endswith("ing") else "VB"
            before = [one for one in self.kids(verb, "compound", "nmod") if one < verb]
            if before and not self.kids(verb, "nsubj", "nsubjpass"):
                subject = before.pop()
                self.dep[subject] = "nsubj"
                for one in before:
                    self.hang(one, subject, self.dep[one])

    def _find_infinitives(self) -> None:
        """Hangs a verb of a list on the first: urged them to halt, *withdraw* and talk."""
        for verb, tag in enumerate(self.tag):
            if tag != "VB" or self.dep[verb] != "advcl" or not verb or self.low[verb - 1] not in (",", "and", ";"):
                continue
            if self.kids(verb, "aux", "nsubj", "nsubjpass", "mark"):
                continue
            first = [one for one in self.kids(self.head[verb], "xcomp") if one < verb and self.tag[one] == "VB"]
            if first:
                self.hang(verb, first[-1], "conj")

    def hang(self, token: int, above: int, dep: str) -> None:
        """Gives a token another head and dependency."""
        self.children[self.head[token]] = [one for one in self.children[self.head[token]] if one != token]
        self.head[token], self.dep[token] = above, dep
        self.children[above] = sorted([*self.children[above], token])

    @classmethod
    def joined(cls, parts: Sequence["Parse"]) -> "Parse":
        """The parse of a text from those of its pieces; no sentence goes from one piece into the next."""
        starts = list(accumulate((len(part) for part in parts), initial=0))
        texts = list(accumulate((len(part.text) for part in parts), initial=0))
        sentences = list(accumulate((part.sentence[-1] + 1 if len(part) else 0 for part in parts), initial=0))

        def shifted(lists: Iterable[list[int]], by: list[int]) -> list[int]:
            return [number + more for numbers, more in zip(lists, by[:-1], strict=True) for number in numbers]

        numbered = list(zip(starts[:-1], parts, strict=True))
        return cls(
            text="".join(part.text for part in parts),
            words=[word for part in parts for word in part.words],
            low=[word for part in parts for word in part.low],
            lemma=[lemma for part in parts for lemma in part.lemma],
            pos=[pos for part in parts for pos in part.pos],
            tag=[tag for part in parts for tag in part.tag],
            dep=[dep for part in parts for dep in part.dep],
            head=shifted((part.head for part in parts), starts),
            start=shifted((part.start for part in parts), texts),
            end=shifted((part.end for part in parts), texts),
            sentence=shifted((part.sentence for part in parts), sentences),
            entities=[(first + by, end + by, label) for by, part in numbered for first, end, label in part.entities],
            children=[[child + by for child in below] for by, part in numbered for below in part.children],
            given=[
                (first + by, end + by, kind, name) for by, part in numbered for first, end, kind, name in part.given
            ],
        )

    def replace(self, first: int, other: "Parse") -> None:
        """Puts another parse of the same tokens, which make whole sentences, in their place; text and offsets stay."""
        end = first + len(other)
        for name in ("words", "lemma", "pos", "tag", "dep"):
            getattr(self, name)[first:end] = getattr(other, name)
        self.head[first:end] = [head + first for head in other.head]
        self.children[first:end] = [[child + first for child in below] for below in other.children]
        base = self.sentence[first]
        after = self.sentence[end:]
        last = base + other.sentence[-1]
        shift = last + 1 - after[0] if after and after[0] != self.sentence[end - 1] else last - self.sentence[end - 1]
        self.sentence[first:] = [base + number for number in other.sentence] + [number + shift for number in after]
        kept = [one for one in self.entities if one[1] <= first or one[0] >= end]
        new = [(start + first, stop + first, label) for start, stop, label in other.entities]
        self.entities = sorted([*kept, *new])

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """First token and one past the last of every sentence."""
        bounds: list[tuple[int, int]] = []
        first = 0
        for index in range(1, len(self) + 1):
            if index == len(self) or self.sentence[index] != self.sentence[first]:
                bounds.append((first, index))
                first = index
        return bounds

    @cached_property
    def small(self) -> frozenset[str]:
        """The words that the text has in small letters."""
        return frozenset(word for word in self.words if word.islower())

    @cached_property
    def alone(self) -> frozenset[str]:
        """The capitalised words that stand somewhere without another one beside them, as surnames do."""
        return frozenset(
            word
            for token, word in enumerate(self.words)
            if word[:1].isupper()
            and self.pos[token] == "PROPN"
            and not (token and self.words[token - 1][:1].isupper() and self.pos[token - 1] == "PROPN")
            and not (token + 1 < len(self) and self.words[token + 1][:1].isupper())
        )

    @cached_property
    def capitals(self) -> list[int]:
        """The tokens that begin with a capital letter."""
        return [token for token, word in enumerate(self.words) if word[:1].isupper()]

    @cached_property
    def line_starts(self) -> list[int]:
        """The tokens that begin a line."""
        starts = [0] if len(self) else list[int]()
        for token in range(1, len(self)):
            between = self.text[self.end[token - 1] : self.start[token]]
            if "\n" in between or "\n" in self.words[token - 1]:
                starts.append(token)
        return starts

    @cached_property
    def _places(self) -> tuple[dict[int, int], dict[int, int]]:
        return {at: i for i, at in enumerate(self.start)}, {at: i + 1 for i, at in enumerate(self.end)}

    def tokens_at(self, start: int, end: int) -> tuple[int, int] | None:
        """First token and one past the last of a stretch of the text; None where it cuts through a token."""
        starts, ends = self._places
        first, last = starts.get(start), ends.get(end)
        return None if first is None or last is None else (first, last)

    def sentence_of(self, token: int) -> range:
        """The tokens of the sentence that a token stands in."""
        return range(*self.sentences[self.sentence[token]])

    def kids(self, token: int, *deps: str) -> list[int]:
        """The children of a token with one of these dependencies, in text order."""
        below, dep = self.children[token], self.dep
        return [child for child in below if dep[child] in deps] if below else []

    def subtree(self, token: int) -> list[int]:
        """The token and all below it, in text order."""
        found = [token]
        for index in found:
            found.extend(self.children[index])
        return sorted(found)

    def conjuncts(self, token: int) -> list[int]:
        """The token and what is coordinated with it, to its right."""
        found = [token]
        for index in found:
            found.extend(child for child in self.children[index] if self.dep[child] == "conj")
        return found

    def above(self, token: int) -> list[int]:
        """The heads of a token up to the root, nearest first."""
        chain: list[int] = []
        while self.head[token] != token:
            token = self.head[token]
            chain.append(token)
        return chain

    def clause(self, token: int) -> int:
        """The nearest verb (or other root of a clause) above a token, or itself."""
        while self.head[token] != token and not (self.pos[token] in ("VERB", "AUX") and self.dep[token] in CLAUSES):
            token = self.head[token]
        return token

    def is_passive(self, verb: int) -> bool:
        """Whether a verb is in the passive: also a bare participle after a noun, and "got killed".

        Reports that they *have killed* three are active, though the clause depends on a noun.
        """
        if any(self.dep[child] in ("nsubjpass", "auxpass", "csubjpass", "agent") for child in self.children[verb]):
            return True
        return self.dep[verb] == "acl" and self.tag[verb] == "VBN" and not self.kids(verb, "nsubj", "aux")

    def capital(self, token: int) -> bool:
        """Whether a token begins with a capital letter."""
        return self.words[token][:1].isupper()

    def singular(self, token: int) -> str:
        """The noun in the singular, also where a capital letter hides it: Depositors Rally."""
        lemma = self.lemma[token]
        if self.pos[token] == "PROPN" and lemma == self.low[token] and lemma.endswith("s"):
            return f"{lemma[:-3]}y" if lemma.endswith("ies") else lemma[:-1]
        return lemma

    def surface(self, first: int, end: int) -> str:
        """The text from the first token up to `end`, as it stands."""
        return self.text[self.start[first] : self.end[end - 1]]

    def in_article(self, first: int, end: int) -> tuple[int, int, str]:
        """Where the words from the first token up to `end` begin and end in the article, and its text there."""
        start, stop, text = self.start[first], self.end[end - 1], self.text
        if self.written is not None:
            (start, stop), text = self.written.stretch(start, stop), self.written.text
        return start, stop, text[start:stop]

    def top(self, first: int, end: int) -> int:
        """The word of a phrase that stands highest in the parse, from its last word up."""
        token = end - 1
        while first <= self.head[token] < end and self.head[token] != token:
            token = self.head[token]
        return token

    def hyphenated(self, token: int) -> int:
        """The first token of a word that hyphens hold together up to this one: *non*-committal."""
        while (
            token > 1
            and self.words[token - 1] == "-"
            and self.end[token - 2] == self.start[token - 1]
            and self.end[token - 1] == self.start[token]
        ):
            token -= 2
        return token

    def path(self, start: int, goal: int, longest: int) -> str:
        """The dependencies from a word up, then down to another; "" where that is longer."""
        seen, up, token = {start: 0}, list[str](), start
        while self.head[token] != token and len(up) < longest:
            up.append(self.dep[token])
            token = self.head[token]
            seen[token] = len(up)
        down: list[str] = []
        token = goal
        while token not in seen:
            if self.head[token] == token or len(down) >= longest:
                return ""
            dep = self.dep[token]
            down.append(f"{dep}:{self.low[token]}" if dep in ("prep", "agent") else dep)
            token = self.head[token]
        if seen[token] + len(down) > longest + 1:
            return ""
        return "^".join(up[: seen[token]]) + "/" + "/".join(reversed(down))
