"""Evaluations: what somebody calls or finds a thing, a talk, a plan: “the call was productive”, called the deal a trap."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.stances.deeds import Deeds
from workbench.preannotate.rules.stances.evaluating import KIND, PERSONS, EvaluationFinder
from workbench.preannotate.rules.stances.finder import BY_THEMSELVES, Ground
from workbench.preannotate.rules.stances.opinions import Opinions
from workbench.preannotate.rules.stances.quoted import QuotedEvaluations
from workbench.preannotate.rules.stances.verdicts import Verdicts

_COPULAS = frozenset({"be", "remain", "become", "prove", "seem"})


class Evaluations(EvaluationFinder):
    """Finds the evaluations of one text."""

    def __init__(self, ground: Ground, lexicon: Lexicon, opinions: Opinions) -> None:
        super().__init__(ground, Verdicts(ground, lexicon, opinions))
        self._quoted = QuotedEvaluations(ground, self._verdicts)
        self._deeds = Deeds(ground, self._verdicts)

    def at(self, token: int) -> Frame | None:
        """The evaluation that a word makes: a verb of calling or being, a word in passing, a quotation without a verb."""
        parse = self._parse
        found = self._quoted.opening(token)
        if found is not None:
            return found
        if parse.pos[token] in ("NOUN", "ADJ"):
            found = self._of_somebody(token) or self._in_passing(token) or self._deeds.of_failure(token)
            return found or self._quoted.alone(token)
        if parse.pos[token] not in ("VERB", "AUX"):
            return None
        by_as = parse.lemma[token] in self._words["judging_verb"]
        if by_as and not any(parse.low[t] == "as" for t in parse.kids(token, "prep")):
            return None
        if by_as or parse.lemma[token] in self._words["calling_verb"]:
            return self._called(token)
        if parse.lemma[token] in _COPULAS:
            return self._deeds.of_being(token) or self._predicate(token)
        return self._deeds.at(token)

    def _called(self, verb: int) -> Frame | None:
        """What somebody calls a thing: called the deal a *trap*."""
        parse = self._parse
        objects = self._reading.clauses.objects(verb)
        called = self._events.triggers.matcher.called(verb)
        if not called and (relative := self._called_relative(verb)) is not None:
            called = [relative]
        if objects and parse.dep[verb] == "relcl" and parse.low[objects[0]] in self._words["relative"]:
            objects = [parse.head[verb]]
        for word in called:
            label = self._verdicts.of(word)
            objects = objects or [t for t in parse.kids(word, "nsubj") if verb < t < word]
            if objects and parse.low[objects[0]] == "it":
                objects = [t for t in parse.kids(word, "xcomp", "ccomp", "advcl") if t > word] or objects
            if label and objects and word not in self._reading.quote_of:
                fillers = self._reading.fillers(self._reading.clauses.subjects(verb))
                made = self._made(word, label, objects, fillers or self._speech.speakers(verb), "call")
                if made is not None and made.start == verb + 1 and parse.low[made.start] == "it":
                    made.start = verb
                return made
        return self._quoted.called(verb, objects)

    def _predicate(self, verb: int) -> Frame | None:
        """What somebody says that a thing is: “It is madness to go”, said the visit had been useful."""
        parse = self._parse
        for word in parse.kids(verb, "attr", "acomp", "prep"):
            label = self._verdicts.of(word)
            subjects = self._subjects(verb, word)
            if parse.lemma[word] in self._words["answerable"]:
                continue
            if not label or not subjects or word not in range(verb, verb + 9):
                continue
            if parse.low[subjects[0]] in PERSONS:
                subjects = self._spoken_of(subjects[0])
            if not subjects or parse.low[subjects[0]] in self._words["first_person"]:
                continue
            if self._verdicts.is_feeling(word) and self._reading.resolves_to_name(subjects[0]):
                continue
            clauses = self._reading.clauses
            if clauses.negated(verb) or clauses.negated(word) or clauses.nobodys(verb):
                label = self._opposite.get(label, "")
                if not label:
                    continue
            helpers = [parse.low[t] for t in parse.kids(verb, "aux")]
            if self._is_open(verb) or ("would" in helpers and "have" in helpers):
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
            alone = len(parse.sentences) <= BY_THEMSELVES and parse.dep[verb] in ("ROOT", "conj")
            if alone and self._reading.resolves_to_name(subjects[0]):
                return self._made(word, label, subjects, None, "author")
            after = [p for name in ("for", "to") for p in clauses.prepositional(word, name)]
            holders = [p for p in after if p > word]
            fillers = self._reading.fillers(holders) if parse.lemma[word] in self._words["limit_noun"] else []
            if fillers:
                return self._made(word, label, subjects, fillers, "for")
        return None

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

    def _in_passing(self, word: int) -> Frame | None:
        """What somebody says of an event in passing: “We had a *very good* meeting”."""
        parse = self._parse
        noun = parse.head[word]
        if parse.pos[word] != "ADJ" or parse.dep[word] != "amod" or parse.pos[noun] != "NOUN" or noun < word:
            return None
        event = self._events.by_token.get(noun)
        label = self._verdicts.known(word)
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

    def _of_somebody(self, word: int) -> Frame | None:
        """What somebody is said to have, or to be, in passing: Smith's *lies*, the *corrupt* Smith."""
        parse = self._parse
        noun = parse.pos[word] == "NOUN"
        whose = parse.kids(word, "poss") if noun else [parse.head[word]] if parse.dep[word] == "amod" else []
        mention = self._reading.mentions.at(whose[0]) if whose else None
        label = self._verdicts.named(word) if mention is not None and mention.kind == "person" else ""
        if not label or (noun and label != self._unkind):
            return None
        holders = self._reading.speaker(word)
        how = "of somebody" if noun else "somebody"
        first = min([word, *(t for t in parse.kids(word, "amod") if self._verdicts.named(t))]) if noun else word
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
