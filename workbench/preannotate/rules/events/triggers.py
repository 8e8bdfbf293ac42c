"""Triggers: the words that name events."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.judge import GROUP, Judge, is_weak
from workbench.preannotate.rules.events.matcher import WIDEST, Matcher
from workbench.preannotate.rules.lexicon import NONE, Entry, Lexicon, refuses
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis
from workbench.preannotate.rules.weights import LEAST, Weights, likelihood

PARTICIPLES = frozenset({"VBN", "VBG", "JJ", "NN"})
"""What stands before a noun; a finite verb there is a parse that went wrong."""
_FINITE = frozenset({"VB", "VBP", "VBZ"})
_PHRASES = frozenset({"nsubj", "nsubjpass", "pobj"})
"""Where nouns stand; a finite verb there is one that the tagger took for a verb: *Aid* to Gaza was cut."""


class TriggerFinder:
    """Finds the words of one text that name events. `by_token` has the event of each word that is part of a trigger."""

    def __init__(self, reading: TextAnalysis, lexicon: Lexicon) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._lexicon = lexicon
        self.matcher = Matcher(reading)
        self.by_token: dict[int, Frame] = {}

    def find(self, weights: Weights) -> list[Frame]:
        """The events by their triggers, in text order, each with its probability; no two share a word."""
        found, least = self.candidates(), weights.least.get(GROUP, LEAST)
        judge = Judge(self._reading, self._lexicon, found)
        for frame in found:
            frame.score, frame.judged = likelihood(weights.total(GROUP, judge.features(frame))), True
        kept = [frame for frame in found if frame.score >= least]
        self.by_token.clear()
        for frame in kept:
            self._take(frame)
        return kept

    def candidates(self) -> list[Frame]:
        """What may be events by the words alone, in text order; no two share a word."""
        parse = self._parse
        found: list[Frame] = []
        for token in range(len(parse)):
            pos = self.part_of_speech(token)
            if pos is None:
                continue
            match = self.matcher.best(token, self._lexicon.events, pos)
            if match is None and pos == "n" and parse.tag[token] == "VBG":
                match = self.matcher.best(token, self._lexicon.events, "v")
            if match is None or match[0].category == NONE or not self._may_be(token, match[0]):
                continue
            entry, inside = match
            if pos == "n" and self._parse.low[max(token - 2, 0)] == "pre" and self._parse.hyphenated(token) < token:
                inside.add(self._parse.hyphenated(token))
            start, end = self._extent(token, inside)
            if refuses(entry):
                start = self._from_negation(token, start)
            kind = entry.pos + ("+" if entry.conditions else "")
            found.append(Frame(entry.category, start, end, token, entry, kind))
        return self._kept(self._taken_up(found))

    def _taken_up(self, found: list[Frame]) -> list[Frame]:
        """The triggers with those nouns that only the events before them give a meaning: praised *the operation*.

        A noun alone means what it means elsewhere in the text, where more than the word tells: a *strike*, called by nurses.
        """
        strong = [frame for frame in found if not is_weak(frame)]
        senses = self._senses(strong)
        first_told: dict[str, int] = {}
        for frame in reversed(strong):
            for token in range(frame.start, frame.end):
                first_told[self._parse.lemma[token]] = token
        last: Entry | None = None
        frames: list[Frame] = []
        by_head = {frame.head: frame for frame in strong}
        weak = {frame.head: frame for frame in found if is_weak(frame)}
        parse = self._parse
        for token in range(len(parse)):
            frame = by_head.get(token)
            general = frame is None and parse.pos[token] == "NOUN" and parse.lemma[token] in self._words["general_deed"]
            if general and last is not None and self._is_definite(token):
                frame = Frame(last.category, token, token + 1, token, self._use(token, last.category), "n+")
            told = senses.get(parse.lemma[token]) if frame is None and parse.pos[token] == "NOUN" else None
            if told is not None and token > first_told[parse.lemma[token]] and self._is_taken_up(token):
                frame = Frame(told.category, token, token + 1, token, told, "n+")
            if frame is None and token in weak:
                frames.append(weak[token])
            if frame is None or frame.entry is None:
                continue
            sense = senses.get(parse.lemma[token])
            if sense is not None and frame.entry.pos == "n" and not frame.entry.conditions:
                frame.entry, frame.label = sense, sense.category
            if frame.label in self._lexicon.deeds:
                last = frame.entry
            frames.append(frame)
        return frames

    def _senses(self, found: list[Frame]) -> dict[str, Entry]:
        """For nouns with one sense in a text, as far as more than the word alone tells it, a use of that sense."""
        parse = self._parse
        categories: dict[str, set[str]] = {}
        uses: dict[tuple[str, str], Entry] = {}
        for frame in found:
            if (
                frame.entry is None
                or not frame.entry.conditions
                or (parse.pos[frame.head] == "VERB" and frame.end - frame.start == 1)
            ):
                continue
            for token in range(frame.start, frame.end):
                if parse.pos[token] == "NOUN":
                    categories.setdefault(parse.lemma[token], set()).add(frame.label)
                    use = frame.entry if frame.entry.pos == "n" else self._use(token, frame.label)
                    if use is not None:
                        uses.setdefault((parse.lemma[token], frame.label), use)
        alone = {noun: next(iter(labels)) for noun, labels in categories.items() if len(labels) == 1}
        return {noun: uses[noun, label] for noun, label in alone.items() if (noun, label) in uses}

    def _is_taken_up(self, noun: int) -> bool:
        """Whether a noun that is no event by itself speaks of one that was told: "they reached a deal; *the deal* …"."""
        return self._is_definite(noun) and self._parse.dep[noun] not in ("compound", "nmod", "amod")

    def _is_definite(self, noun: int) -> bool:
        """Whether a noun takes up what was told: *the* operation; not the operation *of* a plant."""
        parse = self._parse
        return any(parse.low[one] in ("the", "this", "that") for one in parse.kids(noun, "det")) and not any(
            parse.low[one] == "of" for one in parse.kids(noun, "prep")
        )

    def _use(self, noun: int, category: str) -> Entry | None:
        """The use of a noun that has a category, whatever its conditions."""
        uses = self._lexicon.events.get((self._parse.lemma[noun], "n"), ())
        return next((one for one in uses if one.category == category), None)

    def _kept(self, found: list[Frame]) -> list[Frame]:
        """The triggers that share no word, the longest first, weak ones last.

        Of those with the same words and another category each, the one whose verb stands outside: a *strike* was called.
        """
        kept: list[Frame] = []
        alone = {(frame.start, frame.end, frame.label) for frame in found if frame.start <= frame.head < frame.end}

        def rank(frame: Frame) -> tuple[bool, int, int, bool]:
            by_itself = frame.start <= frame.head < frame.end or (frame.start, frame.end, frame.label) in alone
            return is_weak(frame), frame.start - frame.end, frame.start, by_itself

        for frame in sorted(found, key=rank):
            if all(token not in self.by_token for token in range(frame.start, frame.end)):
                self._take(frame)
                kept.append(frame)
        return sorted(kept, key=lambda frame: frame.start)

    def _take(self, frame: Frame) -> None:
        self.by_token.update(dict.fromkeys(range(frame.start, frame.end), frame))

    def part_of_speech(self, token: int) -> str | None:
        """The lexicon's part of speech of a word: v, n or a; None where it can be no trigger."""
        parse = self._parse
        pos, tag = parse.pos[token], parse.tag[token]
        if pos == "VERB" and tag in _FINITE and parse.dep[token] in _PHRASES and not parse.kids(token, "nsubj", "aux"):
            return "n"
        if pos in ("VERB", "AUX"):
            return "a" if tag.startswith("JJ") else "v"
        if pos == "NOUN":
            return "v" if token and parse.tag[token - 1] == "TO" and tag == "NN" else "n"
        if pos == "PROPN":
            named = self._reading.mentions.at(token) is not None or self._is_name(token)
            return "n" if parse.words[token].isupper() or not named else None
        if pos == "ADJ":
            return "v" if tag == "VBN" else "a"
        if pos in ("ADP", "SCONJ", "ADV") and parse.dep[token] in ("prep", "acomp", "advmod"):
            return "a" if parse.lemma[parse.head[token]] == "be" else None
        return None

    def _is_name(self, token: int) -> bool:
        """Whether a word is part of a name that nobody knows, by its capital within a sentence: the charity *Lifeline*."""
        return token > self._parse.sentences[self._parse.sentence[token]][0] and self._parse.capital(token)

    def _may_be(self, token: int, entry: Entry) -> bool:
        parse = self._parse
        mention = self._reading.mentions.at(token)
        if (mention is not None and mention.kind not in ("quantity",)) or self._reading.is_agent(token):
            return False
        if entry.pos == "n" and parse.dep[token] in ("compound", "amod", "nmod") and parse.head[token] > token:
            head = self._parse.head[token]
            if parse.low[token + 1] in ("and", "or") and (parse.lemma[head], "n") in self._lexicon.events:
                return True
            return parse.lemma[head] in self._words["trigger_carrier"]
        if entry.pos == "v" and parse.dep[token] in ("amod", "compound") and parse.tag[token] in PARTICIPLES:
            return False
        return not (entry.pos == "n" and parse.dep[token] == "npadvmod")

    def _extent(self, token: int, inside: set[int]) -> tuple[int, int]:
        """The trigger from its first to its last token; without what stands too far away, or with names between."""
        start, end = min(inside), max(inside) + 1
        if end - start > WIDEST or (
            self._parse.pos[token] in ("VERB", "AUX")
            and min(inside) < self._parse.hyphenated(token)
            and self._parse.pos[min(inside)] == "NOUN"
        ):
            nouns = [t for t in inside if t != token and self._parse.pos[t] in ("NOUN", "PROPN")]
            near = nouns[:1] or [t for t in inside if abs(t - token) < 3]
            start, end = min(near), max(near) + 1
        for between in range(start, end):
            mention = self._reading.mentions.at(between)
            if between not in inside and mention is not None and mention.kind in ACTORS:
                return token, token + 1
        return start, end

    def _from_negation(self, token: int, start: int) -> int:
        """Where a refusal begins: at its negation, and at the "can" that is one word with it."""
        parse = self._parse
        near = [t for t in self._reading.clauses.negations(token) if 0 < start - t < WIDEST and parse.dep[t] == "neg"]
        first = min(near, default=start)
        glued = first < start and first and parse.end[first - 1] == parse.start[first]
        return first - 1 if glued else first
