"""Events that are told again: "the call", "their talks", "the attack"; who took part is who did so where it was told before.

A noun with "the", "this" or an owner goes back to the last event of its category that fits it: the same word or one made
from it, else any. What took part there takes part here, by the nearest mention before the noun that stands for the same.
"""

from bisect import bisect_left
from collections.abc import Iterator

from workbench.preannotate.rules.agents import KIND as AGENT
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame, Role
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis

ROUTE = "repeated"
_KNOWN = frozenset({"the", "this", "that", "these", "those", "such", "both"})
_NEW = frozenset({"a", "an", "another", "any", "no", "some", "every", "each", "further", "additional", "new", "more"})
_BETWEEN = frozenset({"with", "between"})
_OTHER = frozenset({"another", "second", "third", "separate", "different", "further", "additional"})
_OWNERS = frozenset({"their", "its", "his", "her"})
_STEM = 4
_TOLD = "told_"
"""What the classes of words that can name the same event are called by."""
_SAME, _ALIKE, _TOGETHER = 0.6, 0.55, 0.9
_LEAST = 0.5
_GUESSES = frozenset({"context", "nearest", "inherited"})
_BACK = 20
"""How many events back one is looked for that is told again."""


class Coreference:
    """Completes the events of a text, in their order, from those that were told before."""

    def __init__(self, reading: TextAnalysis, frames: list[Frame], mutual: frozenset[str]) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._frames = frames
        self._of_head = {frame.head: frame for frame in frames}
        self._mutual = mutual
        outside = reading.clauses.outside
        self._mentions = sorted(
            (
                m
                for m in (*reading.mentions.all, *reading.nameless)
                if m.start not in outside and not reading.describes(m)
            ),
            key=lambda m: m.start,
        )
        self._starts = [m.start for m in self._mentions]
        self._kinds = [words for name, words in reading.words.items() if name.startswith(_TOLD)]

    def complete(self) -> None:
        """Gives every event that was told before the participants that its own clause leaves out."""
        for place, frame in enumerate(self._frames):
            if self._is_another(frame):
                frame.roles = [role for role in frame.roles if not self._is_guess(role)]
                continue
            same = self._same_as(frame)
            if same is not None or self._is_told_again(frame):
                before = same or self._told(place)
                if before is not None:
                    self._take(frame, before)

    def _is_another(self, frame: Frame) -> bool:
        """Whether an event is said to be none of those that were told: *another* meeting, a *second* strike."""
        parse = self._parse
        return any(parse.low[c] in _OTHER for c in parse.children[frame.head] if c < frame.head)

    def _same_as(self, frame: Frame) -> Frame | None:
        """The event that an event is said to be: described *the call* as a discussion, *the attack* was a raid."""
        parse, head = self._parse, frame.head
        verb, wanted = parse.head[head], ("nsubj",)
        if parse.dep[head] == "pobj" and parse.low[verb] == "as":
            verb, wanted = parse.head[verb], ("dobj", "nsubjpass")
        elif parse.dep[head] != "attr":
            return None
        others = (self._of_head.get(token) for token in parse.kids(verb, *wanted))
        return next((other for other in others if other is not None and other.label == frame.label), None)

    def _is_told_again(self, frame: Frame) -> bool:
        """Whether a noun speaks of an event as one that is known."""
        parse, head = self._parse, frame.head
        if frame.entry is None or frame.entry.pos != "n":
            return False
        words = {parse.low[c] for c in parse.children[head] if c < head}
        if words & _NEW or any(parse.low[c] in _BETWEEN for c in parse.kids(head, "prep")):
            return False
        if words & _KNOWN or words & _OWNERS:
            return True
        return any(self._reading.is_date(c) for c in parse.kids(head, "poss"))

    def _told(self, place: int) -> Frame | None:
        """The last event that an event may be, if any: rather one of the same word."""
        frame, found = self._frames[place], None
        for before in self._before(place):
            if before.label != frame.label or not self._fits(frame, before):
                continue
            if self._is_same_word(frame, before):
                return before
            if found is None and self._is_alike(frame, before):
                found = before
        return found

    def _before(self, place: int) -> Iterator[Frame]:
        """The events before one in which somebody takes part, nearest first; several where they do a thing together."""
        for before in reversed(self._frames[max(0, place - _BACK) : place]):
            playing = [*before.playing("actor"), *before.playing("recipient")]
            if len(playing) > 1 or (playing and (before.label not in self._mutual or self._is_several(playing[0]))):
                yield before

    def _is_several(self, role: Role) -> bool:
        """Whether an actor without a name is more than one: two presidents, the delegations."""
        agents = self._reading.agents
        filler = role.filler
        return agents is not None and isinstance(filler, Mention) and filler.kind == AGENT and agents.is_many(filler)

    def _is_same_word(self, frame: Frame, before: Frame) -> bool:
        """Whether the same word names two events, or one made from it: offered, the offer."""
        ends = {word[:_STEM] for word in self._words(frame)}
        return any(word[:_STEM] in ends for word in self._words(before))

    def _is_alike(self, frame: Frame, before: Frame) -> bool:
        """Whether two words can name the same event: speak, call; kill, attack."""
        one, other = self._words(frame), self._words(before)
        if one & self._reading.words["general_deed"]:
            return True
        return any(words & one and words & other for words in self._kinds)

    def _words(self, frame: Frame) -> set[str]:
        """The verbs and nouns of a trigger."""
        parse = self._parse
        return {parse.lemma[t] for t in range(frame.start, frame.end) if parse.pos[t] in ("VERB", "NOUN")}

    def _fits(self, frame: Frame, before: Frame) -> bool:
        """Whether all whom an event names took part in another, and both were in one place and at one time."""
        there = {self._key(role.filler) for role in before.roles}
        return all(
            self._key(role.filler) in there
            for role in frame.roles
            if isinstance(role.filler, Mention) and self._binds(frame, role, before)
        )

    def _binds(self, frame: Frame, role: Role, before: Frame) -> bool:
        """Whether a role tells an event from others that lack it; a place or date after it only where others have one."""
        assert isinstance(role.filler, Mention)
        if self._is_guess(role) or role.filler.kind == AGENT:
            return False
        return role.name in ("actor", "recipient") or role.filler.start < frame.start or bool(before.playing(role.name))

    def _is_guess(self, role: Role) -> bool:
        """Whether nothing in the clause says that somebody takes part: only who is near does, or what "their" may mean."""
        return role.route in _GUESSES or role.route.endswith(":pronoun")

    def _take(self, frame: Frame, before: Frame) -> None:
        """Adds the participants of an event told before that are not named with the event itself."""
        taken = [
            role for role in before.roles if role.name in ("actor", "recipient") and isinstance(role.filler, Mention)
        ]
        trust = _TOGETHER if frame.label in self._mutual else _SAME if self._is_same_word(frame, before) else _ALIKE
        likely = {self._key(role.filler): role.score * trust for role in taken}
        if max(likely.values(), default=0) < _LEAST:
            return
        frame.roles = [
            role
            for role in frame.roles
            if role.name not in ("actor", "recipient") or not self._is_guess(role) or self._key(role.filler) in likely
        ]
        for role in taken:
            score = likely[self._key(role.filler)]
            known = next((one for one in frame.roles if self._key(one.filler) == self._key(role.filler)), None)
            if known is not None and (known.name == role.name or not self._is_guess(known)):
                continue
            if score < _LEAST or (frame.label not in self._mutual and self._is_given(frame, role.name)):
                continue
            if known is not None:
                frame.roles.remove(known)
            assert isinstance(role.filler, Mention)
            frame.roles.append(Role(role.name, self._nearest(role.filler, frame), ROUTE, score))

    def _is_given(self, frame: Frame, name: str) -> bool:
        """Whether the clause of an event says who plays a role."""
        return any(not self._is_guess(role) for role in frame.playing(name))

    def _nearest(self, mention: Mention, frame: Frame) -> Mention:
        """The last mention before an event that stands for the same as one further back."""
        key = self._key(mention)
        for other in reversed(self._mentions[: bisect_left(self._starts, frame.start)]):
            if other.start <= mention.start:
                break
            if self._key(other) == key and other.kind in ACTORS:
                return other
        return mention

    def _key(self, mention: "Mention | Frame") -> str:
        """What tells an entity from others."""
        if not isinstance(mention, Mention):
            return ""
        named = mention.norm if mention.kind != AGENT else ""
        return (named or self._parse.surface(mention.start, mention.end)).casefold()
