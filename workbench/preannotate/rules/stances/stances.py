"""Stances: the words that show who is for or against what, or undecided."""

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.frames import PARTICIPLES, EventFinder
from workbench.preannotate.rules.lexicon import Entry, Lexicon
from workbench.preannotate.rules.reading import ACTORS, Filler, Reading

_CALLING = frozenset(
    {
        "call",
        "describe",
        "brand",
        "label",
        "term",
        "see",
        "regard",
        "consider",
        "find",
        "deem",
        "judge",
        "dub",
        "portray",
    }
)
_COPULAS = frozenset({"be", "remain", "become", "prove", "seem"})
_TRAILING = frozenset(",.;:!?—–-\"“”‘’'()")
_STOPS = frozenset({"relcl", "appos", "advcl", "punct", "cc", "conj", "parataxis"})
_LONGEST_ISSUE = 22


class StanceFinder:
    """Finds the stances of one text. `issues` collects the nameless things that stances are about."""

    def __init__(
        self, reading: Reading, lexicon: Lexicon, events: EventFinder, turned: dict[str, str], unkind: str
    ) -> None:
        """`turned`: what negation makes of a stance; `unkind`: what a quoted name shows that the lexicon lacks."""
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._lexicon = lexicon
        self._events = events
        self._opposite = turned
        self._unkind = unkind
        self.issues: dict[tuple[int, int], Mention] = {}
        self._last_target: tuple[int, Mention | Frame] | None = None

    def find(self) -> list[Frame]:
        """The stances, in text order, each with a target."""
        found: list[Frame] = []
        for token in range(len(self._parse)):
            stance = self._from_lexicon(token) or self._from_evaluation(token)
            if stance is None or not stance.playing("target"):
                continue
            if found and found[-1].end > stance.start:
                continue
            self._last_target = (token, stance.playing("target")[0].filler)
            found.append(stance)
        return found

    def _from_lexicon(self, token: int) -> Frame | None:
        pos = self._events.part_of_speech(token)
        if pos is None:
            return None
        match = self._of_state(token) or self._events.matcher.best(token, self._lexicon.stances, pos)
        if match is None or not self._may_be(token, match[0]):
            return None
        entry, inside = match
        label = entry.stance
        negations = list(self._reading.clauses.negations(token))
        wants_negation = any(condition.what == "neg" for condition in entry.conditions)
        if negations and not wants_negation:
            if not entry.flips or label not in self._opposite:
                return None
            label = self._opposite[label]
        if self.is_unreal(token) or self._reading.clauses.nobodys(token):
            return None
        verb = self._reading.clauses.governing(token) if entry.pos == "n" else None
        if verb is not None and self._parse.lemma[verb] in self._words["withdrawal_verb"] and label in self._opposite:
            label = self._opposite[label]
        start, end = self._extent(token, {*inside, *self._neither(token)}, negations, state=entry.pos == "a")
        kind = entry.pos + ("+" if entry.conditions else "") + ("-" if negations else "")
        frame = Frame(label, start, end, token, entry, kind)
        self._holder(frame, entry)
        if not frame.roles and self._reading.is_asked(token):
            return None
        for filler, route in self._targets(frame, entry):
            if all(role.filler is not filler for role in frame.roles):
                frame.add("target", filler, route)
        return self._expressed(frame)

    def _of_state(self, token: int) -> tuple[Entry, set[int]] | None:
        """The entry for what somebody is rather than what is done to them: is *opposed* to, are *divided* over."""
        parse = self._parse
        is_state = parse.kids(token, "auxpass") or parse.dep[token] == "acomp"
        if parse.tag[token] != "VBN" or not is_state or parse.kids(token, "agent"):
            return None
        if (parse.low[token], "a") not in self._lexicon.stances:
            return None
        found = self._events.matcher.best(token, self._lexicon.stances, "a")
        return found if found is not None and found[0].conditions else None

    def _neither(self, token: int) -> list[int]:
        """The words of "nor turned down" after "neither accepted"."""
        parse = self._parse
        if not any(parse.low[n] == "neither" for n in self._reading.clauses.negations(token)):
            return []
        verbs = [verb for verb in parse.kids(token, "conj") if parse.pos[verb] == "VERB"]
        return [word for verb in verbs for word in (verb, *parse.kids(verb, "prt"))]

    def event_at(self, token: int) -> Frame | None:
        """The event that a word belongs to."""
        return self._events.by_token.get(token)

    def judged(self, token: int, label: str, holder: Mention | None, kind: str) -> Frame:
        """A stance of a word that the lexicon of stances lacks, without its target."""
        start, end = self._extent(token, {token}, list(self._reading.clauses.negations(token)))
        frame = Frame(label, start, end, token, None, kind, judged=True)
        if holder is not None:
            frame.add("holder", holder, kind)
        return self._expressed(frame)

    def _may_be(self, token: int, entry: Entry) -> bool:
        parse = self._parse
        mention = self._reading.mentions.at(token)
        if mention is not None:
            return False
        if entry.pos == "v" and parse.dep[token] in ("amod", "compound") and parse.tag[token] in PARTICIPLES:
            return False
        if entry.pos == "n" and parse.dep[token] in ("compound", "amod"):
            return False
        return not (entry.pos == "a" and parse.dep[token] == "amod")

    def is_unreal(self, token: int) -> bool:
        """Whether the stance is only asked for, supposed or denied: urged X to accept, if X accepts, denied backing X."""
        parse = self._parse
        for child in parse.children[token]:
            if parse.dep[child] == "mark" and parse.low[child] in ("if", "unless", "whether"):
                return True
            if parse.dep[child] == "aux" and parse.low[child] in ("could", "may", "might", "should", "must"):
                return True
        above = parse.head[token]
        denied = parse.lemma[above] in self._words["negative_operator"] and parse.dep[token] in ("xcomp", "ccomp")
        if denied and not self._reading.clauses.negated(above):
            return True
        if parse.dep[token] in ("xcomp", "advcl", "acl", "conj") and any(
            parse.low[c] == "to" and parse.dep[c] == "aux" for c in parse.children[token]
        ):
            above = self._events.by_token.get(parse.head[token])
            if above is None:
                return parse.lemma[parse.head[token]] not in self._words["stance_carrier"]
            return True
        return False

    def _extent(self, token: int, inside: set[int], negations: list[int], *, state: bool = False) -> tuple[int, int]:
        """The expression: with its negation and auxiliaries, an adverb that strengthens it, and "we" in a quotation."""
        parse = self._parse
        start, end = min(inside), max(inside) + 1
        if negations:
            leading = [t for t in negations if t < token and token - t < 5]
            start = min([start, *leading])
        while start and parse.low[start - 1] in self._words["intensifier"]:
            start -= 1
        is_event = token in self._events.by_token and not negations and not state
        above = parse.head[token]
        helpers = set(parse.kids(token, "aux", "auxpass"))
        if (state or self._events.part_of_speech(token) != "v") and parse.lemma[above] == "be":
            helpers |= {above, *parse.kids(above, "aux")}
        elif parse.dep[token] == "pobj" and parse.lemma[parse.head[above]] == "be":
            helpers |= {parse.head[above], *parse.kids(parse.head[above], "aux")}
        while (
            not is_event and start and (start - 1 in helpers or start - 1 in negations) and parse.low[start - 1] != "to"
        ):
            start -= 1
        return start, end

    def _holder(self, frame: Frame, entry: Entry) -> None:
        found = self._events.follow(frame, entry.actor)
        if found:
            frame.add("holder", found[0][0], found[0][1])
            return
        token = frame.head
        if token in self._reading.quote_of:
            for filler in self._reading.speaker(token)[:1]:
                frame.add("holder", filler.mention, "speaker")

    def _targets(self, frame: Frame, entry: Entry) -> list[tuple[Mention | Frame, str]]:
        for path in entry.target:
            found: list[tuple[Mention | Frame, str]] = []
            for token in self._events.step(frame, path):
                target = self.target(token, frame)
                if target is not None:
                    found.append((target[0], f"{path if path in ('obj', 'comp') else 'prep'}:{target[1]}"))
            if found:
                return found
            if path == "obj":
                clause = list(self._parse.kids(frame.head, "ccomp", "xcomp", "pcomp"))
                if not clause and self._events.step(frame, "obj"):
                    continue
        last = [found for verb in self._neither(frame.head) for found in self._reading.clauses.objects(verb)]
        targets = (self.target(token, frame) for token in last[:1])
        return [(target[0], f"obj:{target[1]}") for target in targets if target is not None]

    def target(self, token: int, frame: Frame) -> tuple[Mention | Frame, str] | None:
        """What a word stands for as a target: an event, a name, or the nameless thing that its phrase describes."""
        parse = self._parse
        if frame.start <= token < frame.end and token != frame.head:
            return None
        event = self._events.by_token.get(token)
        if event is not None and event.head != frame.head and not self._is_described(event):
            return event, "event"
        if parse.pos[token] == "PRON" and parse.low[token] in ("all", "both", "most") and parse.kids(token, "prep"):
            return self._as_issue(token, parse.subtree(token), "issue")
        if parse.pos[token] == "PRON" or (parse.pos[token] == "DET" and not parse.children[token]):
            return self._pronoun(token)
        mention = self._reading.mentions.at(token)
        if mention is not None and mention.kind not in ("quantity", "date"):
            if mention.kind == "norp" and token != mention.end - 1:
                return None
            return mention, "name"
        if parse.pos[token] in ("VERB", "AUX"):
            return self._clause(token)
        found = self._reading.resolve(token)
        if len(found) == 1 and found[0].route == "agent":
            return found[0].mention, "name"
        group = [f for f in found if f.route in ("apposition", "modifier")]
        if group and (
            parse.lemma[token] in self._words["official_noun"] or parse.low[token] in self._words["official_noun"]
        ):
            return group[0].mention, group[0].route
        return self._issue(token)

    def _is_described(self, event: Frame) -> bool:
        """Whether a demand or an offer is told with what it asks: an issue rather than an event."""
        if event.entry is None or event.entry.pos != "n" or not event.entry.effect:
            return False
        return bool(self._parse.kids(event.head, "prep", "acl", "relcl"))

    def _pronoun(self, token: int) -> tuple[Mention | Frame, str] | None:
        low = self._parse.low[token]
        if low in self._words["he"] or low in self._words["they"]:
            fillers = self._reading.resolve(token)
            return (fillers[0].mention, "pronoun") if fillers else None
        if low in ("it", "this", "that") and self._last_target is not None:
            where, last = self._last_target
            if self._parse.sentence[token] - self._parse.sentence[where] <= 2:
                return last, "pronoun"
        if low in ("it",):
            fillers = self._reading.resolve(token)
            return (fillers[0].mention, "pronoun") if fillers else None
        return None

    def _clause(self, verb: int) -> tuple[Mention | Frame, str] | None:
        """The event that a clause tells, or the clause itself as an issue; what is asked about, in "whether to back it"."""
        parse = self._parse
        if any(parse.low[mark] in ("whether", "if") for mark in parse.kids(verb, "mark")):
            asked = next((t for t in self._reading.clauses.objects(verb) if parse.pos[t] == "NOUN"), None)
            target = self._issue(asked) if asked is not None and asked not in self._events.by_token else None
            if target is not None:
                return target
        event = self._events.by_token.get(verb)
        if event is not None:
            return event, "event"
        subtree = [t for t in parse.subtree(verb) if t >= verb or parse.dep[t] in ("aux", "nsubj", "advmod")]
        return self._as_issue(verb, subtree, "clause")

    def _issue(self, noun: int) -> tuple[Mention | Frame, str] | None:
        """The phrase of a noun: with article and what narrows it down, up to a comma, a relative clause or "and"."""
        parse = self._parse
        if parse.pos[noun] not in ("NOUN", "PROPN", "NUM", "ADJ", "DET"):
            return None
        return self._as_issue(noun, parse.subtree(noun), "issue")

    def _as_issue(self, head: int, subtree: list[int], route: str) -> tuple[Mention | Frame, str] | None:
        parse = self._parse
        first = min((t for t in subtree if t <= head), default=head)
        while first < head and (parse.words[first] in _TRAILING or parse.pos[first] in ("CCONJ", "SCONJ", "SPACE")):
            first += 1
        for token in range(first, head):
            if parse.words[token] in (",", ";", ":", "—", "–"):
                first = token + 1
        end = head + 1
        allowed = set(subtree)
        while end < len(parse) and end in allowed and end - first < _LONGEST_ISSUE:
            if parse.words[end] in (",", ";", ":", "—", "–", "(", "“") or parse.pos[end] == "SPACE":
                break
            if parse.words[end] == "“" and parse.pos[end - 1] in ("NOUN", "PROPN"):
                break
            if (parse.dep[end] == "cc" and self._breaks(end)) or (parse.low[end] == "as" and parse.dep[end] == "prep"):
                break
            end += 1
        while end > head + 1 and (parse.words[end - 1] in _TRAILING or parse.pos[end - 1] in ("ADP", "CCONJ", "SCONJ")):
            end -= 1
        first, end = self._with_marks(first, end)
        known = next((m for m in self._reading.mentions.all if (m.start, m.end) == (first, end)), None)
        if known is not None:
            return known, "name"
        if (first, end) not in self.issues:
            self.issues[first, end] = Mention(first, end, "issue", "issue")
        return self.issues[first, end], route

    def _with_marks(self, first: int, end: int) -> tuple[int, int]:
        """The phrase with both quotation marks, where it has one of them inside or stands between them."""
        words = self._parse.words
        opened = sum(words[t] in '“"' for t in range(first, end)) - sum(words[t] == "”" for t in range(first, end))
        after = words[end] if end < len(words) else ""
        if opened == 1 and after in ("”", '"'):
            return first, end + 1
        if opened == 0 and first and words[first - 1] == "“" and after == "”":
            return first - 1, end + 1
        return first, end

    def _breaks(self, conjunction: int) -> bool:
        parse = self._parse
        siblings = parse.kids(parse.head[conjunction], "conj")
        return any(parse.pos[s] in ("VERB", "AUX") for s in siblings if s > conjunction)

    def _expressed(self, frame: Frame) -> Frame:
        """The frame with how the stance is expressed: in the holder's quoted words, or as somebody else says."""
        quote = self._reading.quote_of.get(frame.head)
        if quote is not None:
            frame.attributes["expressed"] = "quoted"
            return frame
        reporter = self._reporter(frame)
        if reporter is not None:
            frame.attributes["expressed"] = "attributed"
        return frame

    def _reporter(self, frame: Frame) -> int | None:
        """The one who says so, where that is somebody else than the holder or those who speak for them."""
        parse, clauses = self._parse, self._reading.clauses
        holders = [role.filler for role in frame.playing("holder")]
        if not holders:
            return None
        verbs = [above for above in parse.above(frame.head) if parse.lemma[above] in self._words["speech"]]
        for child in parse.children[frame.head]:
            if parse.dep[child] in ("parataxis", "ccomp") and parse.lemma[child] in self._words["speech"]:
                verbs.append(child)
        for verb in verbs[:1]:
            for subject in clauses.subjects(verb):
                fillers = self._reading.resolve(subject)
                if parse.lemma[subject] in self._words["attribute_source"] and not fillers:
                    return verb
                if parse.lemma[subject] in ("diplomat", "aide", "source", "people", "person") and fillers:
                    return verb
                for filler in fillers:
                    both = {filler.mention.kind, *(h.kind for h in holders if isinstance(h, Mention))}
                    if filler.route == "name" and filler.mention not in holders and both <= {"gpe"}:
                        names = {filler.mention.norm, *(h.norm for h in holders if isinstance(h, Mention))}
                        if len(names) > 1:
                            return verb
        return None

    def _from_evaluation(self, token: int) -> Frame | None:
        """What somebody calls a thing, good or bad: called the deal a gift to the aggressor; “It is madness”."""
        parse = self._parse
        if parse.pos[token] in ("NOUN", "ADJ"):
            return self._of_somebody(token)
        if parse.pos[token] not in ("VERB", "AUX"):
            return None
        if parse.lemma[token] in _CALLING:
            objects = self._reading.clauses.objects(token)
            for word in self._events.matcher.called(token):
                label = self._judgement(word)
                if label and objects and word not in self._reading.quote_of:
                    return self._evaluation(word, label, objects, self._reading.clauses.subjects(token), "call")
            return self._called_in_quotes(token, objects)
        if parse.lemma[token] in _COPULAS:
            quoted = token in self._reading.quote_of
            for word in parse.kids(token, "attr", "acomp"):
                label = self._judgement(word)
                subjects = parse.kids(token, "nsubj", "csubj")
                if not label or not subjects or word not in range(token, token + 9):
                    continue
                if parse.low[subjects[0]] in (
                    *self._words["first_person"],
                    "you",
                    "who",
                    "what",
                    "there",
                    "he",
                    "she",
                    "they",
                ):
                    continue
                if self._reading.clauses.negated(token):
                    label = self._opposite.get(label, "")
                if quoted or word in self._reading.quote_of:
                    fillers = self._reading.speaker(word) or self._reading.speaker(token)
                    return self._evaluation(word, label, subjects, fillers, "quoted") if label else None
                above = parse.head[token]
                if parse.dep[token] == "ccomp" and parse.lemma[above] in self._words["speech"] and label:
                    return self._evaluation(word, label, subjects, self._reading.clauses.subjects(above), "said")
                if label and self._reading.resolves_to_name(subjects[0]) and parse.dep[token] in ("ROOT", "conj"):
                    return self._evaluation(word, label, subjects, None, "author")
        return None

    def _of_somebody(self, word: int) -> Frame | None:
        """What somebody is said to have, or to be, in passing: Smith's *lies*, the *corrupt* Smith."""
        parse = self._parse
        noun = parse.pos[word] == "NOUN"
        whose = parse.kids(word, "poss") if noun else [parse.head[word]] if parse.dep[word] == "amod" else []
        mention = self._reading.mentions.at(whose[0]) if whose else None
        label = self._judgement(word) if mention is not None and mention.kind == "person" else ""
        if not label or (noun and label != self._unkind):
            return None
        holders = self._reading.speaker(word)
        how = "of somebody" if noun else "somebody"
        first = min([word, *(t for t in parse.kids(word, "amod") if self._judgement(t))]) if noun else word
        frame = Frame(label, first, word + 1, word, None, f"evaluation:{how}")
        for holder in holders[:1]:
            if holder.mention is mention:
                return None
            frame.add("holder", holder.mention, f"{how}:{holder.route}")
        if mention is not None:
            frame.add("target", mention, f"{how}:name")
        return self._expressed(frame)

    def _called_in_quotes(self, verb: int, objects: list[int]) -> Frame | None:
        """The quoted name that somebody gives a thing; an unkind one unless its words are kind."""
        parse = self._parse
        for quote in self._reading.quotes:
            if not verb < quote.start <= verb + 12 or parse.sentence[quote.start] != parse.sentence[verb]:
                continue
            if quote.end - quote.start > 8 or not objects or max(objects) >= quote.start + 1:
                return None
            between = range(max(objects) + 1, quote.start)
            if any(parse.pos[t] not in ("DET", "ADP", "PUNCT", "ADJ") or parse.low[t] == "of" for t in between):
                return None
            label = next((found for t in range(quote.start, quote.end) if (found := self._judgement(t))), "")
            how = "named" if label else "named unclear"
            end = quote.end
            while end > quote.start + 1 and parse.words[end - 1] in _TRAILING:
                end -= 1
            if not (label or self._unkind):
                return None
            frame = Frame(label or self._unkind, quote.start, end, quote.start, None, f"evaluation:{how}")
            for filler in self._reading.fillers(self._reading.clauses.subjects(verb))[:1]:
                frame.add("holder", filler.mention, f"{how}:{filler.route}")
            target = self.target(objects[0], frame)
            if target is not None:
                if not label and isinstance(target[0], Mention) and target[0].kind == "person":
                    return None
                frame.add("target", target[0], f"{how}:{target[1]}")
            frame.attributes["expressed"] = "quoted"
            return frame
        return None

    def _judgement(self, word: int) -> str:
        for token in (word, *self._parse.kids(word, "amod")):
            for form in (self._parse.lemma[token], self._parse.low[token]):
                for entry in self._lexicon.stances.get((form, "e"), ()):
                    if token == word or entry.stance == self._unkind:
                        return entry.stance
        return ""

    def _evaluation(
        self, word: int, label: str, targets: list[int], holders: list[int] | list[Filler] | None, how: str
    ) -> Frame | None:
        """The stance that a judgement shows; without `holders` it is the author's."""
        parse = self._parse
        subtree = [
            t
            for t in parse.subtree(word)
            if t <= word or parse.dep[t] in ("amod", "advmod", "conj", "cc", "prep", "pobj", "det", "compound")
        ]
        start, end = word, word + 1
        while start - 1 in subtree and parse.words[start - 1] not in _TRAILING:
            start -= 1
        while (
            end in subtree
            and parse.words[end] not in (",", ".", ";", "”", '"', "’")
            and parse.dep[end] in ("cc", "conj", "advmod")
        ):
            end += 1
        if parse.dep[end - 1] == "cc":
            end -= 1
        if parse.pos[word] == "NOUN":
            for child in parse.kids(word, "prep"):
                phrase = parse.subtree(child)
                inside = child in self._reading.quote_of and word in self._reading.quote_of
                if child == end and inside and phrase[-1] - child < 5 and phrase[-1] in self._reading.quote_of:
                    end = phrase[-1] + 1
        if start and parse.head[word] == start - 1 and parse.lemma[start - 1] == "be":
            start -= 1
        frame = Frame(label, start, end, word, None, f"evaluation:{how}")
        fillers: list[Filler] = []
        for holder in holders or ():
            fillers.extend([holder] if isinstance(holder, Filler) else self._reading.resolve(holder))
        for filler in fillers[:1]:
            if filler.mention.kind in ACTORS:
                frame.add("holder", filler.mention, f"{how}:{filler.route}")
        if not fillers and holders is not None and how != "quoted":
            return None
        for token in targets[:1]:
            target = self.target(token, frame)
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.add("target", target[0], f"{how}:{target[1]}")
        return self._expressed(frame)
