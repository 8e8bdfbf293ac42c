"""Who holds a stance and what it is about, where no rule says so: learned pairs of an expression with a holder, with a target.

The rules find expressions whose holder or target stands nowhere that they look: "the lender *declined*", a demand two lines
after who makes it. Here every actor around such an expression is a candidate for its holder, every event, name, noun and
clause for its target, each with features of the way there: dependencies, distance, quotation, kind, what the rules found.
Nothing of the words themselves counts. Learned weights make a probability of them; what is likely enough is filled in;
an expression that gets a holder is suggested, one that gets none is not.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import PAIR, Frame
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis
from workbench.preannotate.rules.stances.speech import Speech
from workbench.preannotate.rules.stances.targets import Targets
from workbench.preannotate.rules.weights import LEAST, Weights, likelihood

FILE = "pairs.tsv"
HOLDER, TARGET = "holder", "target"
_LONGEST = 4
_BACK = 2
_NEAR = (2, 5, 9, 16)
_CLAUSES = frozenset({"xcomp", "ccomp", "pcomp", "acl", "advcl", "csubj"})
_NAMES = ACTORS | {"loc", "fac", "work"}
_TOLD_BEFORE = frozenset({"nsubj", "nsubjpass", "dobj"})


@dataclass(frozen=True)
class Pair:
    """An expression with a candidate for one of its roles: the word that stands for it, and what speaks for it."""

    role: str
    token: int
    features: tuple[str, ...]
    mention: Mention | None = None


class Pairs:
    """The pairs of one text. `events` are its events by the word that names them."""

    def __init__(self, reading: TextAnalysis, targets: Targets, speech: Speech, events: dict[int, Frame]) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._targets = targets
        self._speech = speech
        self._events = events
        self._actors = sorted(
            (m for m in (*reading.mentions.all, *reading.nameless) if m.kind in ACTORS), key=lambda m: m.root
        )
        self._roots = [mention.root for mention in self._actors]

    def complete(self, known: list[Frame], loose: list[Frame], weights: Weights) -> list[Frame]:
        """The known stances and those of `loose` that somebody is likely to hold, in text order, with what they lacked."""
        taken = {token for frame in known for token in range(frame.start, frame.end)}
        found = list(known)
        for frame in known:
            if not frame.judged:
                self._fill(frame, HOLDER, weights)
        for frame in loose:
            if taken.intersection(range(frame.start, frame.end)) or self._repeats(frame, known):
                continue
            if frame.playing(HOLDER) or (not self.is_closed(frame) and self._fill(frame, HOLDER, weights)):
                self._fill(frame, TARGET, weights)
                frame.kind = f"{PAIR} {source_of(frame)}"
                found.append(frame)
                taken.update(range(frame.start, frame.end))
        return sorted(found, key=lambda frame: frame.start)

    def _repeats(self, frame: Frame, known: list[Frame]) -> bool:
        """Whether somebody's stance is what another one of his is about: stuck to *its demands*."""
        own = {id(role.filler) for role in frame.playing(HOLDER)}
        return any(
            own.intersection(id(role.filler) for role in other.playing(HOLDER))
            and any(role.filler.start <= frame.head < role.filler.end for role in other.playing(TARGET))
            for other in known
        )

    def _fill(self, frame: Frame, role: str, weights: Weights) -> bool:
        """Gives a stance the likeliest filler of a role that it lacks; whether there was one."""
        if frame.playing(role):
            return False
        scored = ((likelihood(weights.total(role, pair.features)), pair) for pair in self.of(frame, role))
        least = weights.least.get(role, LEAST)
        likely = sorted((one for one in scored if one[0] >= least), key=lambda one: -one[0])
        for score, pair in likely:
            filler = pair.mention or self.filler(pair, frame)
            if filler is not None and all(other.filler is not filler for other in frame.roles):
                frame.add(role, filler, PAIR)
                frame.roles[-1].score = score
                return True
        return False

    def filler(self, pair: Pair, frame: Frame) -> Mention | Frame | None:
        """What the word of a pair stands for."""
        found = self._targets.of(pair.token, frame)
        return found[0] if found is not None else None

    def of(self, frame: Frame, role: str) -> Iterator[Pair]:
        """The candidates for a role of a stance."""
        yield from self._holders(frame) if role == HOLDER else self._targets_of(frame)

    def _holders(self, frame: Frame) -> Iterator[Pair]:
        parse = self._parse
        sentence = parse.sentence[frame.head]
        first, end = parse.sentences[max(0, sentence - _BACK)][0], parse.sentences[sentence][1]
        low, high = bisect_left(self._roots, first), bisect_left(self._roots, end)
        speakers = {id(filler.mention) for filler in self._speech.speakers(frame.head)}
        given = {id(role.filler) for role in frame.playing(HOLDER)}
        others = {id(role.filler) for role in frame.playing(TARGET)}
        done_to = self._done_to(frame)
        judged = {self._name(role.filler) for role in frame.playing(TARGET) if isinstance(role.filler, Mention)}
        nearest = max((m.root for m in self._actors[low:high] if m.root < frame.start), default=-1)
        for mention in self._actors[low:high]:
            root = mention.root
            if frame.start <= root < frame.end or root in self._reading.clauses.outside or id(mention) in done_to:
                continue
            if id(mention) not in others and self._name(mention) in judged:
                continue
            own = ["given" if id(mention) in given else "another given" if given else "none given"]
            if id(mention) in others:
                own.append("is the target")
            if id(mention) in speakers:
                own.append("speaks")
            if root == nearest:
                own.append("nearest before")
            yield Pair(HOLDER, root, self._features(frame, root, mention.kind, own), mention)

    def _name(self, mention: Mention) -> str:
        return mention.norm or self._parse.surface(mention.start, mention.end)

    def is_closed(self, frame: Frame) -> bool:
        """Whether a stance counts only with a holder that its own words give: "its *demand*", was *pressed* by Chad; not: it is *unclear*."""
        pos = frame.entry.pos if frame.entry is not None else ""
        subjects = self._parse.kids(self._parse.head[frame.head], "nsubj") if pos == "a" else []
        announced = any(self._parse.low[t] == "it" for t in subjects)
        return pos == "n" or announced or self._parse.is_passive(frame.head)

    def _done_to(self, frame: Frame) -> set[int]:
        """To whom the word of a stance is done, who holds none by it: who was *pressed*."""
        event = self._events.get(frame.head)
        found = {id(role.filler) for role in event.playing("recipient")} if event is not None else set[int]()
        objects = self._reading.clauses.objects(frame.head) if self._parse.pos[frame.head] == "VERB" else []
        at = (self._reading.actor_at(token) for token in objects if token != frame.head)
        return found | {id(mention) for mention in at if mention is not None}

    def _targets_of(self, frame: Frame) -> Iterator[Pair]:
        parse = self._parse
        sentence = parse.sentence[frame.head]
        start, end = parse.sentences[max(0, sentence - 1)][0], parse.sentences[sentence][1]
        here = parse.sentences[sentence][0]
        given = {t for role in frame.playing(TARGET) for t in range(role.filler.start, role.filler.end)}
        holders = {t for role in frame.playing(HOLDER) for t in range(role.filler.start, role.filler.end)}
        after = True
        for token in range(start, end):
            kind = self._kind(token)
            if not kind or frame.start <= token < frame.end or token in self._reading.clauses.outside:
                continue
            if token < here and (parse.dep[token] not in _TOLD_BEFORE or kind == "clause"):
                continue
            own = ["given" if token in given else "another given" if given else "none given"]
            if token in holders:
                own.append("is the holder")
            if token >= frame.end and after:
                own.append("first after")
                after = False
            yield Pair(TARGET, token, self._features(frame, token, kind, own))

    def _kind(self, token: int) -> str:
        """What a word could be as a target; "" for nothing."""
        parse = self._parse
        event = self._events.get(token)
        if event is not None:
            return f"event {event.label}" if event.head == token else ""
        mention = self._reading.mentions.at(token)
        if mention is not None:
            return mention.kind if mention.kind in _NAMES and token == mention.root else ""
        if parse.pos[token] == "NOUN":
            if parse.dep[token] in ("compound", "amod", "nmod", "npadvmod"):
                return ""
            return "agent" if self._reading.is_agent(token) else "thing"
        if parse.pos[token] == "PRON":
            return "pronoun" if parse.low[token] in ("it", "this", "that", "them", "him", "her") else ""
        return "clause" if parse.pos[token] in ("VERB", "AUX") and parse.dep[token] in _CLAUSES else ""

    def _features(self, frame: Frame, token: int, kind: str, own: list[str]) -> tuple[str, ...]:
        """What speaks for a pair: how the stance was found, the way to the candidate, what that is."""
        parse, reading, head = self._parse, self._reading, frame.head
        dep = parse.dep[token]
        what = kind.split()[0]
        source = source_of(frame)
        pos = {"VERB": "v", "AUX": "v", "NOUN": "n", "ADJ": "a"}.get(parse.pos[head], "x")
        path = parse.path(head, token, _LONGEST) or "far"
        side = "before" if token < frame.start else "after"
        away = parse.sentence[head] - parse.sentence[token]
        distance = sum(abs(token - head) > limit for limit in _NEAR)
        quote, other = reading.quote_of.get(head), reading.quote_of.get(token)
        quoted = "plain" if quote is None and other is None else "same" if quote is other else "in and out"
        place = f"{side} {distance}" if not away else f"{away} back"
        clause = "same clause" if parse.clause(head) == parse.clause(token) else "other clause"
        return (
            "",
            *own,
            *(f"{source} {one}" for one in own),
            source,
            what,
            kind,
            f"dep {dep}",
            f"{what} {dep}",
            f"{pos} {path}",
            f"{what} {pos} {path}",
            place,
            f"{pos} {place}",
            f"{what} {place}",
            f"{dep} {place}",
            f"{quoted} {side}",
            f"{clause} {dep}",
            "passive" if parse.is_passive(head) else "active",
            f"{'passive' if parse.is_passive(head) else 'active'} {dep} {side}",
        )


def source_of(frame: Frame) -> str:
    """How a stance was found, broadly: carried REQUEST v, evaluation, wish, lexicon v."""
    if frame.kind.startswith("carried"):
        return frame.kind.rstrip("-")
    if frame.entry is not None:
        return f"lexicon {frame.entry.pos}"
    return frame.kind.partition(":")[0]
