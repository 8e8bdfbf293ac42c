"""Evaluations: what somebody calls or finds a thing, a talk, a plan: “the call was productive”, called the deal a trap."""

from bisect import bisect_right
from collections.abc import Iterable

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.quotes import Quote
from workbench.preannotate.rules.reading import ACTORS, Filler
from workbench.preannotate.rules.stances.finder import Ground, KindFinder
from workbench.preannotate.rules.stances.opinions import Opinions
from workbench.preannotate.rules.stances.targets import CLITICS, TRAILING, Target

KIND = "evaluation"
_COPULAS = frozenset({"be", "remain", "become", "prove", "seem"})
_PERSONS = frozenset({"you", "who", "what", "there", "he", "she", "they"})
_ILL = frozenset({"ASSAULT", "COERCE", "SANCTION", "THREATEN", "REJECT"})
_WITHIN = frozenset({"amod", "advmod", "conj", "cc", "prep", "pobj", "det", "compound", "neg", "punct"})
_ENDS = frozenset({",", ".", ";", "”", '"', "’", "!", "?"})
_LONGEST_NAME = 8
_LONGEST_JUDGED = 14
"""How many words a quotation may have after a verb that judges by itself: dismissed the move as “…”."""
_REACH = 12


class Evaluations(KindFinder):
    """Finds the evaluations of one text."""

    def __init__(self, ground: Ground, lexicon: Lexicon, opinions: Opinions) -> None:
        super().__init__(ground)
        self._lexicon = lexicon
        self._opinions = opinions
        self._quote_starts = [quote.start for quote in ground.reading.quotes]
        self._quote_at = {quote.start: quote for quote in ground.reading.quotes}

    def at(self, token: int) -> Frame | None:
        """The evaluation that a word makes: a verb of calling or being, a word in passing, a quotation without a verb."""
        parse = self._parse
        quote = self._quote_at.get(token)
        if quote is not None:
            found = self._of_deed(quote) or self._opening(quote)
            found = found or (self._in_a_word(quote) if self._is_bare(quote) else None)
            if found is not None:
                return found
        if parse.pos[token] in ("NOUN", "ADJ"):
            return self._of_somebody(token) or self._in_passing(token) or self._quoted(token)
        if parse.pos[token] not in ("VERB", "AUX"):
            return None
        by_as = parse.lemma[token] in self._words["judging_verb"]
        if by_as and not any(parse.low[t] == "as" for t in parse.kids(token, "prep")):
            return None
        if by_as or parse.lemma[token] in self._words["calling_verb"]:
            objects = self._reading.clauses.objects(token)
            called = self._events.triggers.matcher.called(token)
            if not called and (relative := self._called_relative(token)) is not None:
                called = [relative]
            if objects and parse.dep[token] == "relcl" and parse.low[objects[0]] in self._words["relative"]:
                objects = [parse.head[token]]
            for word in called:
                label = self.judgement(word)
                objects = objects or [t for t in parse.kids(word, "nsubj") if token < t < word]
                if objects and parse.low[objects[0]] == "it":
                    objects = [t for t in parse.kids(word, "xcomp", "ccomp", "advcl") if t > word] or objects
                if label and objects and word not in self._reading.quote_of:
                    fillers = self._reading.fillers(self._reading.clauses.subjects(token))
                    made = self._made(word, label, objects, fillers or self._speech.speakers(token), "call")
                    if made is not None and made.start == token + 1 and parse.low[made.start] == "it":
                        made.start = token
                    return made
            return self._called_in_quotes(token, objects)
        if parse.lemma[token] in _COPULAS:
            return self._predicate(token)
        if parse.lemma[token] in self._words["amounting_verb"] and (made := self._amounting(token)) is not None:
            return made
        return self._due(token) or self._deed(token) or self._effect(token) or self._went(token)

    def _due(self, verb: int) -> Frame | None:
        """What somebody says is needed, or is not: “no such meeting is *needed*”."""
        parse = self._parse
        helpers = parse.kids(verb, "auxpass")
        if parse.lemma[verb] not in self._words["need_verb"] or not helpers or self._is_open(verb):
            return None
        fillers, subjects = self._speech.speakers(verb), parse.kids(verb, "nsubjpass")
        negations = [*self._reading.clauses.negations(verb)]
        label = self._opposite.get(self._pro, "") if negations else self._pro
        if not fillers or not subjects or not label or parse.low[subjects[0]] in _PERSONS:
            return None
        if parse.low[subjects[0]] in self._words["relative"]:
            return None
        start = min([helpers[0], *(t for t in parse.kids(verb, "aux") if t < verb)])
        frame = Frame(label, start, verb + 1, verb, None, f"{KIND}:due")
        for filler in fillers:
            frame.add("holder", filler.mention, f"due:{filler.route}")
        target = self._targets.of(subjects[0], frame)
        if target is not None and all(role.filler is not target[0] for role in frame.roles):
            frame.add("target", target[0], f"due:{target[1]}")
        return self._speech.expressed(frame)

    def _deed(self, verb: int) -> Frame | None:
        """Blame for what somebody is said to do: “They are *lying*”, Holm said that Kenya had *betrayed* its allies."""
        parse = self._parse
        opinion = self._opinions.of(parse.lemma[verb], parse.low[verb], parse.pos[verb], parse.tag[verb])
        if opinion is None or opinion.kind != "deed" or opinion.stance != self._unkind or verb in self._events.by_token:
            return None
        clauses = self._reading.clauses
        if self._is_open(verb) or clauses.negated(verb) or parse.is_passive(verb) or parse.tag[verb] == "VB":
            return None
        teller = self._speech.reporting(verb)
        asked = self._events.by_token.get(teller) if teller is not None else None
        if asked is not None and asked.label == "REQUEST":
            return None
        doers = self._reading.fillers(clauses.subjects(verb))
        fillers = self._speech.speakers(verb)
        said = {self._name(filler) for filler in fillers}
        doers = [filler for filler in doers if self._name(filler) not in said]
        if not fillers or not doers or any(filler.route == "speaker" for filler in doers):
            return None
        helpers = [t for t in parse.kids(verb, "aux") if parse.pos[t] == "AUX" and t < verb]
        frame = Frame(self._unkind, min([verb, *helpers]), verb + 1, verb, None, f"{KIND}:deed")
        for filler in fillers:
            frame.add("holder", filler.mention, f"deed:{filler.route}")
        for filler in doers:
            frame.add("target", filler.mention, f"deed:{filler.route}")
        return self._speech.expressed(frame)

    def _effect(self, verb: int) -> Frame | None:
        """What somebody says that a thing does, for good or ill: “The law *would silence* the press”."""
        parse, clauses = self._parse, self._reading.clauses
        ill = parse.lemma[verb] in self._words["harming_verb"]
        event = self._events.by_token.get(verb)
        if not ill and parse.lemma[verb] not in self._words["helping_verb"]:
            return None
        if event is not None and event.label != "THREATEN":
            return None
        subjects = [t for t in parse.kids(verb, "nsubj", "csubj") if t < verb]
        alone = parse.tag[verb] == "VBG" and not parse.kids(verb, "aux")
        if not subjects or parse.is_passive(verb) or alone or self._reading.is_asked(verb):
            return None
        if any(parse.low[t] in ("if", "unless", "whether") for t in parse.kids(verb, "mark")):
            return None
        speakers = self._speech.speakers(verb)
        if not speakers or parse.low[subjects[0]] in _PERSONS | self._words["first_person"]:
            return None
        label = self._unkind if ill else self._pro
        negations = list(clauses.negations(verb))
        if bool(negations) != any(parse.low[t] in ("only", "merely") for t in parse.kids(verb, "advmod")):
            label = self._opposite.get(label, "") if negations or not ill else label
        helpers = [t for t in (*parse.kids(verb, "aux"), *negations) if t < verb]
        frame = Frame(label, min([verb, *helpers]), verb + 1, verb, None, f"{KIND}:effect")
        for filler in speakers:
            frame.add("holder", filler.mention, f"effect:{filler.route}")
        target = self._targets.of(subjects[0], frame)
        if not label or target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        if isinstance(target[0], Mention) and target[0].kind in ACTORS:
            return None
        frame.add("target", target[0], f"effect:{target[1]}")
        return self._speech.expressed(frame)

    def _went(self, verb: int) -> Frame | None:
        """How somebody says that a thing went: “The talks *went well*”."""
        parse = self._parse
        subjects = parse.kids(verb, "nsubj")
        if parse.lemma[verb] not in self._words["going_verb"] or not subjects or parse.is_passive(verb):
            return None
        manners = [t for t in parse.kids(verb, "advmod") if t > verb and t - verb < 4]
        how = next((t for t in manners if parse.low[t] in self._words["well"] | self._words["ill"]), None)
        speakers = self._speech.speakers(verb)
        if how is None or not speakers or self._is_open(verb) or parse.low[subjects[0]] in _PERSONS:
            return None
        label = self._pro if parse.low[how] in self._words["well"] else self._unkind
        negations = list(self._reading.clauses.negations(verb))
        label = self._opposite.get(label, "") if negations else label
        start = min([verb, *(t for t in (*parse.kids(verb, "aux"), *negations) if t < verb)])
        frame = Frame(label, start, how + 1, verb, None, f"{KIND}:went")
        for filler in speakers:
            frame.add("holder", filler.mention, f"went:{filler.route}")
        target = self._meant(subjects[0], how, frame)
        if not label or target is None or (isinstance(target[0], Mention) and target[0].kind in ACTORS):
            return None
        frame.add("target", target[0], f"went:{target[1]}")
        return self._speech.expressed(frame)

    def _opening(self, quote: Quote) -> Frame | None:
        """What the first words of an answer show: “*We'll see*”, “*Not one inch*”; it is about what was told before."""
        parse = self._parse
        end = quote.start
        while end < quote.end and parse.words[end] not in _ENDS and parse.sentence[end] == parse.sentence[quote.start]:
            end += 1
        if not 1 < end - quote.start <= _LONGEST_NAME or (quote.verb is None):
            return None
        text = " ".join(parse.low[quote.start : end]).replace("’", "'") + " "
        is_open = any(text.startswith(f"{phrase} ") for phrase in self._words["open_answer"])
        label = self._undecided if is_open else ""
        if not label and any(text.startswith(f"{phrase} ") for phrase in self._words["refusing_answer"]):
            label = self._unkind
        frame = Frame(label, quote.start, end, end - 1, None, f"{KIND}:opening")
        for filler in self._speech.speakers(quote.start):
            frame.add("holder", filler.mention, f"opening:{filler.route}")
        if not label or not frame.roles:
            return None
        for about in self._said_of(quote.verb):
            target = self._targets.of(about, frame)
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.add("target", target[0], f"opening:{target[1]}")
        frame.attributes["expressed"] = "quoted"
        return frame

    def _of_deed(self, quote: Quote) -> Frame | None:
        """What somebody is accused of in the accuser's own words: accused Chad of “*begging with a stick*”."""
        parse, clauses, before = self._parse, self._reading.clauses, quote.start - 2
        if before < 1 or parse.low[before] != "of" or not 2 < quote.end - quote.start <= _LONGEST_JUDGED:
            return None
        if parse.tag[quote.start] != "VBG" or quote.start in self._events.by_token:
            return None
        verb = parse.head[before]
        verb = parse.head[verb] if parse.pos[verb] != "VERB" else verb
        objects = [t for t in clauses.objects(verb) if t < before]
        if parse.lemma[verb] not in self._words["accusing_verb"] or not objects:
            return None
        frame = Frame(self._unkind, quote.start, self._trimmed(quote), quote.start, None, f"{KIND}:of a deed")
        for filler in self._reading.fillers(clauses.subjects(verb)):
            frame.add("holder", filler.mention, f"of a deed:{filler.route}")
        target = self._targets.of(objects[0], frame)
        if target is None or not frame.roles or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"of a deed:{target[1]}")
        frame.attributes["expressed"] = "quoted"
        return frame

    def _name(self, filler: Filler) -> str:
        return filler.mention.norm or self._parse.surface(filler.mention.start, filler.mention.end)

    def _predicate(self, verb: int) -> Frame | None:
        """What somebody says that a thing is: “It is madness to go”, said the visit had been useful."""
        parse = self._parse
        blamed = self._blamed(verb)
        if blamed is not None:
            return blamed
        turned_round = self._turned_round(verb)
        if turned_round is not None:
            return turned_round
        for word in parse.kids(verb, "attr", "acomp", "prep"):
            label = self.judgement(word)
            subjects = self._subjects(verb, word)
            if parse.lemma[word] in self._words["answerable"]:
                continue
            if not label or not subjects or word not in range(verb, verb + 9):
                continue
            if parse.low[subjects[0]] in _PERSONS or parse.low[subjects[0]] in self._words["first_person"]:
                continue
            if self._is_feeling(word) and self._reading.resolves_to_name(subjects[0]):
                continue
            clauses = self._reading.clauses
            if clauses.negated(verb) or clauses.negated(word) or clauses.nobodys(verb):
                label = self._opposite.get(label, "")
                if not label:
                    continue
            if self._is_open(verb):
                continue
            if self._speech.doubted(verb):
                label = self._opposite.get(label, "")
                if not label:
                    continue
            if verb in self._reading.quote_of or word in self._reading.quote_of:
                fillers = self._reading.speaker(word) or self._reading.speaker(verb)
                return self._made(word, label, subjects, fillers, "quoted")
            fillers = self._speech.speakers(verb)
            if fillers:
                return self._made(word, label, subjects, fillers, "said")
            if self._reading.resolves_to_name(subjects[0]) and parse.dep[verb] in ("ROOT", "conj"):
                return self._made(word, label, subjects, None, "author")
            after = [p for name in ("for", "to") for p in clauses.prepositional(word, name)]
            holders = [p for p in after if p > word]
            fillers = self._reading.fillers(holders) if parse.lemma[word] in self._words["limit_noun"] else []
            if fillers:
                return self._made(word, label, subjects, fillers, "for")
        return None

    def _turned_round(self, verb: int) -> Frame | None:
        """What somebody names as what stands in the way, or helps: “The only *obstacle* is Chad”, “The *answer* is a truce”."""
        parse = self._parse
        subjects = [t for t in parse.kids(verb, "nsubj") if t < verb and parse.kids(t, "det", "poss")]
        things = [t for t in parse.kids(verb, "attr", "xcomp", "ccomp") if t > verb]
        if parse.lemma[verb] != "be" or not subjects or not things or self._is_open(verb):
            return None
        noun = subjects[0]
        ill = parse.lemma[noun] in self._words["hindrance_noun"]
        if not ill and parse.lemma[noun] not in self._words["remedy_noun"]:
            return None
        if self._reading.clauses.negated(verb) or not any(
            parse.low[t] in ("the", "our", "my") for t in parse.children[noun]
        ):
            return None
        if not ill and parse.pos[things[0]] in ("ADJ", "PRON"):
            return None
        frame = Frame(self._unkind if ill else self._pro, noun, noun + 1, noun, None, f"{KIND}:turned round")
        for filler in self._speech.speakers(verb):
            frame.add("holder", filler.mention, f"turned round:{filler.route}")
        target = self._targets.of(things[0], frame)
        if not frame.roles or target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"turned round:{target[1]}")
        return self._speech.expressed(frame)

    def _blamed(self, verb: int) -> Frame | None:
        """Blame for what went wrong: “Chad *is to blame*”, said that Chad *is responsible* for the attack."""
        parse, clauses = self._parse, self._reading.clauses
        subjects = parse.kids(verb, "nsubj")
        words = [t for t in parse.kids(verb, "xcomp") if parse.lemma[t] == "blame" and not parse.kids(t, "dobj")]
        if not words:
            answerable = (t for t in parse.kids(verb, "acomp") if parse.lemma[t] in self._words["answerable"])
            words = [t for t in answerable if any(self._is_ill(p) for p in clauses.prepositional(t, "for"))]
        if not words or not subjects or self._is_open(verb) or clauses.nobodys(verb):
            return None
        speakers = self._speech.speakers(verb)
        label = self._opposite.get(self._unkind, "") if clauses.negated(verb) else self._unkind
        start = min([verb, *(t for t in parse.kids(verb, "aux", "neg") if t < verb)])
        frame = Frame(label, start, words[0] + 1, verb, None, f"{KIND}:to blame")
        for filler in speakers:
            frame.add("holder", filler.mention, f"to blame:{filler.route}")
        target = self._targets.of(subjects[0], frame)
        if not label or not speakers or target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"to blame:{target[1]}")
        return self._speech.expressed(frame)

    def _is_ill(self, noun: int) -> bool:
        """Whether a noun names what nobody wants: the attack, the failure."""
        parse = self._parse
        event = self._events.by_token.get(noun)
        if event is not None:
            return event.label in _ILL
        opinion = self._opinions.of(parse.lemma[noun], parse.low[noun], parse.pos[noun], parse.tag[noun])
        return parse.lemma[noun] in self._words["ill_noun"] or (
            opinion is not None and opinion.stance == self._unkind and opinion.kind != "hint"
        )

    def _amounting(self, verb: int) -> Frame | None:
        """What somebody says that a thing comes to: said the terms *amounted to* “*capitulation*”."""
        parse, clauses = self._parse, self._reading.clauses
        words = [*clauses.prepositional(verb, "to"), *(t for t in clauses.objects(verb) if t > verb)]
        subjects = [t for t in parse.kids(verb, "nsubj") if t < verb]
        fillers = self._speech.speakers(verb)
        label = self.judgement(words[0]) if words else ""
        if not label or not subjects or not fillers or self._is_open(verb) or parse.is_passive(verb):
            return None
        if clauses.negated(verb):
            label = self._opposite.get(label, "")
        return self._made(words[0], label, subjects, fillers, "amounts") if label else None

    def _is_feeling(self, word: int) -> bool:
        """Whether a word says what somebody feels about a thing, not what he is like: is *furious*."""
        parse = self._parse
        return any((form, "a") in self._lexicon.stances for form in (parse.lemma[word], parse.low[word]))

    def _subjects(self, verb: int, word: int) -> list[int]:
        """What is said to be so: the subject, or what "it" announces: it is wrong *to go*."""
        parse = self._parse
        subjects = parse.kids(verb, "nsubj", "csubj", "nsubjpass")
        if subjects and parse.low[subjects[0]] == "it" and subjects[0] < verb:
            announced = [c for c in parse.kids(verb, "xcomp", "ccomp", "advcl", "csubj") if c > word]
            announced += [c for c in parse.kids(word, "xcomp", "ccomp", "acl", "advcl") if c > word]
            meant = [c for c in announced if parse.pos[c] in ("VERB", "AUX")]
            if meant and parse.lemma[meant[0]] in self._words["thought_verb"]:
                return []
            return meant[:1] or subjects
        return subjects

    def _is_open(self, verb: int) -> bool:
        """Whether something is only asked or supposed to be so: if it is fair, whether, could be, a question."""
        parse = self._parse
        for child in parse.children[verb]:
            if parse.dep[child] == "mark" and parse.low[child] in ("if", "unless", "whether"):
                return True
            if parse.dep[child] == "aux" and parse.low[child] in ("could", "may", "might", "should", "must"):
                return True
        return self._reading.is_asked(verb)

    def _in_passing(self, word: int) -> Frame | None:
        """What somebody says of an event in passing: “We had a *very good* meeting”."""
        parse = self._parse
        noun = parse.head[word]
        if parse.pos[word] != "ADJ" or parse.dep[word] != "amod" or parse.pos[noun] != "NOUN" or noun < word:
            return None
        event = self._events.by_token.get(noun)
        label = self._known(word)
        if event is None or not label or parse.lemma[word] not in self._words["verdict"]:
            return None
        verb = self._reading.clauses.governing(noun)
        if verb is None and word not in self._reading.quote_of:
            return None
        if verb is not None and (self._is_open(verb) or self._reading.clauses.negated(verb)):
            return None
        fillers = self._speech.speakers(word)
        if not fillers:
            return None
        start = word
        while start and parse.head[start - 1] in (word, noun) and parse.dep[start - 1] in ("advmod", "amod"):
            start -= 1
        end = word + 1
        while end < noun and (parse.dep[end] in ("cc", "conj") or parse.words[end] == ","):
            end += 1
        frame = Frame(label, start, end, word, None, f"{KIND}:in passing")
        for filler in fillers:
            frame.add("holder", filler.mention, f"in passing:{filler.route}")
        frame.add("target", event, "in passing:event")
        return self._speech.expressed(frame)

    def _quoted(self, word: int) -> Frame | None:
        """What a word that judges shows inside a quotation, without what it is about: spoke of “a *shameful* favour”."""
        parse, quote = self._parse, self._reading.quote_of.get(word)
        opinion = self._opinions.of(parse.lemma[word], parse.low[word], parse.pos[word], parse.tag[word])
        if quote is None or opinion is None or opinion.kind != "quality" or word in self._events.by_token:
            return None
        top = parse.head[word] if parse.dep[word] == "amod" else word
        if top not in self._reading.quote_of or self._reading.clauses.negated(word) or self._reading.is_asked(word):
            return None
        if top != word and parse.dep[top] not in ("attr", "oprd", "acomp") and not self._is_bare(quote):
            return self._attributed(word, top, opinion.stance)
        start, end = (quote.start, self._trimmed(quote)) if self._is_bare(quote) else self._extent(top)
        if end - start > _LONGEST_NAME or start < quote.start:
            return None
        frame = Frame(opinion.stance, start, end, top, None, f"{KIND}:quoted alone")
        for filler in self._speech.speakers(word):
            frame.add("holder", filler.mention, f"quoted alone:{filler.route}")
        return self._speech.expressed(frame) if frame.roles else None

    def _attributed(self, word: int, noun: int, label: str) -> Frame | None:
        """What a speaker calls a thing by an adjective that only judges: “this *reckless* decision”."""
        parse = self._parse
        if not self._listed(parse.lemma[word]) and parse.lemma[word] not in self._words["verdict"]:
            return None
        if parse.lemma[word] in self._words["classifying"] or not parse.kids(noun, "det", "poss"):
            return None
        if label != self._unkind and noun not in self._events.by_token:
            return None
        if any(self._reading.mentions.at(t) is not None for t in parse.kids(noun, "poss")):
            return None
        frame = Frame(label, word, word + 1, word, None, f"{KIND}:attribute")
        for filler in self._speech.speakers(word):
            frame.add("holder", filler.mention, f"attribute:{filler.route}")
        target = self._targets.of(noun, frame)
        if not frame.roles or target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"attribute:{target[1]}")
        return self._speech.expressed(frame)

    def _of_somebody(self, word: int) -> Frame | None:
        """What somebody is said to have, or to be, in passing: Smith's *lies*, the *corrupt* Smith."""
        parse = self._parse
        noun = parse.pos[word] == "NOUN"
        whose = parse.kids(word, "poss") if noun else [parse.head[word]] if parse.dep[word] == "amod" else []
        mention = self._reading.mentions.at(whose[0]) if whose else None
        label = self._named(word) if mention is not None and mention.kind == "person" else ""
        if not label or (noun and label != self._unkind):
            return None
        holders = self._reading.speaker(word)
        how = "of somebody" if noun else "somebody"
        first = min([word, *(t for t in parse.kids(word, "amod") if self._named(t))]) if noun else word
        frame = Frame(label, first, word + 1, word, None, f"{KIND}:{how}")
        for holder in holders[:1]:
            if holder.mention is mention:
                return None
            frame.add("holder", holder.mention, f"{how}:{holder.route}")
        if mention is not None:
            frame.add("target", mention, f"{how}:name")
        return self._speech.expressed(frame)

    def _called_relative(self, verb: int) -> int | None:
        """What a relative clause calls the noun that it belongs to: a plan, which critics call a *trap*."""
        parse = self._parse
        objects = parse.kids(verb, "dobj")
        if parse.dep[verb] != "relcl" or len(objects) != 2 or parse.low[objects[0]] not in self._words["relative"]:
            return None
        return objects[1] if objects[1] > verb > objects[0] else None

    def _called_in_quotes(self, verb: int, objects: list[int]) -> Frame | None:
        """The quoted name that somebody gives a thing; where its words don't tell, as kind as the verb, or unkind."""
        parse = self._parse
        if parse.dep[verb] == "relcl" and (not objects or parse.low[objects[0]] in self._words["relative"]):
            objects = [parse.head[verb]]
        beside = [t for t in self._fronted(verb) if not objects]
        near = bisect_right(self._quote_starts, verb), bisect_right(self._quote_starts, verb + _REACH)
        for quote in self._reading.quotes[slice(*near)]:
            if beside and beside[0] < quote.start <= beside[0] + 3:
                objects = beside
            if parse.sentence[quote.start] != parse.sentence[verb]:
                continue
            own = self._own(verb)
            longest = _LONGEST_JUDGED if own else _LONGEST_NAME
            if quote.end - quote.start > longest or not objects or max(objects) >= quote.start + 1:
                return None
            last = max((t for t in parse.subtree(objects[0]) if t < quote.start), default=objects[0])
            between = range(max(last, *objects, verb) + 1, quote.start)
            if any(parse.pos[t] not in ("DET", "ADP", "PUNCT", "ADJ") or parse.low[t] == "of" for t in between):
                return None
            label = next((found for t in range(quote.start, quote.end) if (found := self._known(t))), "")
            how = "named" if label or own else "named unclear"
            label = own or label
            unclear = self._unkind if parse.lemma[verb] in self._words["naming_verb"] else ""
            if not (label or unclear):
                return None
            frame = Frame(label or unclear, quote.start, self._trimmed(quote), quote.start, None, f"{KIND}:{how}")
            for filler in self._reading.fillers(self._reading.clauses.subjects(verb)):
                frame.add("holder", filler.mention, f"{how}:{filler.route}")
            target = self._meant(objects[0], quote.end - 1, frame)
            if target is not None:
                if not label and isinstance(target[0], Mention) and target[0].kind == "person":
                    return None
                frame.add("target", target[0], f"{how}:{target[1]}")
            frame.attributes["expressed"] = "quoted"
            return frame
        return None

    def _own(self, verb: int) -> str:
        """What a verb shows by itself towards its object: *dismissed* it; "" for a verb that only names."""
        entries = self._lexicon.stances.get((self._parse.lemma[verb], "v"), ())
        plain = (one for one in entries if not any(c.values or c.what == "neg" for c in one.conditions))
        return next((one.stance for one in plain), "")

    def _fronted(self, verb: int) -> list[int]:
        """The noun right after a verb of calling that the parse has put before what it is called."""
        parse = self._parse
        for token in range(verb + 1, min(verb + _LONGEST_NAME, len(parse) - 1)):
            if parse.pos[token] == "NOUN" and parse.words[token + 1] in ("“", '"'):
                return [token]
            if parse.pos[token] not in ("DET", "ADJ", "NOUN", "PROPN", "PRON"):
                return []
        return []

    def _is_bare(self, quote: Quote) -> bool:
        """Whether a quotation has no verb of its own: “A slap in the face,”."""
        tags = self._parse.tag
        return quote.end - quote.start <= _LONGEST_NAME and not any(
            tags[t] in ("VBZ", "VBP", "VBD", "MD") for t in range(quote.start, quote.end)
        )

    def _in_a_word(self, quote: Quote) -> Frame | None:
        """What somebody says of a thing in a word or two: “Shameful,” she said of the raid; “A trap,” he called it."""
        parse, verb = self._parse, quote.verb
        if verb is None or parse.sentence[verb] != parse.sentence[quote.start]:
            return None
        label = next((found for t in range(quote.start, quote.end) if (found := self._known(t))), "")
        if not label:
            return None
        clauses = self._reading.clauses
        about = self._said_of(verb)
        if parse.lemma[verb] in self._words["calling_verb"]:
            about += [t for t in clauses.objects(verb) if t not in self._reading.quote_of]
        elif not about and (quote.end < verb or not self._stands_alone(quote)):
            return None
        frame = Frame(label, quote.start, self._trimmed(quote), quote.start, None, f"{KIND}:in a word")
        for filler in self._reading.fillers(clauses.subjects(verb)):
            frame.add("holder", filler.mention, f"in a word:{filler.route}")
        target = next((t for t in (self._targets.of(token, frame) for token in about) if t is not None), None)
        if target is not None and all(role.filler is not target[0] for role in frame.roles):
            frame.add("target", target[0], f"in a word:{target[1]}")
        frame.attributes["expressed"] = "quoted"
        return frame

    def _stands_alone(self, quote: Quote) -> bool:
        first, _ = self._parse.sentences[self._parse.sentence[quote.start]]
        return quote.start - first <= 1

    def _trimmed(self, quote: Quote) -> int:
        end = quote.end
        while end > quote.start + 1 and self._parse.words[end - 1] in TRAILING:
            end -= 1
        return end

    def judgement(self, word: int) -> str:
        """The stance that a word, or an adjective before it, shows towards what is called so; "" for none."""
        parse = self._parse
        if parse.dep[word] == "prep":
            nouns = [t for t in parse.subtree(word) if t > word and parse.dep[t] == "pobj"]
            return self._listed(f"{parse.low[word]} {parse.lemma[nouns[-1]]}") if nouns else ""
        mods = [t for t in parse.kids(word, "amod", "compound") if parse.pos[word] == "NOUN"]
        phrases = (self._listed(f"{parse.low[token]} {parse.lemma[word]}") for token in mods)
        named = next((phrase for phrase in phrases if phrase), "") or self._named(word)
        if named:
            return named
        if any(self._known(token) == self._unkind for token in mods):
            return self._unkind
        below = (t for child in parse.kids(word, "prep") for t in parse.kids(child, "pobj"))
        inner = (self._listed(f"{parse.low[t]} {parse.lemma[n]}") for n in below for t in parse.kids(n, "amod"))
        if parse.pos[word] == "NOUN" and (found := next((one for one in inner if one), "")):
            return found
        for token in (word, *parse.kids(word, "conj")):
            found = self._known(token) if token == word or parse.pos[token] == parse.pos[word] else ""
            if found:
                return found
        for token in mods:
            phrase = self._listed(f"{parse.low[token]} {parse.lemma[word]}")
            if phrase or (parse.lemma[token] in self._words["verdict"] and (phrase := self._known(token))):
                return phrase
        return ""

    def _named(self, word: int) -> str:
        for token in (word, *self._parse.kids(word, "amod")):
            for form in (self._parse.lemma[token], self._parse.low[token]):
                found = self._listed(form)
                if found and (token == word or found == self._unkind):
                    return found
        return ""

    def _known(self, word: int) -> str:
        """What a word shows by the lexicon, or as a quality by the list of words that judge."""
        parse = self._parse
        first = parse.hyphenated(word)
        whole = (parse.surface(first, word + 1).lower(),) if first < word else ()
        for form in (*whole, parse.lemma[word], parse.low[word]):
            found = self._listed(form)
            if found:
                return found
        opinion = self._opinions.of(parse.lemma[word], parse.low[word], parse.pos[word], parse.tag[word])
        return opinion.stance if opinion is not None and opinion.kind == "quality" and opinion.pos != "v" else ""

    def _listed(self, form: str) -> str:
        return next((entry.stance for entry in self._lexicon.stances.get((form, "e"), ())), "")

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

    def _meant(self, token: int, word: int, frame: Frame) -> Target | None:
        """What is evaluated; where it is "it", what the predicate names: the call … it was a useful *talk*."""
        same = self._targets.same(token, word)
        if same is not None:
            return same, "pronoun"
        quote = self._reading.quote_of.get(token)
        if quote is not None and quote.verb is not None and self._parse.low[token] in ("it", "this", "that"):
            for about in self._said_of(quote.verb):
                target = self._targets.of(about, frame)
                if target is not None:
                    return target
        return self._targets.of(token, frame)

    def _said_of(self, verb: int) -> list[int]:
        """What a verb of speech says something of: “It's not fair,” she said *of the plan*."""
        clauses = self._reading.clauses
        return [*clauses.prepositional(verb, "of"), *clauses.prepositional(verb, "about")]

    def _extent(self, word: int) -> tuple[int, int]:
        """The predicate with what is before it, what is coordinated, its negation and "be"."""
        parse = self._parse
        subtree = {t for t in parse.subtree(word) if t <= word or parse.dep[t] in _WITHIN}
        start, end = word, word + 1
        while start - 1 in subtree and parse.words[start - 1] not in TRAILING:
            start -= 1
        while end in subtree and parse.words[end] not in _ENDS and parse.dep[end] in ("cc", "conj", "advmod", "neg"):
            end += 1
        if parse.dep[end - 1] == "cc":
            end -= 1
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
        above = parse.head[word]
        while start and start - 1 > above and parse.head[start - 1] == above and parse.dep[start - 1] == "neg":
            start -= 1
        if (
            start
            and above == start - 1
            and (parse.lemma[above] == "be" or (parse.lemma[above] == "remain" and parse.pos[word] != "NOUN"))
            and parse.words[above] not in CLITICS
        ):
            start -= 1
            while start and parse.head[start - 1] == above and parse.dep[start - 1] == "aux":
                start -= 1
        return start, end
