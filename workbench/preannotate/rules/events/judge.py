"""How likely it is that a word which may name an event does, by all that stands around it: data/triggers.tsv has the weights.

Nothing of the word itself counts but its category, its part of speech and how many uses the lexicon has for it.
"""

from collections import Counter
from collections.abc import Iterator

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis

FILE = "triggers.tsv"
GROUP = "event"
"""The group of the weights; there is one."""
_ABOVE = ("support_verb", "speech", "future_operator", "hypothetical_operator", "negative_operator")
_POLITICAL = frozenset({"gpe", "norp"})


class Judge:
    """Tells the features of each possible event of one text."""

    def __init__(self, reading: TextAnalysis, lexicon: Lexicon, frames: list[Frame]) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._lexicon = lexicon
        self._frames = frames
        parse = reading.parse
        self._of_sentence: dict[int, list[Frame]] = {}
        for frame in frames:
            self._of_sentence.setdefault(parse.sentence[frame.head], []).append(frame)
        self._labels = Counter(frame.label for frame in frames)
        self._lemmas = Counter(parse.lemma[frame.head] for frame in frames)
        self._of_text = list(self._text())
        self._of_label: dict[str, list[str]] = {}
        self._unnamed = {parse.sentence[mention.start] for mention in reading.nameless}
        self._kinds: dict[int, set[str]] = {}
        for mention in reading.mentions.all:
            self._kinds.setdefault(parse.sentence[mention.start], set()).add(mention.kind)

    def features(self, frame: Frame) -> list[str]:
        """What speaks for or against an event."""
        pos = frame.entry.pos if frame.entry is not None else "x"
        weak = "weak" if is_weak(frame) else "plain"
        shape = self._verb(frame) if pos == "v" else self._noun(frame) if pos == "n" else self._state(frame)
        found = ["", pos, frame.label, f"{frame.label} {pos}", weak, f"{weak} {frame.label}", *self._row(frame)]
        found += [f"{pos} {one}" for one in (*shape, *self._who(frame))]
        found += self._where(frame)
        if frame.label not in self._of_label:
            self._of_label[frame.label] = [*self._of_text, *(f"{frame.label} {one}" for one in self._of_text)]
        return found + self._of_label[frame.label]

    def _row(self, frame: Frame) -> Iterator[str]:
        """How much its row of the lexicon asks for, and how many other uses its word has."""
        entry = frame.entry
        if entry is None:
            return
        uses = self._lexicon.events.get((self._parse.lemma[frame.head], entry.pos), [])
        conditions, meanings = min(len(entry.conditions), 2), min(len({one.category for one in uses}), 3)
        yield f"conditions {conditions}"
        yield f"{entry.pos} conditions {conditions}"
        yield f"uses {min(len(uses), 3)}"
        yield f"meanings {meanings}"
        yield f"conditions {conditions} meanings {meanings}"
        yield f"words {min(frame.end - frame.start, 3)}"
        yield f"kind {frame.kind}"

    def _who(self, frame: Frame) -> Iterator[str]:
        """Who stands around a word as subject, object, owner, by what kind of entity they are."""
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        pos = frame.entry.pos if frame.entry is not None else "x"
        if pos == "n":
            owner = parse.kids(head, "poss")
            yield f"owner {self._sort(owner)}"
            named = [
                t for t in parse.kids(head, "amod", "compound", "nmod") if self._reading.mentions.at(t) is not None
            ]
            yield f"modifier {self._sort(named)}"
            verb = clauses.governing(head)
            if verb is not None:
                yield f"above {self._sort([s for s in clauses.subjects(verb) if s != head])}"
            return
        subjects = clauses.subjects(head) if pos == "v" else clauses.subjects(parse.head[head])
        objects = [t for t in clauses.objects(head) if not frame.start <= t < frame.end]
        yield f"subject {self._sort(subjects)}"
        yield f"object {self._sort(objects)}"

    def _verb(self, frame: Frame) -> Iterator[str]:
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        yield "passive" if clauses.is_passive(head) else "active"
        for child in parse.kids(head, "aux"):
            yield f"aux {parse.lemma[child]}"
        if clauses.negated(head):
            yield "negated"
        if clauses.complements(head):
            yield "complement"
        if any(parse.low[c] in self._words["conditional"] for c in parse.kids(head, "mark")):
            yield "condition"
        above = parse.head[head]
        if parse.dep[head] in ("xcomp", "ccomp") and above != head:
            yield "below speech" if parse.lemma[above] in self._words["speech"] else f"below {parse.pos[above]}"
        if any(self._reading.is_date(t) for t in parse.children[head]):
            yield "dated"

    def _noun(self, frame: Frame) -> Iterator[str]:
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        determiners = [parse.low[c] for c in parse.kids(head, "det")]
        yield f"det {determiners[0]}" if determiners else "no det"
        if clauses.negated(head):
            yield "negated"
        if parse.kids(head, "amod"):
            yield "adjective"
        if parse.kids(head, "compound", "nmod"):
            yield "compound"
        if parse.dep[head] == "pobj":
            yield f"after {parse.low[parse.head[head]]}"
            if parse.pos[parse.head[parse.head[head]]] == "NOUN":
                yield "of noun"
        verb = clauses.governing(head)
        if verb is not None:
            yield next((f"under {kind}" for kind in _ABOVE if parse.lemma[verb] in self._words[kind]), "under other")
        if parse.words[head].isupper() or (parse.capital(head) and head > parse.sentences[parse.sentence[head]][0]):
            yield "capital"

    def _state(self, frame: Frame) -> Iterator[str]:
        parse, head = self._parse, frame.head
        yield f"dep {parse.dep[head]}"
        yield f"above {parse.pos[parse.head[head]]}"

    def _where(self, frame: Frame) -> Iterator[str]:
        """Where a word stands in the text, and among which others that may name events."""
        parse, head = self._parse, frame.head
        sentence = parse.sentence[head]
        if head in self._reading.quote_of:
            yield "quoted"
        place = 0 if sentence == 0 else 1 if sentence < 3 else 2 if sentence < 8 else 3
        yield f"sentence {place}"
        others = [one for one in self._of_sentence[sentence] if one is not frame]
        yield f"beside {min(len(others), 2)}"
        if any(one.label == frame.label for one in others):
            yield "beside same"
        yield f"same {min(self._labels[frame.label] - 1, 3)}"
        yield f"lemma {min(self._lemmas[parse.lemma[head]] - 1, 2)}"
        kinds = self._kinds.get(sentence, set[str]())
        yield f"actors {min(len(kinds & ACTORS) + (sentence in self._unnamed), 2)}"
        if kinds & _POLITICAL:
            yield "political sentence"

    def _text(self) -> Iterator[str]:
        """What the text is like."""
        parse = self._parse
        words = max(len(parse), 1)
        per = len(self._frames) * 100 / words
        yield f"density {min(int(per / 1.5), 4)}"
        kinds = Counter(m.kind for m in self._reading.mentions.all)
        political = (kinds["gpe"] + kinds["norp"]) * 100 / words
        yield f"political {min(int(political / 1.5), 4)}"
        yield f"persons {min(int(kinds['person'] * 100 / words / 1.5), 3)}"
        yield f"bodies {min(int(kinds['org'] * 100 / words / 1.5), 3)}"

    def _sort(self, tokens: list[int]) -> str:
        """The sort of entity that the first of some words stands for: its kind, a pronoun, a thing; none."""
        parse = self._parse
        if not tokens:
            return "none"
        token = tokens[0]
        mention = self._reading.actor_at(token)
        if mention is not None:
            return mention.kind
        named = self._reading.mentions.at(token)
        if named is not None:
            return named.kind
        if parse.pos[token] == "PRON":
            low = parse.low[token]
            words = self._words
            return "relative" if low in words["relative"] else "it" if low in words["it"] else "pronoun"
        if parse.lemma[token] in self._words["thing_noun"]:
            return "thing"
        if any(frame.start <= token < frame.end for frame in self._of_sentence.get(parse.sentence[token], ())):
            return "event"
        return parse.pos[token].lower()


def is_weak(frame: Frame) -> bool:
    """Whether a word names an event only where its context says so."""
    return frame.entry is not None and frame.entry.weak
