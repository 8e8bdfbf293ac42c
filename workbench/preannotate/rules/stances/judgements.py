"""Who is judged, and how, by the words of a sentence: "the *botched* raid hurt Smith", "a *triumph* for Smith".

The lexicon's stances say where holder and target stand; most judgements of news have no such place. Here every actor of a
sentence with words that judge (`opinions.py`) gets features: which words, how the parse leads from them to the actor, how
many there are. Learned weights make a probability of them for each stance; the word that speaks for it most is the
expression.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis
from workbench.preannotate.rules.stances.finder import BY_THEMSELVES
from workbench.preannotate.rules.stances.opinions import POS, Opinion, Opinions
from workbench.preannotate.rules.stances.stances import StanceFinder
from workbench.preannotate.rules.weights import LEAST, Weights, likelihood

FILE = "judgements.tsv"
KIND = "judgement"
MOST = 12
"""A sentence with more words that judge is a list, or a parse that went wrong: the first so many are taken."""
_LONGEST = 4
_NEAR = 6
_MODIFIERS = frozenset({"compound", "amod", "nmod"})
_OF_OTHERS = frozenset({"charge", "esteem"})
_BY_AUTHORS = frozenset({"person", "org"})
"""Whom authors judge without naming anybody who does: praise of a country in passing is mostly none."""
_HINT, _FATE = "hint", "fate"


@dataclass(frozen=True)
class Word:
    """A word that judges."""

    token: int
    clause: int
    opinion: Opinion
    negated: bool


@dataclass(frozen=True)
class Case:
    """An actor beside words that judge: what speaks for or against a stance towards it, word by word, and besides."""

    mention: Mention
    features: list[str]
    by_word: list[tuple[Word, list[str]]]

    def all(self) -> Iterator[str]:
        """Every feature, each as often as it holds."""
        yield from self.features
        for _, features in self.by_word:
            yield from features


class Judgements:
    """The judgements of one text that the lexicon's stances leave over."""

    def __init__(self, reading: TextAnalysis, opinions: Opinions, finder: StanceFinder) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._opinions = opinions
        self._finder = finder
        self._starts = [mention.start for mention in reading.mentions.all]

    def find(self, known: list[Frame], weights: Weights) -> list[Frame]:
        """The known stances and those that are likely enough beside them, in text order.

        Nobody is judged twice in a sentence, nor by what he says of others: blamed Chad for the *lack* of progress.
        """
        taken = {token for frame in known for token in range(frame.start, frame.end)}
        judged = {self._place(r.filler) for f in known for r in f.playing("target") if isinstance(r.filler, Mention)}
        of_actors = [f for f in known if any(_is_actor(r.filler) for r in f.playing("target"))]
        held = [
            (self._place(r.filler), f.head)
            for f in of_actors
            for r in f.playing("holder")
            if isinstance(r.filler, Mention)
        ]
        likely: list[tuple[float, str, Case]] = []
        for case in self.cases():
            if self._place(case.mention) not in judged:
                score, label = max((likelihood(weights.total(g, case.all())), g) for g in weights.table)
                if score >= weights.least.get(label, LEAST):
                    likely.append((score, label, case))
        found: dict[int, Frame] = {}
        for score, label, case in sorted(likely, key=lambda one: -one[0]):
            place = self._place(case.mention)
            word = self._expression(case, label, weights, taken) if place not in judged else None
            if word is None:
                continue
            above = set(self._parse.above(word.token))
            if any(head in above for own, head in held if own == place):
                continue
            frame = found.get(word.token)
            if frame is None:
                frame = self._frame(word, label, case.mention)
                if frame is None or taken.intersection(range(frame.start, frame.end)):
                    continue
                frame.score = score
                for role in frame.roles:
                    role.score = score
                found[word.token] = frame
                taken.update(range(frame.start, frame.end))
            elif frame.label != label:
                continue
            judged.add(place)
            frame.add("target", case.mention, KIND)
            frame.roles[-1].score = score
        return sorted([*known, *found.values()], key=lambda frame: frame.start)

    def cases(self) -> Iterator[Case]:
        """Every actor of a sentence with words that judge."""
        parse, mentions = self._parse, self._reading.mentions
        for first, end in parse.sentences:
            words = self._words(first, end)
            if not words:
                continue
            low, high = bisect_left(self._starts, first), bisect_left(self._starts, end)
            for mention in mentions.all[low:high]:
                root = parse.top(mention.start, mention.end)
                if mention.kind in ACTORS and root not in self._reading.clauses.outside and not self._modifies(root):
                    clause = parse.clause(root)
                    by_word = [(word, self._of_word(word, root, clause)) for word in words]
                    yield Case(mention, self._of_mention(mention, root, words), by_word)

    def _modifies(self, root: int) -> bool:
        """Whether a name only says which: the *Labour* leader, the *American* people."""
        parse = self._parse
        return parse.dep[root] in _MODIFIERS and parse.pos[parse.head[root]] in ("NOUN", "PROPN")

    def _words(self, first: int, end: int) -> list[Word]:
        parse = self._parse
        found: list[Word] = []
        for token in range(first, end):
            if parse.pos[token] not in POS:
                continue
            opinion = self._opinions.of(parse.lemma[token], parse.low[token], parse.pos[token], parse.tag[token])
            if opinion is None:
                continue
            found.append(Word(token, parse.clause(token), opinion, self._reading.clauses.negated(token)))
        return found[:MOST]

    def _of_mention(self, mention: Mention, root: int, words: list[Word]) -> list[str]:
        """What an actor is and does, and which words are around it."""
        parse = self._parse
        dep, above = parse.dep[root], parse.head[root]
        features = ["", mention.kind, f"dep {dep}", f"{mention.kind} {dep}"]
        if dep == "nsubj" and parse.lemma[above] in self._reading.words["speech"]:
            features.append("speaks")
        features.append("in quotation" if root in self._reading.quote_of else "outside")
        count: dict[str, int] = {}
        for word in words:
            count[word.opinion.stance] = count.get(word.opinion.stance, 0) + 1
        features += [f"{stance} words {min(number, 4)}" for stance, number in count.items()]
        features.append(" ".join(f"{stance} {min(number, 2)}" for stance, number in sorted(count.items())))
        return features

    def _of_word(self, word: Word, root: int, clause: int) -> list[str]:
        """How a word that judges stands to an actor."""
        parse, token, opinion = self._parse, word.token, word.opinion
        lemma, dep = parse.lemma[token], parse.dep[root]
        path = parse.path(token, root, _LONGEST) or "far"
        where = "same" if word.clause == clause else "other"
        side = "before" if root < token else "after"
        turned = " not" if word.negated else ""
        what = f"{opinion.stance} {opinion.pos} {opinion.kind}{turned}"
        away = abs(token - root)
        distance = 0 if away < 3 else 1 if away < 7 else 2 if away < 15 else 3
        quote, other = self._reading.quote_of.get(token), self._reading.quote_of.get(root)
        quoted = "plain" if quote is None else "same quotation" if quote is other else "quotation"
        return [
            f"{what} {where}",
            f"{what} path {path}",
            f"{opinion.stance}{turned} path {path}",
            f"{what} {dep} {side}",
            f"{lemma} {where}{turned}",
            f"{lemma} {dep}{turned}",
            lemma,
            f"{opinion.stance}{turned} {side} {distance}",
            f"{opinion.stance} {quoted}",
        ]

    def _expression(self, case: Case, label: str, weights: Weights, taken: set[int]) -> Word | None:
        """The word that speaks most for a stance towards an actor, of those that nothing else is made of."""
        best: tuple[float, Word] | None = None
        for word, features in case.by_word:
            own = (word.opinion.stance == label) != word.negated
            if not own or word.token in taken or not self._may_judge(word, case.mention):
                continue
            total = weights.total(label, features)
            if total > 0 and (best is None or total > best[0]):
                best = total, word
        return best[1] if best is not None else None

    def _may_judge(self, word: Word, mention: Mention) -> bool:
        """Whether a word can be the expression of a stance towards an actor.

        It is none where it only goes with such words, or tells how a body fares; where it is far away, or only supposed;
        where it names an event that does not befall the actor; where it is the actor who judges with it, or to whom the
        deed is done.
        """
        parse, token, kind = self._parse, word.token, word.opinion.kind
        if kind == _HINT or (kind == _FATE and mention.kind != "person"):
            return False
        if token in mention.tokens or not parse.path(token, parse.top(mention.start, mention.end), _NEAR):
            return False
        if self._finder.is_unreal(token):
            return False
        event = self._finder.event_at(token)
        if event is not None and (kind not in _OF_OTHERS or any(r.filler is mention for r in event.playing("actor"))):
            return False
        if word.opinion.pos != "v":
            return True
        clauses = self._reading.clauses
        others = clauses.subjects(token) if kind in _OF_OTHERS else clauses.objects(token) if kind == "deed" else []
        return all(other not in mention.tokens for other in others)

    def _frame(self, word: Word, label: str, target: Mention) -> Frame | None:
        """The stance without its target; None where holder and target are the same, or nobody is named who judges a country."""
        holder = self._holder(word)
        if holder is None and (target.kind not in _BY_AUTHORS or len(self._parse.sentences) > BY_THEMSELVES):
            return None
        if holder is not None and self._place(holder)[1] == self._place(target)[1]:
            return None
        return self._finder.judged(word.token, label, holder, f"{KIND}:{word.opinion.pos}")

    def _holder(self, word: Word) -> Mention | None:
        """Who judges: the speaker of the quotation, who criticises or praises, who says so; else the author."""
        reading, parse, token = self._reading, self._parse, word.token
        if token in reading.quote_of:
            return next((filler.mention for filler in reading.speaker(token)), None)
        if word.opinion.kind in _OF_OTHERS:
            doers = reading.clauses.subjects(token) if word.opinion.pos == "v" else self._givers(token)
            return next((filler.mention for filler in reading.fillers(doers)), None)
        below = token
        for above in parse.above(token):
            if parse.dep[below] == "ccomp" and parse.lemma[above] in reading.words["speech"]:
                return next((filler.mention for filler in reading.fillers(reading.clauses.subjects(above))), None)
            below = above
        return None

    def _givers(self, noun: int) -> list[int]:
        clauses = self._reading.clauses
        return [*clauses.prepositional(noun, "from"), *clauses.prepositional(noun, "by")]

    def _place(self, mention: Mention) -> tuple[int, str]:
        """The sentence and the name of an actor."""
        parse = self._parse
        name = mention.norm or parse.surface(mention.start, mention.end)
        return parse.sentence[mention.start], name.casefold()


def _is_actor(filler: Mention | Frame) -> bool:
    return isinstance(filler, Mention) and filler.kind in ACTORS
