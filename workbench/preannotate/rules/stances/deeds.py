"""What somebody says that a thing or a person does, how it went, what is due and who is to blame: “the law would *silence* the press”."""

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import ACTORS, Filler
from workbench.preannotate.rules.stances.evaluating import KIND, PERSONS, EvaluationFinder

_BESIDE = 5
"""So many words after a verb stands what it brings, at the farthest."""
_CLOSE = 4
"""How it goes stands fewer words than these after it."""
_DUE = frozenset({"must", "should", "ought"})


class Deeds(EvaluationFinder):
    """Finds these evaluations in one text."""

    def at(self, verb: int) -> Frame | None:
        """The evaluation that a verb makes; all but a claim are a speaker's."""
        if not self._speech.speakers(verb):
            return self._claimed(verb)
        if self._parse.lemma[verb] in self._words["amounting_verb"] and (made := self._amounting(verb)) is not None:
            return made
        return (
            self._due(verb)
            or self._deserved(verb)
            or self._claimed(verb)
            or self._deed(verb)
            or self._effect(verb)
            or self._sense(verb)
            or self._judged(verb)
            or self._job(verb)
            or self._went(verb)
        )

    def of_being(self, verb: int) -> Frame | None:
        """What a speaker's “be” says of who is to blame, or what stands in the way."""
        if not self._speech.speakers(verb):
            return None
        return self._blamed(verb) or self._turned_round(verb)

    def _due(self, verb: int) -> Frame | None:
        """What somebody says is needed, or is not: “no such meeting is *needed*”."""
        parse = self._parse
        helpers = parse.kids(verb, "auxpass")
        if parse.lemma[verb] not in self._words["need_verb"] or not helpers or self._is_open(verb):
            return None
        fillers, subjects = self._speech.speakers(verb), parse.kids(verb, "nsubjpass")
        negations = [*self._reading.clauses.negations(verb)]
        label = self._opposite.get(self._pro, "") if negations else self._pro
        if not subjects or not label or parse.low[subjects[0]] in PERSONS:
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

    def of_failure(self, noun: int) -> Frame | None:
        """Blame for what a speaker says that somebody has not done: said that Chad's *failure to deliver* was to blame."""
        parse, clauses = self._parse, self._reading.clauses
        if parse.lemma[noun] not in self._words["failing_noun"]:
            return None
        undone = [t for t in parse.kids(noun, "acl") if t > noun and self._is_infinitive(t)]
        speakers = self._speech.speakers(noun)
        if not undone or not speakers or self._is_open(noun):
            return None
        doers = self._reading.fillers([*parse.kids(noun, "poss"), *clauses.prepositional(noun, "of")])
        said = {self._name(filler) for filler in speakers}
        doers = [filler for filler in doers if self._name(filler) not in said]
        end = undone[0] + 1 if undone[0] - noun == 2 else noun + 1
        frame = self._held(self._unkind, noun, end, noun, speakers, "failure")
        for filler in doers:
            frame.add("target", filler.mention, f"failure:{filler.route}")
        return self._speech.expressed(frame) if doers else None

    def _deserved(self, verb: int) -> Frame | None:
        """For what a speaker says deserves something good, for the ill that it deserves: “The raid *deserves* an answer”."""
        parse = self._parse
        if parse.lemma[verb] not in self._words["deserving_verb"]:
            return None
        subjects = parse.kids(verb, "nsubj")
        objects = [t for t in self._reading.clauses.objects(verb) if t > verb]
        speakers = self._speech.speakers(verb)
        if not subjects or not objects or self._is_open(verb) or parse.is_passive(verb):
            return None
        negations = list(self._reading.clauses.negations(verb))
        label = self._opposite.get(self._pro, "") if negations else self._pro
        start = min([verb, *negations, *(t for t in parse.kids(verb, "aux") if t < verb)])
        frame = self._held(label, start, verb + 1, verb, speakers, "deserved")
        about = objects[0] if self._verdicts.is_ill(objects[0]) else subjects[0]
        return self._about(frame, self._targets.of(about, frame), "deserved")

    def _claimed(self, verb: int) -> Frame | None:
        """Against whom somebody claims to have done ill: Holm *claims* that Chad jailed her."""
        parse, clauses = self._parse, self._reading.clauses
        if parse.lemma[verb] not in self._words["claiming_verb"] or parse.is_passive(verb) or clauses.negated(verb):
            return None
        told = [t for t in parse.kids(verb, "ccomp") if t > verb]
        event = self._events.by_token.get(told[0]) if told else None
        if not told or verb in self._reading.quote_of or self._is_open(verb):
            return None
        listed = self._verdicts.opinion(told[0])
        bad = listed is not None and listed.stance == self._unkind and listed.kind == "deed"
        if not (bad or (event is not None and event.label in ("ASSAULT", "COERCE"))) or clauses.negated(told[0]):
            return None
        frame = Frame(self._unkind, verb, verb + 1, verb, None, f"{KIND}:claimed")
        for filler in self._reading.fillers(clauses.subjects(verb)):
            frame.add("holder", filler.mention, f"claimed:{filler.route}")
        own = {self._name(Filler(r.filler, "")) for r in frame.roles if isinstance(r.filler, Mention)}
        for filler in self._reading.fillers(clauses.subjects(told[0])):
            if self._name(filler) not in own:
                frame.add("target", filler.mention, f"claimed:{filler.route}")
        return self._speech.expressed(frame) if frame.playing("holder") and frame.playing("target") else None

    def _deed(self, verb: int) -> Frame | None:
        """Blame for what somebody is said to do: “They are *lying*”, Holm said that Kenya had *betrayed* its allies."""
        parse = self._parse
        opinion, phrase = self._verdicts.opinion(verb), self._phrase(verb)
        listed = opinion is not None and opinion.kind == "deed" and opinion.stance == self._unkind
        event = self._events.by_token.get(verb)
        if not (listed or phrase is not None) or (event is not None and phrase is None):
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
        if not doers or any(filler.route == "speaker" for filler in doers):
            return None
        helpers = [t for t in parse.kids(verb, "aux") if parse.pos[t] == "AUX" and t < verb and event is None]
        undone = [t for t in parse.kids(verb, "xcomp") if t > verb and parse.lemma[verb] == "fail"]
        last = verb if phrase is None else phrase
        end = max([last + 1, *(t + 1 for t in undone if t - verb == 2)])
        frame = Frame(self._unkind, min([verb, *helpers]), end, verb, None, f"{KIND}:deed")
        for filler in fillers:
            frame.add("holder", filler.mention, f"deed:{filler.route}")
        for filler in doers:
            frame.add("target", filler.mention, f"deed:{filler.route}")
        return self._speech.expressed(frame)

    def _phrase(self, verb: int) -> int | None:
        """The object with which a verb blames whoever does it: is *dragging its feet*, *bears responsibility*; None for no such phrase."""
        parse = self._parse
        objects = [t for t in parse.kids(verb, "dobj") if t > verb]
        objects += [t for prep in parse.kids(verb, "prep") if prep == verb + 1 for t in parse.kids(prep, "pobj")]
        return next(
            (t for t in objects if f"{parse.lemma[verb]} {parse.lemma[t]}" in self._words["blame_phrase"]), None
        )

    def _sense(self, verb: int) -> Frame | None:
        """What somebody says makes sense, or makes none: the talks *made no sense*, it *makes sense* to wait."""
        parse, clauses = self._parse, self._reading.clauses
        if parse.lemma[verb] != "make":
            return None
        senses = [t for t in parse.kids(verb, "dobj") if parse.lemma[t] == "sense" and t > verb]
        subjects, speakers = parse.kids(verb, "nsubj", "csubj"), self._speech.speakers(verb)
        if not senses or not subjects or self._is_open(verb):
            return None
        if parse.low[subjects[0]] == "it":
            announced = (*parse.kids(verb, "xcomp", "ccomp", "advcl"), *parse.kids(senses[0], "acl", "relcl", "ccomp"))
            subjects = [t for t in announced if t > senses[0]] or subjects
        negations = [t for t in clauses.negations(verb) if t < verb]
        none = [t for t in parse.kids(senses[0], "det", "neg", "amod") if parse.low[t] in ("no", "little")]
        label = self._opposite.get(self._pro, "") if negations or none else self._pro
        start = min([verb, *negations, *(t for t in parse.kids(verb, "aux") if t < verb)])
        frame = self._held(label, start, senses[0] + 1, verb, speakers, "sense")
        return self._about(frame, self._targets.of(subjects[0], frame), "sense")

    def _job(self, verb: int) -> Frame | None:
        """What somebody says of another's work: said Holm was doing a *great job*."""
        parse = self._parse
        if parse.lemma[verb] != "do":
            return None
        jobs = [t for t in parse.kids(verb, "dobj") if t > verb and parse.lemma[t] in ("job", "work")]
        judging = [t for t in parse.kids(jobs[0], "amod") if self._verdicts.known(t)] if jobs else []
        subjects, speakers = parse.kids(verb, "nsubj"), self._speech.speakers(verb)
        if not judging or not subjects or self._is_open(verb):
            return None
        if parse.low[subjects[0]] in PERSONS:
            subjects = self._spoken_of(subjects[0]) or subjects
        if parse.low[subjects[0]] in self._words["first_person"]:
            return None
        label = self._verdicts.known(judging[0])
        if self._reading.clauses.negated(verb):
            label = self._opposite.get(label, "")
        adverbs = [t for t in parse.kids(judging[0], "advmod") if t < judging[0]]
        frame = self._held(label, min([judging[0], *adverbs]), jobs[0] + 1, jobs[0], speakers, "job")
        return self._about(frame, self._targets.of(subjects[0], frame), "job")

    def _judged(self, verb: int) -> Frame | None:
        """What somebody says that a thing is by a participle: said the raid *was justified*, that it *was misguided*."""
        parse = self._parse
        helpers = parse.kids(verb, "auxpass")
        label = self._verdicts.listed(parse.low[verb]) if parse.tag[verb] == "VBN" and helpers else ""
        subjects, speakers = parse.kids(verb, "nsubjpass"), self._speech.speakers(verb)
        if not label or not subjects or self._is_open(verb) or verb in self._events.by_token:
            return None
        if parse.kids(verb, "agent") or parse.low[subjects[0]] in PERSONS:
            return None
        if self._reading.clauses.negated(verb):
            label = self._opposite.get(label, "")
        return self._made(verb, label, subjects, speakers, "said") if label else None

    def _effect(self, verb: int) -> Frame | None:
        """What somebody says that a thing does, for good or ill: “The law *would silence* the press”."""
        parse, clauses = self._parse, self._reading.clauses
        brought, ill = self._brought(verb), parse.lemma[verb] in self._words["harming_verb"]
        shown = self._shown(verb) if brought is None and not ill else None
        if shown is not None:
            brought, ill = shown
        elif brought is not None:
            ill = ill or self._verdicts.is_ill(brought)
        event = self._events.by_token.get(verb)
        if not ill and brought is None and parse.lemma[verb] not in self._words["helping_verb"]:
            return None
        if event is not None and event.label != "THREATEN":
            return None
        subjects = [t for t in parse.kids(verb, "nsubj", "csubj") if t < verb]
        alone = parse.tag[verb] == "VBG" and not parse.kids(verb, "aux")
        if not subjects or parse.is_passive(verb) or alone or self._reading.is_asked(verb):
            return None
        if self._is_marked(verb) or any(parse.low[t] in _DUE for t in parse.kids(verb, "aux")):
            return None
        speakers = self._speech.speakers(verb)
        if parse.low[subjects[0]] in PERSONS | self._words["first_person"]:
            return None
        label = self._unkind if ill else self._pro
        negations = list(clauses.negations(verb))
        if bool(negations) != any(parse.low[t] in ("only", "merely") for t in parse.kids(verb, "advmod")):
            label = self._opposite.get(label, "") if negations or not ill else label
        helpers = [t for t in (*parse.kids(verb, "aux"), *negations) if t < verb]
        end = verb + 1 if brought is None else brought + 1
        start = min([verb, *helpers]) if brought is None or verb - 1 in helpers else verb
        frame = self._held(label, start, end, verb, speakers, "effect")
        target = self._targets.of(self._antecedent(subjects[0], verb), frame)
        if target is not None and isinstance(target[0], Mention) and target[0].kind in ACTORS:
            own = {self._name(filler) for filler in speakers}
            blamed = ill and not negations and parse.kids(verb, "dobj") and parse.pos[subjects[0]] != "PRON"
            if not (blamed or shown is not None) or self._name(Filler(target[0], "")) in own:
                return None
        return self._about(frame, target, "effect")

    def _shown(self, verb: int) -> tuple[int, bool] | None:
        """What a verb and its object say together, and whether it is ill: *crosses a line*, *sends the wrong signal*, *has no place*."""
        parse = self._parse
        for thing in (t for t in self._reading.clauses.objects(verb) if t > verb):
            phrase = f"{parse.lemma[verb]} {parse.lemma[thing]}"
            lacking = any(parse.low[t] in ("no", "little") for t in parse.kids(thing, "det", "amod", "neg"))
            if lacking and parse.lemma[verb] == "have" and parse.lemma[thing] in self._words["lacked_noun"]:
                return thing, True
            if lacking:
                continue
            if phrase in self._words["ill_phrase"] or phrase in self._words["good_phrase"]:
                return thing, phrase in self._words["ill_phrase"]
            if phrase in self._words["sent_phrase"]:
                known = next((one for t in parse.kids(thing, "amod") if (one := self._verdicts.known(t))), "")
                if known:
                    return thing, known == self._unkind
        return None

    def _antecedent(self, subject: int, verb: int) -> int:
        """What "which" stands for, also under a verb of speech: marches, *which* he said would help trade."""
        parse = self._parse
        if parse.low[subject] not in self._words["relative"]:
            return subject
        return next((parse.head[t] for t in (verb, parse.head[verb]) if parse.dep[t] == "relcl"), subject)

    def _brought(self, verb: int) -> int | None:
        """What a verb says that a thing brings, for good or ill: would *cause trouble*, could *bring hope*; None for nothing of the kind."""
        parse = self._parse
        things = [t for t in self._reading.clauses.objects(verb) if t > verb and parse.pos[t] == "NOUN"]
        if parse.lemma[verb] not in self._words["bringing_verb"]:
            names = [
                t
                for t in parse.kids(verb, "prep")
                if f"{parse.lemma[verb]} {parse.low[t]}" in self._words["leading_verb"]
            ]
            things = [t for name in names for t in parse.kids(name, "pobj") if t > verb and parse.pos[t] == "NOUN"]
        for thing in things:
            opinion = self._verdicts.opinion(thing)
            if thing in self._events.by_token or thing - verb > _BESIDE:
                continue
            good = opinion is not None and opinion.stance == self._pro
            if good or parse.lemma[thing] in self._words["gain_noun"] or self._verdicts.is_ill(thing):
                return thing
        return None

    def _went(self, verb: int) -> Frame | None:
        """How somebody says that a thing went: “The talks *went well*”."""
        parse = self._parse
        subjects = parse.kids(verb, "nsubj")
        acts = parse.lemma[verb] in self._words["acting_verb"]
        if not (acts or parse.lemma[verb] in self._words["going_verb"]) or not subjects or parse.is_passive(verb):
            return None
        manner = self._manner(verb)
        told = parse.lemma[verb] == "work" and parse.dep[verb] != "relcl"
        bare = told and not parse.kids(verb, "prep", "advcl", "xcomp", "dobj", "prt")
        speakers = self._speech.speakers(verb)
        if (manner is None and not bare) or self._is_open(verb) or parse.low[subjects[0]] in PERSONS:
            return None
        how, ill = manner or (verb, False)
        negations = list(self._reading.clauses.negations(verb))
        label = self._unkind if ill else self._pro
        label = self._opposite.get(label, "") if negations else label
        start = min([verb, *(t for t in (*parse.kids(verb, "aux"), *negations) if t < verb)])
        frame = self._held(label, start, how + 1, verb, speakers, "went")
        target = self._meant(subjects[0], how, frame)
        actor = target is not None and isinstance(target[0], Mention) and target[0].kind in ACTORS
        if actor and not (acts or parse.low[how] == "far"):
            return None
        return self._about(frame, target, "went")

    def _manner(self, verb: int) -> tuple[int, bool] | None:
        """How something goes or somebody acts, and whether that is ill: went *well*, acted *badly*, went too *far*."""
        parse = self._parse
        for token in (t for t in parse.kids(verb, "advmod") if verb < t < verb + _CLOSE):
            low = parse.low[token]
            too_far = parse.lemma[verb] == "go" and low == "far" and parse.low[token - 1] == "too"
            if too_far or low in self._words["well"] | self._words["ill"]:
                return token, too_far or low in self._words["ill"]
        return None

    def _amounting(self, verb: int) -> Frame | None:
        """What somebody says that a thing comes to: said the terms *amounted to* “*capitulation*”."""
        parse, clauses = self._parse, self._reading.clauses
        words = [*clauses.prepositional(verb, "to"), *(t for t in clauses.objects(verb) if t > verb)]
        subjects = [t for t in parse.kids(verb, "nsubj") if t < verb]
        fillers = self._speech.speakers(verb)
        label = self._verdicts.of(words[0]) if words else ""
        if not label or not subjects or self._is_open(verb) or parse.is_passive(verb):
            return None
        if clauses.negated(verb):
            label = self._opposite.get(label, "")
        return self._made(words[0], label, subjects, fillers, "amounts") if label else None

    def _blamed(self, verb: int) -> Frame | None:
        """Blame for what went wrong: “Chad *is to blame*”, said that Chad *is responsible* for the attack."""
        parse, clauses = self._parse, self._reading.clauses
        subjects = parse.kids(verb, "nsubj")
        words = [t for t in parse.kids(verb, "xcomp") if parse.lemma[t] == "blame" and not parse.kids(t, "dobj")]
        if not words:
            answerable = (t for t in parse.kids(verb, "acomp") if parse.lemma[t] in self._words["answerable"])
            words = [t for t in answerable if any(self._verdicts.is_ill(p) for p in clauses.prepositional(t, "for"))]
        if not words or not subjects or self._is_open(verb) or clauses.nobodys(verb):
            return None
        speakers = self._speech.speakers(verb)
        label = self._opposite.get(self._unkind, "") if clauses.negated(verb) else self._unkind
        be = [verb, *parse.kids(verb, "aux")] if parse.pos[words[0]] == "VERB" else clauses.state_helpers(words[0])
        start = min([words[0], *be, *clauses.negations(verb)])
        frame = self._held(label, start, words[0] + 1, verb, speakers, "to blame")
        return self._about(frame, self._targets.of(subjects[0], frame), "to blame")

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

    def _name(self, filler: Filler) -> str:
        return filler.mention.norm or self._parse.surface(filler.mention.start, filler.mention.end)
