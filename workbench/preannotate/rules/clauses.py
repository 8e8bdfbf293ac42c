"""Who does what in a clause: subjects, objects and prepositional objects, through passives, control and coordination."""

from collections.abc import Callable, Iterable, Iterator

from workbench.preannotate.rules.syntax import Parse

Controller = Callable[[int], str]
_DEEP = 8
_OBJECTS = ("dobj", "obj", "ccomp", "xcomp", "attr", "oprd", "dative", "nsubjpass", "auxpass", "agent")
_BETWEEN = frozenset({"cc", "preconj", "neg", "advmod", "prt", "punct"})
"""What may stand between two verbs that share an object."""
_SHORT_NOT = frozenset({"n't", "n’t"})


class Clauses:
    """Grammatical roles over one parse; tokens are given and returned as indices.

    `outside` are tokens that belong to no clause (a dateline). `controller` says, for a verb, whose doing an infinitive below it is: its "actor", its "recipient", or "none" where the lexicon does not know it.
    """

    def __init__(self, parse: Parse, words: dict[str, frozenset[str]]) -> None:
        self.parse = parse
        self._words = words
        self.outside: frozenset[int] = frozenset()
        self.controller: Controller = lambda verb: "none"
        self._passive: dict[int, bool] = {}

    def asks(self, verb: int) -> bool:
        """Whether a verb tells of somebody who is to do something: pressed *Kenya* to accept."""
        return self.controller(verb) == "recipient"

    def subjects(self, verb: int) -> list[int]:
        """Who does it: the subject of an active verb, the agent of a passive one."""
        if self.is_passive(verb):
            agents = [p for by in self.parse.kids(verb, "agent") for p in self.parse.kids(by, "pobj")]
            return self._with_conjuncts(agents)
        return self._surface_subjects(verb)

    def is_passive(self, verb: int) -> bool:
        """Whether a verb is in the passive, also where the parse has taken a participle for a past tense.

        Engineers *freed* in Niger: a verb that always has an object, and has none here.
        """
        known = self._passive.get(verb)
        if known is None:
            known = self._passive[verb] = self._looks_passive(verb)
        return known

    def _looks_passive(self, verb: int) -> bool:
        parse = self.parse
        if parse.is_passive(verb) or self._goes_on_passive(verb):
            return True
        if parse.tag[verb] not in ("VBD", "VBN") or parse.lemma[verb] not in self._words["needs_object"]:
            return False
        if parse.dep[verb] == "relcl" or parse.kids(verb, "aux", *_OBJECTS) or self._shared_objects(verb):
            return False
        if parse.dep[verb] == "acl":
            return True
        return bool(parse.kids(verb, "nsubj")) and not self._is_quoting(verb)

    def _goes_on_passive(self, verb: int) -> bool:
        """Whether a participle shares the auxiliary of a passive before it: were *arrested* and later *released*."""
        parse, head = self.parse, self.parse.head[verb]
        if parse.tag[verb] != "VBN" or parse.dep[verb] != "conj" or parse.pos[head] != "VERB":
            return False
        return not parse.kids(verb, "nsubj", "aux", "dobj") and self.is_passive(head)

    def _is_quoting(self, verb: int) -> bool:
        """Whether what a verb is about stands before it, as a quotation or clause of its own."""
        return any(self.parse.dep[c] in ("ccomp", "xcomp", "advcl") and c < verb for c in self.parse.children[verb])

    def objects(self, verb: int) -> list[int]:
        """To whom it is done: the object of an active verb, the subject of a passive one."""
        parse = self.parse
        if self.is_passive(verb):
            first = verb
            while self._goes_on_passive(first) and not parse.kids(first, "nsubjpass"):
                first = parse.head[first]
            return [parse.head[first]] if parse.dep[first] == "acl" else self._surface_subjects(verb)
        found = parse.kids(verb, "dobj", "obj") or self._shared_objects(verb) or self._after_particle(verb)
        if not found and parse.dep[verb] == "relcl":
            subjects = parse.kids(verb, "nsubj", "nsubjpass")
            if subjects and not any(parse.low[s] in self._words["relative"] for s in subjects):
                return [parse.head[verb]]
        if not found and parse.dep[verb] == "conj" and parse.pos[parse.head[verb]] == "VERB":
            return []
        return self._with_conjuncts(found)

    def _after_particle(self, verb: int) -> list[int]:
        """The object after a particle that the parse has taken for a preposition: handed over the *prisoners*."""
        parse, after = self.parse, verb + 1
        if after >= len(parse) or parse.dep[after] not in ("prep", "prt") or parse.head[after] != verb:
            return []
        if f"{parse.lemma[verb]} {parse.low[after]}" not in self._words["particle_verb"]:
            return []
        return [t for t in parse.kids(after, "pobj") if parse.lemma[t] not in self._words["time_noun"]]

    def _shared_objects(self, verb: int) -> list[int]:
        """The object that a verb shares with the next one, right after it: neither *accepted* nor refused the plan."""
        parse = self.parse
        following = next((c for c in parse.kids(verb, "conj") if c > verb and parse.pos[c] == "VERB"), None)
        if following is None or any(
            verb < c and parse.dep[c] not in _BETWEEN for c in parse.children[verb] if c < following
        ):
            return []
        if parse.kids(following, "nsubj", "nsubjpass", "aux", "auxpass"):
            return []
        return parse.kids(following, "dobj", "obj")

    def indirect(self, verb: int) -> list[int]:
        """The indirect object: offered *Kyiv* a loan, *Kyiv* was offered a loan."""
        if self.retained(verb):
            return self.objects(verb)
        found = self.parse.kids(verb, "dative", "iobj")
        return self._with_conjuncts(t for t in found if self.parse.pos[t] != "ADP")

    def retained(self, verb: int) -> list[int]:
        """The object that a passive keeps, where its subject is to whom it goes: Kyiv was offered a *loan*."""
        return self._with_conjuncts(self.parse.kids(verb, "dobj")) if self.is_passive(verb) else []

    def prepositional(self, token: int, name: str) -> list[int]:
        """The objects of a preposition below a token."""
        parse = self.parse
        found: list[int] = []
        for child in parse.children[token]:
            if parse.dep[child] in ("prep", "dative", "agent", "prt", "advmod") and parse.low[child] == name:
                found.extend(parse.kids(child, "pobj"))
        return self._with_conjuncts(found) if found else found

    def complements(self, verb: int) -> list[int]:
        """The heads of the clauses that depend on a verb: infinitives, that-clauses, gerunds."""
        parse = self.parse
        found = [c for c in parse.kids(verb, "xcomp", "ccomp") if parse.pos[c] in ("VERB", "AUX", "NOUN", "ADJ")]
        for child in parse.kids(verb, "prep", "agent"):
            found.extend(parse.kids(child, "pcomp"))
        found.extend(
            c
            for c in parse.kids(verb, "advcl")
            if self._is_infinitive(c) or (parse.tag[c] == "VBG" and 0 < c - verb <= 2 + bool(parse.kids(verb, "prt")))
        )
        return found

    def _is_infinitive(self, verb: int) -> bool:
        return any(self.parse.low[c] == "to" and self.parse.dep[c] == "aux" for c in self.parse.children[verb])

    def _surface_subjects(self, verb: int, depth: int = 0) -> list[int]:
        parse = self.parse
        own = [s for s in parse.kids(verb, "nsubj", "nsubjpass", "csubj") if parse.low[s] != "there"]
        if len(own) == 1 and parse.low[own[0]] == "it" and self._is_expletive(verb):
            return []
        if own:
            return self._with_conjuncts(own)
        reduced = [t for t in parse.kids(verb, "csubjpass") if parse.tag[t] in ("VBN", "VBD")]
        if reduced:
            return self._with_conjuncts(s for t in reduced for s in parse.kids(t, "nsubj", "nsubjpass"))
        if depth > _DEEP:
            return []
        dep, head = parse.dep[verb], parse.head[verb]
        if dep == "conj":
            if parse.pos[head] in ("VERB", "AUX"):
                return self._surface_subjects(self._saying_both(verb, head) or head, depth + 1)
            return []
        if dep in ("xcomp", "ccomp", "advcl", "oprd", "acomp", "attr"):
            return self._controlled(verb, head, depth)
        if dep == "pcomp":
            return self._gerund(head, depth)
        if dep == "acl":
            if parse.tag[verb] == "VBG":
                return [head]
            if self._is_infinitive(verb):
                return self._of_noun(head, depth)
        if dep == "relcl" and not self.is_passive(verb):
            return [head]
        return []

    def _is_expletive(self, verb: int) -> bool:
        """Whether "it" stands for a clause to come: it *is* impossible to postpone that."""
        parse = self.parse
        if parse.lemma[verb] != "be":
            return False
        return any(
            self._is_infinitive(c) or parse.kids(c, "mark")
            for what in (verb, *parse.kids(verb, "acomp"))
            for c in parse.kids(what, "xcomp", "ccomp", "advcl")
            if c > verb and parse.kids(verb, "acomp")
        )

    def _saying_both(self, verb: int, head: int) -> int | None:
        """The verb of speech that goes on with another one: Holm *said* that Chad was stalling and *accused* Kenya.

        The parse hangs the second onto what is said; the tense tells that it is the speaker's.
        """
        parse = self.parse
        above = parse.head[head]
        if parse.dep[head] != "ccomp" or parse.lemma[above] not in self._words["speech"]:
            return None
        if parse.tag[verb] != "VBD" or parse.tag[above] != "VBD" or parse.kids(verb, "aux"):
            return None
        is_told = parse.tag[head] != "VBD" or bool(parse.kids(head, "aux"))
        return above if is_told and parse.lemma[verb] in self._words["speaking_out"] else None

    def _controlled(self, verb: int, head: int, depth: int) -> list[int]:
        """The subject of an infinitive or participle without one, which the verb above it has or takes."""
        parse = self.parse
        if parse.pos[head] not in ("VERB", "AUX"):
            if parse.pos[head] == "ADJ":
                return self._surface_subjects(parse.head[head], depth + 1)
            return []
        participle = parse.tag[verb] == "VBG" and parse.dep[verb] == "advcl"
        if not participle:
            if self.is_passive(head):
                return self._surface_subjects(head, depth + 1)
            if self.asks(head):
                taken = self.objects(head) or self.indirect(head)
                for child in parse.kids(head, "prep", "dative"):
                    if not taken and parse.low[child] in ("on", "to", "upon", "with", "for"):
                        taken = self._with_conjuncts(parse.kids(child, "pobj"))
                if taken:
                    return taken
            elif parse.dep[verb] in ("xcomp", "ccomp") and self.controller(head) == "none":
                taken = parse.kids(head, "dobj")
                if taken and parse.pos[taken[0]] in ("PROPN", "PRON"):
                    return self._with_conjuncts(taken)
        return self._surface_subjects(head, depth + 1)

    def _gerund(self, preposition: int, depth: int) -> list[int]:
        """The subject of a gerund: accused *X* of doing, *X* apologised for doing, *X*'s habit of doing."""
        parse = self.parse
        head = parse.head[preposition]
        if parse.pos[head] in ("VERB", "AUX"):
            if parse.low[preposition] in ("of", "for", "from", "into"):
                taken = self.objects(head)
                if taken:
                    return taken
            return self._surface_subjects(head, depth + 1)
        return self._of_noun(head, depth)

    def _of_noun(self, noun: int, depth: int) -> list[int]:
        """Who has, or makes, what a noun names: *Algiers*' offer to, *Kyiv* made an offer to."""
        parse = self.parse
        owners = parse.kids(noun, "poss")
        if owners:
            return self._with_conjuncts(owners)
        head = parse.head[noun]
        if parse.pos[head] in ("VERB", "AUX") and parse.dep[noun] in ("dobj", "attr", "pobj"):
            return self._surface_subjects(head, depth + 1)
        return []

    def _with_conjuncts(self, tokens: Iterable[int]) -> list[int]:
        found: list[int] = []
        for token in tokens:
            for one in (*self._before_and(token), *self.parse.conjuncts(token)):
                if one not in found and one not in self.outside:
                    found.append(one)
        return found

    def _before_and(self, token: int) -> list[int]:
        """A name before "and" that the parse has taken for a part of the name after it: *Anna Holm* and Ivo Berg."""
        parse = self.parse
        if parse.pos[token] != "PROPN":
            return []
        return [
            c
            for c in parse.kids(token, "nmod", "compound")
            if c < token and parse.kids(c, "cc") and parse.pos[c] == "PROPN"
        ]

    def negated(self, token: int) -> bool:
        """Whether the word is under a negation of its own: not, never, no, neither … nor."""
        return any(True for _ in self.negations(token))

    def negations(self, token: int) -> Iterator[int]:
        """The negating words of a verb, noun or adjective, and of the auxiliary above it: is *not* going to leave."""
        parse = self.parse
        if parse.dep[token] == "xcomp" and self._is_going(parse.head[token]):
            yield from parse.kids(parse.head[token], "neg")
        for child in parse.children[token]:
            if parse.dep[child] == "neg" or (
                parse.low[child] in self._words["negation"]
                and parse.dep[child] in ("det", "advmod", "preconj", "cc", "nsubj", "nsubjpass")
            ):
                yield child
            elif parse.low[child] == "longer" and child and parse.low[child - 1] == "no":
                yield child - 1
        if parse.pos[token] in ("ADJ", "ADP", "NOUN", "ADV", "SCONJ") and parse.dep[token] in ("acomp", "prep", "attr"):
            above = parse.head[token]
            for child in parse.children[above]:
                if parse.dep[child] == "neg":
                    yield child

    def _is_going(self, verb: int) -> bool:
        """Whether a verb only says that something will be: is *going* to leave."""
        parse = self.parse
        return parse.low[verb] == "going" and any(parse.lemma[t] == "be" for t in parse.kids(verb, "aux"))

    def state_helpers(self, word: int) -> list[int]:
        """The "be" of a predicate with its auxiliaries, where they say more than that it is so; none for a plain one.

        It *would be* a mistake, it *isn't* fair, it *had not been* useful; but: it is fair, it has been useful.
        """
        parse, above = self.parse, self.parse.head[word]
        helpers = parse.kids(word, "aux", "auxpass")
        negations = parse.kids(word, "neg")
        if parse.lemma[above] == "be" and above != word:
            helpers = [*helpers, *parse.kids(above, "aux"), above]
            negations = [*negations, *parse.kids(above, "neg")]
        between = any(t < helper for t in negations for helper in helpers)
        short = any(parse.low[t] in _SHORT_NOT for t in negations)
        more = between or short or any(parse.tag[t] == "MD" for t in helpers)
        return helpers if more else []

    def nobodys(self, verb: int) -> bool:
        """Whether nobody does it: *no* country opposes it, *none* of them came, *not one* senator left."""
        parse, negation = self.parse, self._words["negation"]
        for subject in parse.kids(verb, "nsubj", "nsubjpass"):
            words = [subject, *parse.kids(subject, "det", "neg", "advmod", "predet", "nummod")]
            words += [below for word in words[1:] for below in parse.children[word]]
            if any(parse.low[word] in negation for word in words):
                return True
        return False

    def governing(self, token: int) -> int | None:
        """The verb whose object, subject or prepositional object a noun is."""
        parse = self.parse
        while parse.dep[token] in ("conj", "appos") and parse.head[token] != token:
            token = parse.head[token]
        head = parse.head[token]
        if parse.dep[token] == "pobj":
            head = parse.head[head]
        return head if head != token and parse.pos[head] in ("VERB", "AUX") else None
