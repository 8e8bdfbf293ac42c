"""What the finders of evaluations share: how wide an evaluation is, what it is of, and the stance that is made of it."""

from collections.abc import Iterable

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import ACTORS, Filler
from workbench.preannotate.rules.stances.finder import Ground, KindFinder
from workbench.preannotate.rules.stances.targets import CLITICS, TRAILING, Target
from workbench.preannotate.rules.stances.verdicts import Verdicts

KIND = "evaluation"
PERSONS = frozenset({"you", "who", "what", "there", "he", "she", "they"})
"""Subjects of which nothing is said that could be the target."""
LONGEST_NAME = 8
"""How many words a name that somebody gives a thing has at most."""
ENDS = frozenset({",", ".", ";", "”", '"', "’", "!", "?"})
_MEANT = frozenset({"it", "this", "that", "he", "she", "they"})
"""Pronouns for what a speaker speaks of: “It's not fair,” she said *of the plan*."""
_ARTICLES = frozenset({"a", "an", "the"})
_WITHIN = frozenset({"amod", "advmod", "conj", "cc", "prep", "pobj", "det", "compound", "neg", "punct"})


class EvaluationFinder(KindFinder):
    """Finds evaluations of one form in one text."""

    def __init__(self, ground: Ground, verdicts: Verdicts) -> None:
        super().__init__(ground)
        self._verdicts = verdicts

    def _is_open(self, verb: int) -> bool:
        """Whether something is only asked or supposed to be so: if it is fair, whether, could be, a question."""
        return self._reading.is_supposed(verb) or self._reading.is_asked(verb)

    def _made(
        self, word: int, label: str, targets: list[int], holders: Iterable[Filler] | None, how: str
    ) -> Frame | None:
        """The stance that a judgement shows; without `holders` it is the author's."""
        start, end = self._extent(word)
        frame = Frame(label, start, end, word, None, f"{KIND}:{how}")
        fillers = [] if holders is None else list(holders)
        for filler in fillers:
            if filler.mention.kind in ACTORS:
                frame.add("holder", filler.mention, f"{how}:{filler.route}")
        if not fillers and holders is not None and how != "quoted":
            return None
        for token in targets[:1]:
            beyond = self._targets.through(token) if token > word else None
            target = self._meant(beyond[0] if beyond is not None and not beyond[1] else token, word, frame)
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.add("target", target[0], f"{how}:{target[1]}")
        return self._speech.expressed(frame)

    def _held(self, label: str, start: int, end: int, head: int, speakers: Iterable[Filler], how: str) -> Frame:
        """A stance of those who say so, which is about nothing yet."""
        frame = Frame(label, start, end, head, None, f"{KIND}:{how}")
        for filler in speakers:
            frame.add("holder", filler.mention, f"{how}:{filler.route}")
        return frame

    def _about(self, frame: Frame, target: Target | None, how: str) -> Frame | None:
        """The stance with what it is about; None where it shows none, or is about nothing, or about who says so."""
        if not frame.label or target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"{how}:{target[1]}")
        return self._speech.expressed(frame)

    def _meant(self, token: int, word: int, frame: Frame) -> Target | None:
        """What is evaluated; where it is "it", what the predicate names: the call … it was a useful *talk*."""
        same = self._targets.same(token, word)
        if same is not None:
            return same, "pronoun"
        quote = self._reading.quote_of.get(token)
        if quote is not None and quote.verb is not None and self._parse.low[token] in _MEANT:
            for about in self._said_of(quote.verb):
                target = self._targets.of(about, frame)
                if target is not None:
                    return target
        return self._targets.of(token, frame)

    def _spoken_of(self, pronoun: int) -> list[int]:
        """Whom a pronoun in a quotation stands for, where the verb of speech tells: “He's a liar,” she said *of Holm*."""
        quote = self._reading.quote_of.get(pronoun)
        if quote is None or quote.verb is None or self._parse.low[pronoun] not in _MEANT:
            return []
        return self._said_of(quote.verb)

    def _said_of(self, verb: int) -> list[int]:
        """What a verb of speech says something of: “It's not fair,” she said *of the plan*."""
        clauses = self._reading.clauses
        return [*clauses.prepositional(verb, "of"), *clauses.prepositional(verb, "about")]

    def _extent(self, word: int) -> tuple[int, int]:
        """The predicate with what is before it, what is coordinated, its negation and "be"."""
        parse = self._parse
        subjects = [t for t in parse.kids(word, "nsubj", "nsubjpass") if parse.pos[t] != "PRON"]
        subjects += [] if self._reading.clauses.state_helpers(word) else parse.kids(word, "auxpass")
        whose = {t for subject in subjects for t in parse.subtree(subject)}
        subtree = {t for t in parse.subtree(word) if (t <= word or parse.dep[t] in _WITHIN) and t not in whose}
        start, end = parse.hyphenated(word), word + 1
        while start - 1 in subtree and parse.words[start - 1] not in TRAILING:
            start -= 1
        while end in subtree and parse.words[end] not in ENDS and parse.dep[end] in ("cc", "conj", "advmod", "neg"):
            end += 1
        if parse.dep[end - 1] == "cc":
            end -= 1
        phrase = self._verdicts.phrase(word)
        if phrase is not None:
            end = max(end, phrase[1])
        way = [t for t in range(end, min(end + 5, len(parse))) if parse.low[t] in ("direction", "way")]
        if way and parse.low[end] == "in" and any(parse.low[t] in ("right", "wrong") for t in range(end, way[0])):
            end = way[0] + 1
        if parse.pos[word] == "NOUN":
            for child in parse.kids(word, "prep"):
                phrase = parse.subtree(child)
                inside = child in self._reading.quote_of and word in self._reading.quote_of
                if parse.low[child] == "for" and any(self._reading.actor_at(t) for t in phrase):
                    continue
                if child == end and inside and phrase[-1] - child < 5 and phrase[-1] in self._reading.quote_of:
                    end = phrase[-1] + 1
        if parse.dep[word] == "prep":
            end = max([end, *(t + 1 for t in parse.subtree(word) if t - word < 4)])
            while end > word + 1 and parse.pos[end - 1] in ("ADP", "DET"):
                end -= 1
        above = parse.head[word]
        if start > 1 and parse.low[start - 1] == "yet" and parse.dep[start - 2] == "neg":
            start -= 1
        while start and start - 1 > above and parse.head[start - 1] == above and parse.dep[start - 1] == "neg":
            start -= 1
        if (
            start
            and above == start - 1
            and (self._is_included(above, word) or (parse.lemma[above] == "remain" and parse.pos[word] != "NOUN"))
            and parse.words[above] not in CLITICS
        ):
            start -= 1
            while start and parse.head[start - 1] == above and parse.dep[start - 1] in ("aux", "neg"):
                start -= 1
        return self._after_article(start, word), end

    def _after_article(self, start: int, word: int) -> int:
        """Where an evaluation begins: after its article (a *very oppressive* regime), but where that opens a quotation: “*a trap*”."""
        quote = self._reading.quote_of.get(start)
        is_article = start < word and self._parse.low[start] in _ARTICLES
        return start + 1 if is_article and (quote is None or quote.start != start) else start

    def _is_included(self, be: int, word: int) -> bool:
        """Whether "be" belongs to a predicate: *is out of* the question, *would be* fair; not: is *fair*."""
        parse = self._parse
        if parse.lemma[be] != "be":
            return False
        return parse.dep[word] == "prep" or be in self._reading.clauses.state_helpers(word)
