"""Where the paths of the lexicon lead: from a trigger to the words and entities in its grammatical places."""

from workbench.preannotate.rules.agents import KIND as AGENT
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.matcher import WIDEST
from workbench.preannotate.rules.lexicon import PREPOSITIONS
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis

_BESIDE = frozenset({"by", "of", "between", "against"})
_PHRASE = frozenset({"NOUN", "PROPN", "ADJ", "DET", "ADP", "NUM", "PRON", "PART"})
_OF_OBJECTS = frozenset({"to", "for", "from", "with"})
"""Prepositions that belong to a verb, though the parse may give them to its object: sent two million euros *to* Chad."""
_CARRIERS = ("support_verb", "future_operator", "hypothetical_operator")
_LEAVES = frozenset({"relcl", "advcl", "parataxis", "npadvmod", "agent"})
TOGETHER = "together"
"""The route to whoever does with others what they do: met *Putin*."""


class Paths:
    """Follows the paths of one text's triggers, as lexicon.tsv writes them: subj, obj, poss, of, with>subj."""

    def __init__(self, reading: TextAnalysis) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words

    def step(self, frame: Frame, path: str) -> list[int]:
        """The words that stand in a grammatical place of a trigger."""
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        entry = frame.entry
        pos = entry.pos if entry is not None else "v"
        if pos == "n":
            return self.noun_step(frame, path)
        if pos == "a":
            above = parse.head[head]
            if path == "subj":
                if parse.kids(head, "auxpass"):
                    return parse.kids(head, "nsubjpass")
                verb = above if parse.pos[above] in ("AUX", "VERB") else head
                if parse.dep[head] == "amod":
                    return [above]
                return clauses.subjects(verb)
            if path == "obj":
                return parse.kids(head, "pobj", "pcomp")
            if path == "comp":
                return clauses.complements(head)
            return clauses.prepositional(head, path) or ([] if path == "obj" else clauses.prepositional(above, path))
        if path == "subj":
            return clauses.subjects(head)
        if path == "obj":
            return [t for t in clauses.objects(head) if not frame.start <= t < frame.end or t == head]
        if path == "iobj":
            return clauses.indirect(head)
        if path == "comp":
            inside = [head, *(t for t in range(frame.start, frame.end) if t != head and parse.pos[t] == "VERB")]
            return [c for t in inside for c in clauses.complements(t) if not frame.start <= c < frame.end]
        found = clauses.prepositional(head, path)
        for token in range(frame.start, frame.end):
            if token != head:
                found = [*found, *clauses.prepositional(token, path)]
                if parse.low[token] == path:
                    found = [*found, *parse.kids(token, "pobj")]
        if not found and path == "with":
            found = self._after_date(head, path)
        if not found and path in _OF_OBJECTS:
            found = [t for below in clauses.objects(head) for t in clauses.prepositional(below, path)]
        return [t for t in dict.fromkeys(found) if not self._reading.is_date(t)]

    def noun_step(self, frame: Frame, path: str) -> list[int]:
        """The words that stand in a grammatical place of a noun: its possessor, modifier, carrier's subject, complement."""
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        if path == "poss":
            return parse.kids(head, "poss") or parse.kids(self._carrier(head), "poss")
        if path == "mod":
            found = [c for c in parse.kids(head, "amod", "compound", "nmod") if self._reading.mentions.at(c)]
            found = [one for c in found for one in (*self.hyphened(c), *parse.conjuncts(c))]
            before = head - 1
            if (
                not found
                and before >= 0
                and self._reading.mentions.at(before)
                and parse.pos[before] in ("PROPN", "ADJ")
            ) and parse.sentence[before] == parse.sentence[head]:
                found = [before]
            return found
        if path in ("via", "subj"):
            verb = self._governing(self._carrier(head))
            if verb is None or parse.dep[head] == "oprd" or parse.lemma[verb] in self._words["suffering_verb"]:
                return []
            if path == "via" and not any(parse.lemma[verb] in self._words[name] for name in _CARRIERS):
                return []
            subjects = clauses.subjects(verb)
            return [s for s in subjects if s != head]
        if path == "comp":
            return parse.kids(head, "acl", "ccomp", "relcl")
        carrier = self._carrier(head)
        found = clauses.prepositional(head, path) or clauses.prepositional(carrier, path)
        for participle in parse.kids(head, "acl") if not found else ():
            if parse.tag[participle] == "VBN":
                found = [*found, *clauses.prepositional(participle, path)]
        if not found and path in _BESIDE:
            found = self._right_after(frame, path)
        if not found and path in ("on", "against", "with", "to", "by", "between", "for", "from"):
            verb = clauses.governing(carrier)
            if verb is not None and parse.lemma[verb] in self._words["support_verb"] and parse.dep[carrier] != "pobj":
                found = clauses.prepositional(verb, path) or self._after_date(verb, path)
        return found

    def _carrier(self, noun: int) -> int:
        """The noun that a noun only says the kind of, or itself: mediation *effort* between."""
        parse = self._parse
        above = parse.head[noun]
        carried = (
            parse.dep[noun] in ("compound", "nmod", "amod") and parse.lemma[above] in self._words["trigger_carrier"]
        )
        return above if carried and above > noun else noun

    def _after_date(self, verb: int, path: str) -> list[int]:
        """The object of a preposition that the parse gives to a date: met on Saturday *with Chad*."""
        parse, clauses = self._parse, self._reading.clauses
        below = [t for preposition in parse.kids(verb, "prep") for t in parse.kids(preposition, "pobj")]
        dates = [t for t in (*below, *parse.kids(verb, "npadvmod")) if self._reading.is_date(t)]
        return [t for date in dates for t in clauses.prepositional(date, path)]

    def _governing(self, noun: int) -> int | None:
        """The verb that a noun depends on; not that of a clause with "that" after it: *said* after talks that it would go."""
        parse, verb = self._parse, self._reading.clauses.governing(noun)
        while verb is not None and any(noun < mark for mark in parse.kids(verb, "mark")):
            above = parse.head[verb]
            verb = above if above != verb and parse.pos[above] in ("VERB", "AUX") else None
        return verb

    def _right_after(self, frame: Frame, path: str) -> list[int]:
        """The object of a preposition right after the words of a noun, though the parse gives it to another word.

        Only "by" may stand further off: the attack on the port *by Chad*.
        """
        parse, after = self._parse, frame.end
        last = parse.sentences[parse.sentence[frame.head]][1]
        phrases = 0
        while (
            path == "by" and after < last and parse.pos[after] in _PHRASE and parse.low[after] != path and phrases < 2
        ):
            phrases += parse.pos[after] == "ADP"
            after += 1
        if after >= last or parse.low[after] != path or parse.dep[after] not in ("prep", "agent"):
            return []
        return [one for token in parse.kids(after, "pobj") for one in parse.conjuncts(token)]

    def hyphened(self, token: int) -> list[int]:
        """The other half of a pair before a noun: the *Putin*-Trump meeting."""
        before = token - 1
        if before > 0 and self._parse.words[before] in ("-", "–") and self._reading.mentions.at(before - 1):
            return [before - 1]
        return []

    def follow(self, frame: Frame, paths: tuple[str, ...]) -> list[tuple[Mention, str]]:
        """The entities at the end of the first path that leads to any, and the route."""
        for path in paths:
            together = path.startswith("=")
            first, _, rest = path.removeprefix("=").partition(">")
            tokens = self.step(frame, first)
            if rest == "poss":
                tokens = [p for t in tokens for p in self._parse.kids(t, "poss")]
            elif rest == "subj":
                tokens = [s for t in tokens for s in self._reading.clauses.subjects(t)]
            elif rest in ("actor", "recipient"):
                continue
            elif rest in PREPOSITIONS:
                tokens = [below for t in tokens for below in self._reading.clauses.prepositional(t, rest)]
            elif rest == "mod":
                found = [m for t in tokens if (m := self._named_modifier(t)) is not None]
                if found:
                    return [(mention, "mod:modifier") for mention in found]
                continue
            fillers = [
                filler for filler in self._reading.fillers(tokens) if not (first == "mod" and filler.route != "name")
            ]
            if fillers:
                shape = TOGETHER if together else _shape(first)
                return [(filler.mention, f"{shape}:{filler.route}") for filler in fillers]
        return []

    def places(self, frame: Frame, paths: tuple[str, ...], kinds: frozenset[str]) -> list[tuple[Mention, str]]:
        """Places at the end of a path: shelled *Kharkiv*, moved troops to *Raška*."""
        for path in paths:
            tokens = self.step(frame, path)
            if path == "mod" and (len(tokens) > 1 or any(self.hyphened(t) for t in tokens)):
                continue
            places = (self._reading.place_at(t) for t in tokens)
            found = [place for place in places if place is not None and place.kind in kinds]
            if found:
                return [(mention, f"{_shape(path)}:place") for mention in found]
        return []

    def inside(self, frame: Frame, paths: tuple[str, ...]) -> list[tuple[Mention, str]]:
        """The first name within what a path leads to: praised *Haiti*'s efforts, visas for *Honduran* officials."""
        parse = self._parse
        for path in paths:
            if ">" in path or path in ("mod", "poss", "via"):
                continue
            for token in self.step(frame, path.removeprefix("=")):
                for below in parse.subtree(token):
                    mention = self._reading.actor_at(below)
                    if parse.dep[below] in ("relcl", "advcl", "ccomp"):
                        break
                    if (
                        mention is not None
                        and not self.is_moved(mention)
                        and not self._is_where(mention)
                        and not self._reading.is_in_title(mention)
                        and below not in self._reading.clauses.outside
                    ):
                        return [(mention, f"inside:{parse.dep[mention.root]}")]
        return []

    def within(self, frame: Frame) -> list[tuple[Mention, str]]:
        """The first name in what is said, done or asked: threatened to ban *Ugandan* candidates, calls by *Annan*."""
        parse = self._parse
        entry = frame.entry
        if entry is None or not entry.recipient:
            return []
        last = parse.sentences[parse.sentence[frame.head]][1]
        for token in range(frame.end, last):
            mention = self._reading.actor_at(token)
            if mention is None or (token != mention.root and token not in range(mention.start, mention.root)):
                continue
            if self.is_moved(mention) or self._is_where(mention):
                continue
            token = mention.root
            route: list[str] = []
            while token != frame.head and parse.head[token] != token and len(route) < WIDEST:
                if parse.dep[token] in _LEAVES or token in self._reading.clauses.outside:
                    return []
                if parse.dep[token] != "conj" or parse.pos[token] not in ("VERB", "AUX"):
                    route.append(parse.dep[token])
                token = parse.head[token]
            if token != frame.head or any(role.filler is mention for role in frame.roles):
                continue
            return [(mention, f"within:{'clause' if 'xcomp' in route or 'ccomp' in route else 'phrase'}")]
        return []

    def _named_modifier(self, token: int) -> Mention | None:
        for child in self._parse.kids(token, "amod", "compound", "nmod", "poss"):
            mention = self._reading.mentions.at(child)
            if mention is not None and mention.kind in ACTORS:
                return mention
        return None

    def _is_where(self, mention: Mention) -> bool:
        """Whether a place only tells where something is: a summit *in Doha*."""
        parse, head = self._parse, mention.root
        if mention.kind != "gpe":
            return False
        while parse.dep[head] == "conj" and parse.head[head] != head:
            head = parse.head[head]
        return parse.dep[head] == "pobj" and parse.low[parse.head[head]] in self._words["where_surely"]

    def is_moved(self, mention: Mention) -> bool:
        """Whether somebody's own forces or envoys are meant, with whom something is done but to whom it is not: *its troops*, sent *troops*."""
        parse, head = self._parse, mention.root
        if mention.kind != AGENT or not any(parse.lemma[head] in self._words[name] for name in ("forces", "envoys")):
            return False
        sent = parse.dep[head] == "dobj" and parse.lemma[parse.head[head]] in self._words["sending_verb"]
        return sent or any(parse.tag[owner] == "PRP$" for owner in parse.kids(head, "poss"))


def _shape(path: str) -> str:
    """The kind of a path, for scores: subj, obj, poss, mod, via, of, or any other preposition."""
    return path if path in ("subj", "obj", "iobj", "poss", "mod", "via", "of", "by", "between") else "prep"
