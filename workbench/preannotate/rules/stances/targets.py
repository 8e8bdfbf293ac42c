"""What stances are about: events, names, and the nameless things that phrases and clauses describe."""

from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.frames import EventFinder
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis

Target = tuple[Mention | Frame, str]
"""What a stance is about, and how that was found."""
TRAILING = frozenset(",.;:!?—–-\"“”‘’'()")
LEAVING, TAKING, SEEING = "leaving_verb", "taking_verb", "seeing_verb"
CLITICS = frozenset({"'m", "'s", "'re", "'ve", "'ll", "'d", "’m", "’s", "’re", "’ve", "’ll", "’d"})
"""Short forms that stay with the subject: I'm [against] it."""
_BREAKS = frozenset({",", ";", ":", "—", "–", "(", "“"})
_WHEN = frozenset({"after", "before", "since", "during", "amid", "following", "until", "because", "despite", "while"})
_OPENINGS = frozenset({":", "“", '"'})
_OUTSIDE = _OPENINGS | {"”", "’", "'"}
"""What no clause goes on beyond that a word takes: ask for an end,” *she said*."""
_ASIDES = ("advcl", "parataxis", "npadvmod")
_NUMBERS = frozenset({"quantity", "date"})
_NAMES = ACTORS | {"loc", "fac", "date"}
_LONG = 10
"""How many words a nameless thing rarely has more of: a longer phrase is cut where its next part begins."""
_PARTS = frozenset({"prep", "relcl", "acl", "advcl", "ccomp", "xcomp", "dative", "agent"})
_CLAUSAL = frozenset({"relcl", "acl", "ccomp"})
_LONGEST_ISSUE = 22
_OCCASIONS = frozenset({"response", "exchange", "return", "reaction", "retaliation"})
"""What tells only the occasion of a thing: the move *in response to* the raid."""
_DANGLING = frozenset({"ADP", "CCONJ", "SCONJ", "DET"})
_BACK = 2


class Targets:
    """Finds the targets of one text. `issues` collects the nameless things; `last` is what the last stance was about."""

    def __init__(self, reading: TextAnalysis, events: EventFinder) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._events = events
        self.issues: dict[tuple[int, int], Mention] = {}
        self._mention_at = {(m.start, m.end): m for m in reversed(reading.mentions.all)}
        self.last: tuple[int, Mention | Frame] | None = None
        self._said: Frame | None = None

    def of(self, token: int, frame: Frame) -> Target | None:
        """What a word stands for as the target of a stance."""
        parse, self._said = self._parse, frame
        if (frame.start <= token < frame.end and token != frame.head) or parse.pos[token] == "PUNCT":
            return None
        if parse.words[token] == "-":
            return None
        event = self._events.by_token.get(token)
        if event is not None and event.head != frame.head:
            return event, "event"
        if parse.pos[token] == "PRON" and parse.low[token] in ("all", "both", "most") and parse.kids(token, "prep"):
            return self._as_issue(token, parse.subtree(token), "issue")
        if parse.pos[token] == "PRON" or (parse.pos[token] == "DET" and not parse.children[token]):
            return self._pronoun(token)
        if parse.lemma[token] in self._words["idea_noun"]:
            meant = [self._events.by_token.get(t) for t in self._reading.clauses.prepositional(token, "of")]
            if meant and meant[0] is not None and meant[0].head != frame.head:
                return meant[0], "event"
        mention = self._reading.mentions.at(token)
        if mention is not None:
            if mention.kind in _NUMBERS:
                return self._issue(token) if parse.kids(token, "prep") else None
            if mention.kind == "norp" and token != mention.end - 1:
                return None
            return mention, "name"
        if parse.pos[token] in ("VERB", "AUX"):
            return self._clause(token, frame)
        found = self._reading.resolve(token)
        if len(found) == 1 and found[0].route == "agent":
            return found[0].mention, "name"
        group = [f for f in found if f.route in ("apposition", "modifier")]
        if group and (
            parse.lemma[token] in self._words["official_noun"] or parse.low[token] in self._words["official_noun"]
        ):
            return group[0].mention, group[0].route
        owner = self._owner(token)
        if owner is not None:
            return owner, "owner"
        below = [t for t in parse.kids(token, "acl", "relcl") if t > token and frame.head in parse.subtree(t)]
        outside = {t for clause in below for t in parse.subtree(clause)}
        return (
            self._as_issue(token, [t for t in parse.subtree(token) if t not in outside], "issue")
            if outside
            else self._issue(token)
        )

    def _owner(self, noun: int) -> Mention | None:
        """Whom a word in quotation marks is about: the junta's “courage”."""
        if noun not in self._reading.quote_of:
            return None
        owners = [t for t in self._parse.kids(noun, "poss") if t not in self._reading.quote_of]
        return self._reading.actor_at(owners[0]) if owners else None

    def through(self, verb: int) -> tuple[int, bool] | None:
        """What a verb is about, where it only says whether that is taken or left, and whether it is left.

        To *accept the plan*, to *allow monitors*: the plan, the monitors; to *give up its demand*: the demand, left.
        Only positions can be left: to give up a town is an act of its own; so is what somebody else takes.
        """
        parse = self._parse
        if parse.pos[verb] not in ("VERB", "AUX"):
            return None
        lemma = parse.lemma[verb]
        told = verb in self._events.by_token and bool(parse.kids(verb, "nsubj"))
        if lemma in self._words[TAKING] and not parse.kids(verb, "prt") and not told:
            inner = [t for t in parse.kids(verb, "ccomp") if t > verb and lemma in self._words[SEEING]]
            taken = [t for t in self._reading.clauses.objects(verb) if t > verb]
            thing = next(iter(inner or taken), None)
            return (thing, False) if thing is not None and (inner or self._is_thing(thing)) else None
        if lemma not in self._words[LEAVING]:
            return None
        return next(((t, True) for t in self._left(verb) if self._is_position(t)), None)

    def given_up(self, verb: int) -> tuple[int, bool] | None:
        """What a verb that means nothing else gives up: will never *give up* the port."""
        parse = self._parse
        particles = [parse.low[t] for t in parse.kids(verb, "prt")]
        if parse.lemma[verb] not in self._words["giving_up"] and (parse.lemma[verb] != "give" or "up" not in particles):
            return None
        return next(((t, True) for t in self._reading.clauses.objects(verb) if t > verb), None)

    def left_end(self, verb: int) -> int:
        """One past a verb and its particle: gave *up*."""
        return max([verb + 1, *(t + 1 for t in self._parse.kids(verb, "prt") if t - verb == 1)])

    def thing(self, token: int) -> Target | None:
        """The phrase of a noun as a nameless thing, also where the noun belongs to the words of an event."""
        self._said = None
        return self._issue(token)

    def from_word(self, first: int, thing: Mention) -> Mention:
        """A nameless thing that begins at a word before it: *not* build the dam."""
        place = (first, thing.end)
        if place not in self.issues:
            self.issues[place] = Mention(first, thing.end, "issue", "issue")
        return self.issues[place]

    def gerunds(self, head: int, name: str) -> list[int]:
        """What is done after a preposition: in favour of *letting* them go."""
        prepositions = [t for t in self._parse.kids(head, "prep") if self._parse.low[t] == name]
        return [below for one in prepositions for below in self._parse.kids(one, "pcomp")]

    def is_question(self, verb: int) -> bool:
        """Whether a clause asks: what they *want*, how it *went*."""
        parse = self._parse
        first = parse.subtree(verb)[0]
        return parse.low[first] in ("what", "who", "why", "how", "when", "where", "which", "whether")

    def _left(self, verb: int) -> Iterator[int]:
        """What a verb of leaving leaves: its object, or what stands after its preposition."""
        yield from self._reading.clauses.objects(verb)
        for name in ("on", "from", "in", "of", "with", "over"):
            yield from self._reading.clauses.prepositional(verb, name)

    def _is_position(self, token: int) -> bool:
        return self._parse.lemma[token] in self._words["position_noun"]

    def _is_thing(self, token: int) -> bool:
        """Whether a word is a common noun that stands for no actor."""
        if self._parse.pos[token] != "NOUN":
            return False
        mention = self._reading.mentions.at(token)
        return mention is None or mention.kind not in ACTORS

    def _pronoun(self, token: int) -> Target | None:
        low = self._parse.low[token]
        if low in self._words["he"] or low in self._words["they"]:
            fillers = self._reading.resolve(token)
            return (fillers[0].mention, "pronoun") if fillers else None
        if low in ("it", "this", "that"):
            meant = self.recent(token)
            if isinstance(meant, Mention) and meant.kind in ACTORS:
                meant = self.before(token) or meant
            meant = meant or self.before(token)
            if meant is not None:
                return meant, "pronoun"
        if low == "it":
            fillers = self._reading.resolve(token)
            return (fillers[0].mention, "pronoun") if fillers else None
        return None

    def before(self, token: int) -> Mention | Frame | None:
        """The event or thing that "it" goes back to: the last object or subject of the sentence, or of the one before."""
        parse = self._parse
        first, _ = parse.sentences[max(parse.sentence[token] - 1, 0)]
        clause = parse.clause(token)
        for wanted in (("dobj", "nsubjpass", "attr"), ("nsubj", "pobj")):
            for before in range(token - 1, first - 1, -1):
                if parse.dep[before] not in wanted or parse.pos[before] != "NOUN" or parse.clause(before) == clause:
                    continue
                event = self._events.by_token.get(before)
                if event is not None:
                    return event
                if not self._reading.resolve(before) and self._reading.mentions.at(before) is None:
                    found = self._issue(before)
                    return found[0] if found is not None else None
        return None

    def recent(self, token: int) -> Mention | Frame | None:
        """What the last stance was about, if it stands near."""
        if self.last is None:
            return None
        where, last = self.last
        return last if 0 <= self._parse.sentence[token] - self._parse.sentence[where] <= _BACK else None

    def same(self, token: int, noun: int) -> Frame | None:
        """The last event of the kind that a noun names, for "it" and "this": the call … called it a useful *talk*."""
        event = self._events.by_token.get(noun)
        if event is None or self._parse.low[token] not in ("it", "this", "that"):
            return None
        for before in range(token - 1, -1, -1):
            if self._parse.sentence[token] - self._parse.sentence[before] > _BACK:
                return None
            other = self._events.by_token.get(before)
            if other is not None and other.label == event.label and other is not event:
                return other
        return None

    def _clause(self, verb: int, frame: Frame) -> Target | None:
        """The event that a clause tells, or the clause itself as an issue; what is asked about, in "whether to back it".

        Where its auxiliary belongs to the words that show the stance, it begins with its verb: they must *go home*.
        """
        parse = self._parse
        if any(parse.low[mark] in ("whether", "if") for mark in parse.kids(verb, "mark")):
            asked = next((t for t in self._reading.clauses.objects(verb) if parse.pos[t] == "NOUN"), None)
            target = self._issue(asked) if asked is not None and asked not in self._events.by_token else None
            if target is not None:
                return target
        event = self._events.by_token.get(verb)
        if event is not None:
            return event, "event"
        is_infinitive = any(parse.low[t] == "to" for t in parse.kids(verb, "aux"))
        asides = [c for c in parse.kids(verb, *_ASIDES) if c > verb]
        asides += [c for c in parse.kids(verb, "prep") if c > verb and parse.low[c] in _WHEN]
        parts = [verb, *parse.kids(verb, "dobj"), *(t for d in parse.kids(verb, "dobj") for t in parse.kids(d, "prep"))]
        asides += [c for part in parts for c in parse.kids(part, "prep", "relcl", "agent") if self._adds(c, verb)]
        outside = {t for aside in asides for t in parse.subtree(aside)}
        bare = is_infinitive or (parse.tag[verb] in ("VB", "VBP") and parse.low[verb] == parse.lemma[verb])
        kids = (
            ()
            if bare
            and (not self._has_modal(verb) or any(frame.start <= t < frame.end for t in parse.kids(verb, "aux")))
            else parse.kids(verb, "aux", "auxpass", "nsubj", "nsubjpass", "advmod", "neg")
        )
        before = {t for kid in kids for t in parse.subtree(kid) if kid < verb}
        subtree = [t for t in parse.subtree(verb) if t not in outside and (t >= verb or t in before)]
        return self._as_issue(verb, subtree, "clause")

    def _adds(self, token: int, verb: int) -> bool:
        """Whether a phrase after a verb only says where, when or with whom: close the road *in Chad*."""
        parse = self._parse
        if parse.dep[token] == "relcl":
            return True
        names = [t for t in parse.kids(token, "pobj") if (m := self._reading.mentions.at(t)) and m.kind in _NAMES]
        return token > verb and bool(names)

    def _has_modal(self, verb: int) -> bool:
        return any(self._parse.tag[t] == "MD" for t in self._parse.kids(verb, "aux"))

    def complements(self, head: int) -> list[int]:
        """The clause that a word takes: to *go*, that they *went*, going; the nearest after it, before any colon or quotation."""
        parse = self._parse
        found = [t for t in self._reading.clauses.complements(head) if t > head]
        found += [t for t in parse.kids(head, "acl") if t > head and t not in found and parse.pos[head] == "NOUN"]
        found = [t for t in found if parse.dep[t] in ("xcomp", "ccomp")] or found
        for token in sorted(found):
            if not any(parse.words[t] in _OUTSIDE for t in range(head, parse.subtree(token)[0])):
                return [token]
        return []

    def _issue(self, noun: int) -> Target | None:
        """The phrase of a noun: without article, with what narrows it down, up to a comma, a relative clause or "and"."""
        parse = self._parse
        if parse.pos[noun] not in ("NOUN", "PROPN", "NUM", "ADJ", "DET"):
            return None
        return self._as_issue(noun, parse.subtree(noun), "issue")

    def _as_issue(self, head: int, subtree: list[int], route: str) -> Target | None:
        parse = self._parse
        first = min((t for t in subtree if t <= head), default=head)
        while first < head and (
            parse.words[first] in TRAILING
            or parse.pos[first] in ("CCONJ", "SCONJ", "SPACE")
            or parse.low[first] == "only"
        ):
            first += 1
        for token in range(first, head):
            if parse.words[token] in (",", ";", ":", "—", "–") and not self._joins(token):
                first = token + 1
        if self._said is not None and first < self._said.end <= head and self._said.start >= first:
            first = self._said.end
        while route == "issue" and first < head and parse.low[first] in self._words["unmarked"]:
            first += 1
        if (
            route == "clause"
            and first < head
            and parse.dep[first] == "poss"
            and parse.low[first] in self._words["unmarked"]
        ):
            first += 1
        end = head + 1
        allowed = set(subtree)
        while end < len(parse) and end in allowed and end - first < _LONGEST_ISSUE:
            if (parse.words[end] in _BREAKS and not self._joins(end)) or parse.pos[end] == "SPACE":
                break
            if parse.low[end] == "in" and end + 1 < len(parse) and parse.low[end + 1] in _OCCASIONS:
                break
            if (parse.dep[end] == "cc" and self._breaks(end)) or (parse.low[end] == "as" and parse.dep[end] == "prep"):
                break
            end += 1
        if end - first > _LONG:
            clauses = [t for t in range(head + 1, end) if parse.dep[t] in _CLAUSAL and parse.head[t] == head]
            cut = [start for t in clauses if (start := parse.subtree(t)[0]) > head]
            end = min([end, *cut])
        if end - first > _LONG:
            parts = (t for t in range(head + 1, first + _LONG) if parse.dep[t] in _PARTS and parse.head[t] < t)
            ends = [start for t in parts if (start := parse.subtree(t)[0]) > head]
            end = max(ends, default=end)
        while end > head + 1 and (parse.words[end - 1] in TRAILING or parse.pos[end - 1] in _DANGLING):
            end -= 1
        first, end = self._with_hyphens(first, end)
        first, end = self._within_marks(*self._with_marks(first, end))
        while route == "issue" and first < head and parse.low[first] in self._words["unmarked"]:
            first += 1
        known = self._mention_at.get((first, end))
        if known is not None:
            return known, "name"
        if (first, end) not in self.issues:
            self.issues[first, end] = Mention(first, end, "issue", "issue")
        return self.issues[first, end], route

    def _joins(self, comma: int) -> bool:
        """Whether a comma stands between adjectives of one noun: a free, fair vote."""
        parse = self._parse
        if parse.words[comma] != "," or not 0 < comma < len(parse) - 1:
            return False
        before, after = comma - 1, comma + 1
        return parse.pos[before] == parse.pos[after] == "ADJ" and (
            parse.head[before] == parse.head[after] or parse.head[after] == before
        )

    def _with_hyphens(self, first: int, end: int) -> tuple[int, int]:
        """The phrase with all of its words that have hyphens: some *counter-measures* to, *re-brand* it."""
        parse = self._parse
        while first > 1 and parse.words[first - 1] == "-" and parse.end[first - 1] == parse.start[first]:
            first -= 2 if parse.end[first - 2] == parse.start[first - 1] else 1
        while end + 1 < len(parse) and parse.words[end] == "-" and parse.end[end - 1] == parse.start[end]:
            if parse.end[end] != parse.start[end + 1]:
                break
            end += 2
        return first, end

    def _with_marks(self, first: int, end: int) -> tuple[int, int]:
        """The phrase with both quotation marks, where it has one of them inside or stands between them."""
        words = self._parse.words
        if sum(words[t] == '"' for t in range(first, end)) % 2:
            if first and words[first - 1] == '"':
                return first - 1, end
            if end < len(words) and words[end] == '"':
                return first, end + 1
            cut = next(t for t in range(first, end) if words[t] == '"')
            if cut == first:
                return first + 1, end
            while cut > first + 1 and self._parse.pos[cut - 1] in ("ADP", "DET", "CCONJ"):
                cut -= 1
            return first, cut
        opened = sum(words[t] in '“"' for t in range(first, end)) - sum(words[t] == "”" for t in range(first, end))
        after = words[end] if end < len(words) else ""
        if opened == 1 and after in ("”", '"'):
            return first, end + 1
        if opened == 0 and first and words[first - 1] == "“" and after == "”":
            return first - 1, end + 1
        return first, end

    def _within_marks(self, first: int, end: int) -> tuple[int, int]:
        """The phrase without quotation marks that enclose all of it: “*evidence by hearsay*”."""
        words = self._parse.words
        marks = [t for t in range(first, end) if words[t] in ("“", "”", '"')]
        return (first + 1, end - 1) if marks == [first, end - 1] and end - first > 2 else (first, end)

    def _breaks(self, conjunction: int) -> bool:
        parse = self._parse
        siblings = parse.kids(parse.head[conjunction], "conj")
        return any(parse.pos[s] in ("VERB", "AUX") for s in siblings if s > conjunction)
