"""Who takes part in an event, by all that a text says: its clause, its sentence, the events around it.

Every entity nearby that could play a role gets features: how the clause leads to it, where it stands, what it does in
other events. Learned weights make a probability of them, for the roles that the clause gives (`frames.py`) as for
those that it leaves open.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice

from workbench.preannotate.rules.agents import KIND as AGENT
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.choices import Candidate, Choice, decide
from workbench.preannotate.rules.events.frame import Frame, Role
from workbench.preannotate.rules.reading import ACTORS, PLACES, TextAnalysis
from workbench.preannotate.rules.weights import Weights

KINDS = {"actor": ACTORS, "recipient": ACTORS, "place": PLACES, "time": frozenset({"date"})}
ROUTE = "context"
_BACK = {"actor": 2, "recipient": 2, "place": 1, "time": 0}
"""How many sentences back an entity may stand that does nothing in the events around."""
_SORTS = ("forces", "crowd", "person_noun", "place_noun", "org_noun", "first_person")
_SORT_OF = {kind: role for role, kinds in reversed(KINDS.items()) for kind in kinds}
_FAR = 30
_LONGEST = 6
"""How many words a path from a trigger to an entity may lead over."""
_SHORT = 3
"""How many sentences a text has at most that was picked for an event: it mostly says to whom that was done."""
_WHEN = frozenset({"after", "before", "since", "following", "until", "despite", "amid", "during", "over"})
_JOINED = frozenset({"advcl", "relcl", "acl", "ccomp", "pcomp", "xcomp", "conj"})
_DID = frozenset({"last actor", "alike actor", "above actor", "below actor", "next actor", "lead actor"})
_NEIGHBOURS = frozenset({"above actor", "above recipient", "below actor", "below recipient"})
_KNOWN = frozenset({"the", "this", "that", "these", "those", "such", "its", "their"})
Parts = list[tuple[str, set[int]]]


class _Told:
    """Mentions of one entity that play a role somewhere: in that order, and by where they stand; a place is a number."""

    def __init__(self) -> None:
        self.in_order: list[tuple[int, Mention]] = []
        self.by_start: list[tuple[int, int, Mention]] = []

    def add(self, place: int, mention: Mention) -> None:
        """Adds the next mention in the order."""
        self.in_order.append((place, mention))
        self.by_start.append((mention.start, place, mention))

    def beside(self, frame: Frame) -> Iterator[tuple[int, Mention]]:
        """The first in the order, and the nearest before and after, of those outside of an event's words."""
        yield from islice((one for one in self.in_order if not frame.start <= one[1].root < frame.end), 1)
        middle = bisect_left(self.by_start, frame.start, key=lambda one: one[0])
        for numbers in (range(middle - 1, -1, -1), range(middle, len(self.by_start))):
            nearest: int | None = None
            for start, place, mention in map(self.by_start.__getitem__, numbers):
                if frame.start <= mention.root < frame.end:
                    continue
                if nearest is not None and start != nearest:
                    break
                nearest = start
                yield place, mention


class Context:
    """The events of one text, and who could play which role in them."""

    def __init__(self, reading: TextAnalysis, frames: list[Frame], mutual: frozenset[str]) -> None:
        """Reads what the clauses of a text give; `mutual` are the categories of what two do together."""
        self._mutual = mutual
        self._reading = reading
        self._parse = reading.parse
        self._frames = frames
        mentions = sorted((*reading.mentions.all, *reading.nameless), key=lambda mention: mention.start)
        self._mentions = mentions
        self._dated = self._beside_another(mentions)
        self._where = {id(m) for m in mentions if m.kind in PLACES and self._is_where(m)}
        self._describing = {id(m) for m in mentions if reading.describes(m)}
        self._key = {id(m): self._called(m) for m in mentions}
        self._root = {id(m): self._parse.top(m.start, m.end) for m in mentions}
        self._starts = [m.start for m in mentions]
        self._sorts = [(_SORT_OF.get(m.kind, ""), self._key[id(m)]) for m in mentions]
        self._of_frame = {frame.head: frame for frame in frames}
        self._position = {id(frame): number for number, frame in enumerate(frames)}
        self._places = self._places_of(frames)
        self._playing = {id(role.filler) for frame in frames for role in frame.roles}
        self._told = self._told_of(frames)
        self._last, self._alike = self._earlier(frames)
        self._paragraph = self._paragraphs()
        self._standing = self._standings(mentions)
        self._below: dict[int, Frame] = {}
        for frame in frames:
            for above in self._parse.above(frame.head):
                self._below.setdefault(above, frame)

    def _beside_another(self, mentions: list[Mention]) -> set[int]:
        """The dates of datelines whose sentence has another date, which tells better when something was."""
        parse, outside = self._parse, self._reading.clauses.outside
        told = {parse.sentence[m.start] for m in mentions if m.kind == "date" and m.start not in outside}
        return {
            id(m)
            for m in mentions
            if m.kind == "date" and m.start in outside and parse.sentence[min(m.end, len(parse) - 1)] in told
        }

    def _is_where(self, mention: Mention) -> bool:
        """Whether a name says only where something is: in Budapest."""
        parse, root = self._parse, self._parse.top(mention.start, mention.end)
        while parse.dep[root] == "conj" and parse.head[root] != root:
            root = parse.head[root]
        return parse.dep[root] == "pobj" and parse.low[parse.head[root]] in self._reading.words["where_surely"]

    def _called(self, mention: Mention) -> str:
        """What tells an entity from others: its full name, or the words of an actor without one."""
        named = mention.norm if mention.kind != AGENT else ""
        return (named or self._parse.surface(mention.start, mention.end)).casefold()

    def _told_of(self, frames: list[Frame]) -> dict[frozenset[str], dict[str, list["_Told"]]]:
        """The mentions that play a role anywhere, by the kinds that a role asks for and by entity.

        For each entity those outside of datelines, and those in datelines.
        """
        outside = self._reading.clauses.outside
        every = {id(r.filler): r.filler for f in frames for r in f.roles if isinstance(r.filler, Mention)}
        found: dict[frozenset[str], dict[str, list[_Told]]] = {KINDS[role]: {} for role in KINDS if _BACK[role]}
        for place, mention in enumerate(every.values()):
            for kinds, by_key in found.items():
                if self._may_play(mention, kinds):
                    both = by_key.setdefault(self._key[id(mention)], [_Told(), _Told()])
                    both[mention.start in outside].add(place, mention)
        for by_key in found.values():
            for both in by_key.values():
                for told in both:
                    told.by_start.sort(key=lambda one: one[:2])
        return found

    def _may_play(self, mention: Mention, kinds: frozenset[str]) -> bool:
        """Whether an entity is of such a kind, or a region that acts; nobody acts who only describes or says where."""
        if kinds is not ACTORS:
            return mention.kind in kinds
        if id(mention) in self._describing or id(mention) in self._where:
            return False
        return mention.kind in kinds or self._reading.acts(mention)

    def _earlier(self, frames: list[Frame]) -> tuple[list[dict[str, Frame]], list[dict[str, Frame]]]:
        """For each event, the last one before it in which somebody plays a role, by role: any, and one of its label."""
        last: list[dict[str, Frame]] = []
        alike: list[dict[str, Frame]] = []
        so_far: dict[str, Frame] = {}
        of_label: dict[str, dict[str, Frame]] = {}
        for frame in frames:
            same = of_label.setdefault(frame.label, {})
            last.append(dict(so_far))
            alike.append(dict(same))
            playing = dict.fromkeys((role.name for role in frame.roles), frame)
            so_far.update(playing)
            same.update(playing)
        return last, alike

    def _places_of(self, frames: list[Frame]) -> dict[int, list[Frame]]:
        """The events that a clause gives a place or a date to."""
        found: dict[int, list[Frame]] = {}
        for frame in frames:
            for role in frame.roles:
                if role.name in ("place", "time"):
                    found.setdefault(id(role.filler), []).append(frame)
        return found

    def _elsewhere(self, frame: Frame, mention: Mention) -> list[str]:
        """Whether a place or a date belongs to another event."""
        parse = self._parse
        found: list[str] = []
        others = [other for other in self._places.get(id(mention), ()) if other is not frame]
        if others:
            here = frame in self._places[id(mention)]
            found.append("shared" if here else "elsewhere")
            if not here and any(frame.head in parse.above(other.head) for other in others):
                found.append("elsewhere below")
            elif not here and any(other.head in parse.above(frame.head) for other in others):
                found.append("elsewhere above")
        return found

    def _of_speech(self, frame: Frame, date: Mention) -> bool:
        """Whether a date tells when somebody spoke of an event: said *on Sunday* that two were killed."""
        parse = self._parse
        for above in parse.above(self._root[id(date)])[:2]:
            if parse.pos[above] in ("VERB", "AUX"):
                return parse.lemma[above] in self._reading.words["speech"] and above in parse.above(frame.head)
        return False

    def _paragraphs(self) -> list[int]:
        breaks = [match.start() for match in re.finditer("\n", self._parse.text)]
        return [bisect_right(breaks, start) for start in self._parse.start]

    def _standings(self, mentions: list[Mention]) -> dict[str, list[str]]:
        """What an entity is in the whole text: one of the two most named, in the headline, in the dateline."""
        count: dict[str, int] = {}
        standing: dict[str, list[str]] = {}
        for mention in mentions:
            key = self._key[id(mention)]
            count[key] = count.get(key, 0) + 1
            where = standing.setdefault(key, [])
            if mention.start in self._reading.clauses.outside and "in dateline" not in where:
                where.append("in dateline")
            if not self._paragraph[mention.start] and "in title" not in where:
                where.append("in title")
        for number, key in enumerate(sorted(count, key=lambda key: (-count[key], key))[:2]):
            if count[key] > 1:
                standing[key].append(f"top {number}")
        return standing

    def judge(self, weights: Weights) -> None:
        """Gives every event the roles that are likely enough, each with its probability."""
        decided = [decide(list(self.choices(frame)), weights) for frame in self._frames]
        for frame, roles in zip(self._frames, decided, strict=True):
            frame.roles = list[Role](roles)

    def choices(self, frame: Frame) -> Iterator[Choice]:
        """For every role of an event, who may play it: those that the clause gives, and all nearby."""
        around, shape = self._around(frame), self._shape(frame)
        again = self._is_known(frame)
        acting = {key for _, keys in around for key in keys}
        asking = self._asking(frame)
        parts = self._parts(frame)
        pos = frame.entry.pos if frame.entry is not None else "x"
        plays = {self._key[id(r.filler)]: r.name for r in frame.roles if id(r.filler) in self._key}
        shared: dict[int, list[str]] = {}
        nearby = {role: self._choices(frame, role, acting) for role in ("actor", "place", "time")}
        nearby["recipient"] = nearby["actor"]  # of the same kinds, and from as far back
        for role in KINDS:
            routes = {id(r.filler): r.route for r in frame.roles if r.name == role}
            given = [r.filler for r in frame.roles if r.name == role and isinstance(r.filler, Mention)]
            found: list[Candidate] = []
            for mention in (*given, *self._others(frame, role, nearby[role], given)):
                key = self._key[id(mention)]
                if id(mention) not in shared:
                    shared[id(mention)] = [
                        *(name for name, keys in around if key in keys),
                        *(f"known {name}" for name, keys in around if again and key in keys),
                        *(f"{frame.label} {name}" for name, keys in around if name in _NEIGHBOURS and key in keys),
                        *self._features(frame, mention, parts),
                    ]
                features, route = list(shared[id(mention)]), routes.get(id(mention), "")
                if key in asking:
                    features += ["asks", f"{frame.label} asks"]
                if plays.get(key, role) != role:
                    features += [f"plays {plays[key]}", f"{frame.label} plays {plays[key]}"]
                if route:
                    features += ["given", route, f"{pos} {route}", f"given {frame.label} {mention.kind}"]
                elif given:
                    features += [f"{self._beside(mention, given)} given"]
                with_it = {f"word {self._first(mention)}"}
                if role == "actor" and frame.label in self._mutual:
                    with_it |= {name for name, keys in around if key in keys and name in _DID}
                found.append(Candidate(mention, route or ROUTE, bool(route), frozenset(with_it), features))
            own = ["given" if given else "open", *self._asked(frame, role)]
            yield Choice(role, [f"nobody {one}".rstrip() for one in (*shape, *own)], found)

    def _asked(self, frame: Frame, role: str) -> list[str]:
        """Whether the lexicon says where a role of an event stands in its clause."""
        entry = frame.entry
        paths = {} if entry is None else {"actor": entry.actor, "recipient": entry.recipient, "place": entry.place}
        asked = "path" if paths.get(role) else "no path"
        return [asked, f"{frame.label} {asked}"]

    def _others(self, frame: Frame, role: str, nearby: list[Mention], given: list[Mention]) -> list[Mention]:
        """Who nearby may play a role besides those whom the clause gives for it; nobody asks others to do something to them."""
        if role == "recipient" and frame.label in self._mutual and len(frame.playing("actor")) > 1:
            return []
        known = {self._key[id(mention)] for mention in given}
        if role == "recipient" and frame.entry is not None and frame.entry.pos == "v":
            known |= self._asking(frame)
        return [
            mention
            for mention in nearby
            if self._key[id(mention)] not in known and not self._speaks_for(mention, given)
        ]

    def _speaks_for(self, mention: Mention, given: list[Mention]) -> bool:
        """Whether an actor without a name only stands for one whom the clause gives: a *spokesman* for Norway."""
        if mention.kind != AGENT or not given:
            return False
        standing = {id(filler.mention) for filler in self._reading.fillers([mention.root])}
        return id(mention) not in standing and any(id(one) in standing for one in given)

    def _beside(self, mention: Mention, given: list[Mention]) -> str:
        """How an entity stands to those whom the clause gives: below one of them, above one, or apart."""
        parse, root = self._parse, self._root[id(mention)]
        above = set(parse.above(root))
        if any(self._root[id(one)] in above for one in given):
            return "below"
        return "above" if any(root in parse.above(self._root[id(one)]) for one in given) else "apart from"

    def _first(self, mention: Mention) -> int:
        """The first word of those that are coordinated with an entity."""
        token, parse = self._root[id(mention)], self._parse
        while parse.dep[token] == "conj" and parse.head[token] != token:
            token = parse.head[token]
        return token

    def _choices(self, frame: Frame, role: str, acting: set[str]) -> list[Mention]:
        """The nearest mention of each entity nearby, and of those further back that act in the events around."""
        parse, outside = self._parse, self._reading.clauses.outside
        here, kinds = parse.sentence[frame.head], KINDS[role]
        first, last = parse.sentences[max(0, here - _BACK[role])][0], parse.sentences[here][1]
        low, high = bisect_left(self._starts, first), bisect_left(self._starts, last)
        told = self._nearest_told(frame, kinds, acting) if _BACK[role] else []
        near: dict[str, tuple[int, Mention]] = {}
        for mention in (*self._mentions[low:high], *told):
            if not self._may_play(mention, kinds) or frame.start <= mention.root < frame.end:
                continue
            if role == "time" and (
                (mention.start in outside and id(mention) in self._dated) or self._of_speech(frame, mention)
            ):
                continue
            if (
                mention.kind == AGENT
                and parse.sentence[mention.root] != here
                and not self._acts_around(mention, acting)
            ):
                continue
            away = frame.start - mention.start
            distance = away if away >= 0 else -2 * away
            if mention.start in outside and here != parse.sentence[mention.start]:
                distance += 40
            key = self._key[id(mention)]
            if key not in near or distance < near[key][0]:
                near[key] = distance, mention
        return [mention for _, mention in near.values()]

    def _asking(self, frame: Frame) -> set[str]:
        """Who asks for the event, or brings it about: to them it is done only where the clause says so."""
        higher = (self._of_frame.get(token) for token in self._parse.above(frame.head))
        above = next((one for one in higher if one is not None and one is not frame), None)
        if above is None or above.entry is None or not above.entry.effect:
            return set()
        return self._keys(above, "actor")

    def _acts_around(self, mention: Mention, acting: set[str]) -> bool:
        """Whether a mention plays a role anywhere, and its entity one in the events around."""
        return id(mention) in self._playing and self._key[id(mention)] in acting

    def _nearest_told(self, frame: Frame, kinds: frozenset[str], acting: set[str]) -> list[Mention]:
        """Of each entity that acts around, the mentions next to an event, and the first that plays a role anywhere.

        The first counts for the order only: it is that of all mentions that play a role.
        """
        both = (told for key in acting for told in self._told[kinds].get(key, ()))
        found = {place: mention for told in both for place, mention in told.beside(frame)}
        return [found[place] for place in sorted(found)]

    def _around(self, frame: Frame) -> list[tuple[str, set[str]]]:
        """What entities do in the events around: the feature, and the entities that have it."""
        found: list[tuple[str, set[str]]] = []
        parse, position = self._parse, self._position[id(frame)]
        above = [self._of_frame[t] for t in parse.above(frame.head) if t in self._of_frame]
        following = self._frames[position + 1 : position + 2]
        for role in KINDS:
            last = self._last[position].get(role)
            if last is not None:
                keys = self._keys(last, role)
                same = parse.sentence[last.head] == parse.sentence[frame.head]
                found += [(f"last {role}", keys), (f"last {role} {'here' if same else 'before'}", keys)]
            alike = self._alike[position].get(role)
            if alike is not None:
                found.append((f"alike {role}", self._keys(alike, role)))
                if parse.lemma[alike.head] == parse.lemma[frame.head]:
                    found.append((f"same word {role}", self._keys(alike, role)))
            for name, others in (
                ("above", [f for f in above if f.playing(role)][:1]),
                ("below", [self._below[frame.head]] if frame.head in self._below else []),
                ("next", [f for f in following if parse.sentence[f.head] == parse.sentence[frame.head]]),
                ("lead", self._frames[:1] if position else []),
            ):
                found += [(f"{name} {role}", self._keys(other, role)) for other in others if other.playing(role)]
        speakers = self._reading.speaker(frame.head)
        if speakers:
            found.append(("speaker", {self._key[id(s.mention)] for s in speakers}))
        return found

    def _is_known(self, frame: Frame) -> bool:
        """Whether a noun speaks of an event as told before: *the* attack, *this* offer, "their" talks."""
        parse = self._parse
        if frame.entry is None or frame.entry.pos != "n":
            return False
        return any(parse.low[child] in _KNOWN for child in parse.kids(frame.head, "det", "poss"))

    def _keys(self, frame: Frame, role: str) -> set[str]:
        return {self._key[id(r.filler)] for r in frame.playing(role) if id(r.filler) in self._key}

    def _features(self, frame: Frame, mention: Mention, parts: Parts) -> list[str]:
        """What speaks for or against an entity in any role: what it is, and where it stands."""
        parse, head, root = self._parse, frame.head, self._root[id(mention)]
        features = [mention.kind, *self._standing[self._key[id(mention)]]]
        pos = frame.entry.pos if frame.entry is not None else "x"
        features.append(f"{frame.label} {mention.kind}")
        if mention.kind == AGENT and self._reading.agents is not None:
            sector = self._reading.agents.code(mention)
            features += [f"sector {sector}", f"{frame.label} sector {sector}"]
        if mention.start in self._reading.clauses.outside:
            features.append("dateline")
        features.append(f"recent {self._recent(frame, mention)}")
        away, dep = parse.sentence[head] - parse.sentence[root], parse.dep[root]
        if away:
            same = self._paragraph[root] == self._paragraph[head]
            features += [f"away {min(away, 4)}", "same paragraph" if same else "other paragraph", f"away {dep}"]
            if away == 1 and dep in ("nsubj", "nsubjpass"):
                features.append("subject before")
            return features
        side = "before" if mention.start < frame.start else "after"
        features.append(f"{pos} {side} {dep}")
        features += ["here", f"here {side}", f"between {self._between(frame, mention)} {side}"]
        if mention.kind == "date" or mention.kind in PLACES:
            features += self._elsewhere(frame, mention)
        features += [name for name, words in parts if root in words]
        features += self._path(frame, root)
        if dep in ("pobj", "conj"):
            features.append(f"prep {self._preposition(root)} {side}")
        if parse.clause(root) == parse.clause(head):
            features.append("same clause")
        return features

    def _path(self, frame: Frame, root: int) -> list[str]:
        """How the clause leads from a trigger to an entity: the dependencies down to it, with their prepositions."""
        parse = self._parse
        steps: list[str] = []
        token = root
        while token != frame.head and not frame.start <= token < frame.end:
            dep, above = parse.dep[token], parse.head[token]
            if above == token or len(steps) > _LONGEST:
                return []
            if dep in ("prep", "agent"):
                dep = parse.low[token]
            if dep != "conj":
                steps.append(dep)
            token = above
        pos = frame.entry.pos if frame.entry is not None else "x"
        path = " ".join(reversed(steps))
        return [f"path {pos} {path}", f"path {path}", f"path {frame.label} {path}"]

    def _between(self, frame: Frame, mention: Mention) -> int:
        """How many mentions of its kind stand between a mention and the trigger; at the most 3."""
        low, high = min(mention.start, frame.head), max(mention.start, frame.head)
        found = self._mentions[bisect_right(self._starts, low) : bisect_left(self._starts, high)]
        return min(sum(other.kind == mention.kind for other in found), 3)

    def _recent(self, frame: Frame, mention: Mention) -> int:
        """How many other entities for such a role were named between the mention and the trigger; at the most 4."""
        sort, key = _SORT_OF[mention.kind], self._key[id(mention)]
        low, high = min(mention.end, frame.head), max(mention.start, frame.head)
        first, last = bisect_left(self._starts, low), bisect_left(self._starts, high)
        if last - first > _FAR:
            return 4
        others = {other for other_sort, other in self._sorts[first:last] if other_sort == sort}
        return min(len(others) - (key in others), 4)

    def _parts(self, frame: Frame) -> Parts:
        """Subject and object of the clause of a trigger, and of the two clauses above, each with all that is in them."""
        parse, clauses = self._parse, self._reading.clauses
        found: Parts = []
        verb = parse.clause(frame.head)
        found += self._boundary(frame)
        for level in ("own", "next", "top"):
            for part, tokens in (("subject", clauses.subjects(verb)), ("object", clauses.objects(verb))):
                for token in tokens:
                    below = set(parse.subtree(token))
                    if frame.head not in below or token == frame.head:
                        found += [(f"{level} {part}", {token}), (f"within {level} {part}", below)]
                    else:
                        found.append((f"around in {level} {part}", below))
            found.append((f"{level} rest", set(parse.children[verb])))
            if level != "top":
                found += self._adverbial(verb)
            if parse.head[verb] == verb:
                break
            verb = parse.clause(parse.head[verb])
        return found

    def _boundary(self, frame: Frame) -> Parts:
        """All that stands outside the clause that tells of an event, by what joins it: left *after* shelling killed five."""
        parse, token = self._parse, frame.head
        while parse.head[token] != token and not self._is_joined(token):
            token = parse.head[token]
        if parse.head[token] == token:
            return []
        marks = [parse.low[c] for c in parse.children[token] if parse.dep[c] in ("mark", "advmod") and c < token]
        joint = parse.low[parse.head[token]] if parse.dep[token] in ("pcomp", "pobj") else next(iter(marks), "")
        outside = set(parse.sentence_of(frame.head)).difference(parse.subtree(token))
        name = f"outside {parse.dep[token]}"
        return [(name, outside), (f"{name} {joint}", outside)]

    def _is_joined(self, token: int) -> bool:
        """Whether a word is the head of a clause below another, or of a phrase that tells when or why."""
        parse, dep = self._parse, self._parse.dep[token]
        if dep == "pobj":
            return parse.low[parse.head[token]] in _WHEN
        return dep in _JOINED and (dep != "conj" or parse.pos[token] in ("VERB", "AUX"))

    def _adverbial(self, verb: int) -> Parts:
        """Who is to do what a condition says, and what is done to whom for a purpose: *if X* goes on, to disperse *X*."""
        parse, clauses = self._parse, self._reading.clauses
        found: Parts = []
        for below in parse.kids(verb, "advcl"):
            marks = {parse.low[c] for c in parse.kids(below, "mark")}
            if marks & self._reading.words["conditional"]:
                found += [("condition", set(parse.subtree(token))) for token in clauses.subjects(below)]
            elif any(parse.low[c] == "to" for c in parse.kids(below, "aux")):
                found += [("purpose", set(parse.subtree(token))) for token in clauses.objects(below)]
        return found

    def _shape(self, frame: Frame) -> list[str]:
        """What the event and its own clause are like: the same for every entity."""
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        pos = frame.entry.pos if frame.entry is not None else "x"
        found = ["", pos, frame.label, "has " + " ".join(sorted({role.name for role in frame.roles}))]
        if pos == "v":
            voice = "passive" if clauses.is_passive(head) else "active"
            found += [f"{voice} subject {self._sort(clauses.subjects(head))}", f"tag {parse.tag[head]}", voice]
            found.append("object" if clauses.objects(head) else "no object")
        else:
            found += [f"det {parse.low[c]}" for c in parse.kids(head, "det")] or ["no det"]
            verb = clauses.governing(head)
            if verb is not None:
                found.append("supported" if parse.lemma[verb] in self._reading.words["support_verb"] else "governed")
        if not self._paragraph[head]:
            found.append("title")
        if head in self._reading.quote_of:
            found.append("quoted")
        if (
            len(parse.sentences) <= _SHORT
            and pos != "n"
            and not any(one in self._of_frame for one in parse.above(head))
        ):
            found.append("short")
        return found

    def _sort(self, subjects: list[int]) -> str:
        """The sort of word that is the subject: troops, a crowd, an office, or its part of speech."""
        parse, words = self._parse, self._reading.words
        for subject in subjects[:1]:
            both = {parse.lemma[subject], parse.low[subject]}
            return next((sort for sort in _SORTS if both & words[sort]), parse.pos[subject])
        return "none"

    def _preposition(self, root: int) -> str:
        parse = self._parse
        while parse.dep[root] == "conj" and parse.head[root] != root:
            root = parse.head[root]
        return parse.low[parse.head[root]] if parse.dep[root] == "pobj" else "none"
