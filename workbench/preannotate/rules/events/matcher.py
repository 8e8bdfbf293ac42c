"""Which entry of the lexicon fits a word, and which words belong to it."""

from collections.abc import Iterable

from workbench.preannotate.rules.lexicon import PREPOSITIONS, Condition, Entry, specific
from workbench.preannotate.rules.reading import TextAnalysis

WIDEST = 6
"""How far apart the words of one trigger may stand."""
_NOT = {"n't": "not", "n’t": "not"}
_PARTICLES = frozenset({"prt", "advmod", "prep", "acomp", "oprd", "xcomp"})


class Matcher:
    """Finds the entry of the lexicon that fits a word, and the tokens that belong to it."""

    def __init__(self, reading: TextAnalysis) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        # What was asked last, since most entries of a word ask it again: the parse stays as it is.
        self._taken: tuple[int, list[int], list[int]] = (-1, [], [])
        self._sentence: tuple[int, frozenset[str]] = (-1, frozenset())

    def best(self, token: int, table: dict[tuple[str, str], list[Entry]], pos: str) -> tuple[Entry, set[int]] | None:
        """The first entry all of whose conditions hold, with the tokens that they bring into the trigger."""
        first = self._parse.hyphenated(token)
        whole = self._whole(first, token, table, pos) if first < token else None
        entries = whole or self._entries(token, table, pos)
        around = self._words_around(token) if entries else frozenset[str]()
        for entry in entries:
            if any(map(around.isdisjoint, entry.words)):
                continue
            inside: set[int] = set(range(first, token + 1)) if whole else {token}
            if all(self._holds(token, condition, inside) for condition in entry.conditions):
                return entry, inside
        return None

    def _whole(self, first: int, token: int, table: dict[tuple[str, str], list[Entry]], pos: str) -> list[Entry] | None:
        """The uses of a word with hyphens, as it stands or in its base form: *test-fired*."""
        parse = self._parse
        surface = parse.surface(first, token + 1).lower()
        base = parse.text[parse.start[first] : parse.start[token]].lower() + parse.lemma[token]
        return table.get((surface, pos)) or table.get((base, pos))

    def _entries(self, token: int, table: dict[tuple[str, str], list[Entry]], pos: str) -> list[Entry]:
        """The uses of a word as it stands, and of its base form: "sanctions" has some of its own besides those of "sanction"."""
        lemma, low = self._parse.singular(token), self._parse.low[token]
        entries, own = table.get((lemma, pos), []), table.get((low, pos), []) if low != lemma else []
        return sorted([*own, *entries], key=specific) if own and entries else own or entries

    def _holds(self, token: int, condition: Condition, inside: set[int]) -> bool:
        parse, clauses = self._parse, self._reading.clauses
        what, wanted = condition.what, condition.values
        if what == "noobj":
            return not parse.kids(token, "dobj", "nsubjpass")
        if what in ("neg", "noneg"):
            negations = {_NOT.get(parse.low[n], parse.low[n]) for t in inside for n in clauses.negations(t)}
            if wanted:
                return bool(negations.intersection(wanted))
            return bool(negations - {"neither", "nor"}) == (what == "neg")
        if what == "several":
            return self._several(token)
        if what == "comp":
            found = clauses.complements(token)
            found += [c for noun in inside if parse.pos[noun] == "NOUN" for c in parse.kids(noun, "acl")]
            return any(self._tag(c) in wanted for c in found) if wanted else bool(found)
        if what == "prt":
            return self._particle(token, wanted, inside)
        if what == "prep":
            return self._preposition(token, condition, inside)
        if what == "obj":
            return self._object(token, condition, inside)
        if what == "mod":
            found = parse.kids(token, "amod", "compound", "nmod", "poss")
            named = [child for child in found if self._is(child, wanted)]
            if condition.inside:
                inside.update(named)
            return bool(named)
        if what == "omod":
            below = (
                child
                for found in (*self._objects(token), *self._retained(token))
                for child in parse.kids(found, "amod", "compound", "nmod")
            )
            return any(self._is(child, wanted) for child in below)
        if what == "subj":
            return any(self._is(one, wanted) for subject in clauses.subjects(token) for one in self._counted(subject))
        if what == "gov":
            verb = clauses.governing(token)
            return verb is not None and self._is(verb, wanted)
        if what == "inf":
            return self._infinitive(token, condition, inside)
        if what == "as":
            found = self.called(token)
            return any(self._is(t, wanted) for t in found) if wanted else bool(found)
        if what in PREPOSITIONS and wanted:
            hosts = (token, *(t for t in inside if t != token), *self._objects(token))
            return any(self._is(one, wanted) for host in hosts for one in self._governed(host, what))
        if what == "in":
            if parse.dep[token] != "pobj" or parse.low[parse.head[token]] != "in":
                return False
            inside.add(parse.head[token])
            return True
        return False

    def _objects(self, token: int) -> list[int]:
        """As the clauses have them."""
        return self._both(token)[1]

    def _retained(self, token: int) -> list[int]:
        """As the clauses have them."""
        return self._both(token)[2]

    def _both(self, token: int) -> tuple[int, list[int], list[int]]:
        if self._taken[0] != token:
            clauses = self._reading.clauses
            self._taken = token, clauses.objects(token), clauses.retained(token)
        return self._taken

    def _words_around(self, token: int) -> frozenset[str]:
        """The words of a token's sentence, in small letters and in their base form."""
        number = self._parse.sentence[token]
        if self._sentence[0] != number:
            first, end = self._parse.sentences[number]
            self._sentence = number, frozenset(self._parse.low[first:end] + self._parse.lemma[first:end])
        return self._sentence[1]

    def _several(self, verb: int) -> bool:
        """Whether the subject is more than one: Rubio and Lavrov, the two, the pair, both ministers."""
        parse = self._parse
        subjects = self._reading.clauses.subjects(verb)
        return len(subjects) > 1 or any(
            parse.tag[one] in ("NNS", "NNPS", "CD") or parse.low[one] in self._words["they"] | self._words["pair"]
            for one in subjects
        )

    def called(self, verb: int) -> list[int]:
        """The words that say what somebody calls the object: called it a *farce*, described it as *wrong*."""
        parse = self._parse
        found = parse.kids(verb, "oprd", "acomp", "attr")
        for child in parse.kids(verb, "xcomp", "ccomp"):
            if parse.pos[child] in ("NOUN", "ADJ") or parse.tag[child] == "VBN":
                found.append(child)
        for preposition in parse.kids(verb, "prep"):
            if parse.low[preposition] == "as":
                found.extend(parse.kids(preposition, "pobj", "amod", "pcomp", "acomp"))
        return [one for token in found for one in parse.conjuncts(token)]

    def _particle(self, token: int, wanted: tuple[str, ...], inside: set[int]) -> bool:
        parse = self._parse
        for child in parse.children[token]:
            if parse.low[child] not in wanted or parse.dep[child] not in _PARTICLES or child - token > WIDEST:
                continue
            if self._is_infinitive(child):
                continue
            governs = parse.kids(child, "pobj") if parse.dep[child] == "prep" else []
            if any(self._reading.is_date(one) for one in governs):
                continue
            if child == token + 1 or not governs:
                inside.add(child)
                return True
        after = token + 1
        if (
            after < len(parse)
            and parse.low[after] in wanted
            and parse.pos[after] in ("ADP", "ADV", "PART")
            and not any(self._reading.is_date(one) for one in parse.kids(after, "pobj"))
        ):
            inside.add(after)
            return True
        return False

    def _preposition(self, token: int, condition: Condition, inside: set[int]) -> bool:
        """A preposition; "into~custody" asks for its object too."""
        parse = self._parse
        names = [value.partition("~") for value in condition.values]
        after = max(inside) + 1
        begins = condition.inside and after < len(parse) and parse.dep[after] == "mark"
        if begins and any(parse.low[after] == name and not noun for name, _, noun in names):
            inside.add(after)
            return True
        hosts = [token, *sorted(inside - {token})]
        objects = [one for one in parse.kids(token, "dobj") if one not in hosts]
        for host in (*hosts, *objects):
            for child in parse.children[host]:
                if parse.dep[child] not in ("prep", "dative", "prt", "agent", "advmod", "aux"):
                    continue
                for name, _, noun in names:
                    if parse.low[child] != name or (host in objects and not noun):
                        continue
                    below = parse.kids(child, "pobj", "pcomp")
                    if any(self._reading.is_date(one) for one in below):
                        continue
                    if noun:
                        named = [b for b in below if parse.lemma[b] == noun]
                        if named:
                            inside.update((child, named[0]))
                            return True
                    elif condition.inside:
                        if child > token and self._is_cut_off(host, child, inside):
                            continue
                        if child - max(inside) <= 1 or child > token:
                            between = range(max(inside) + 1, child)
                            if child > token and all(parse.pos[t] == "ADV" for t in between):
                                inside.add(child)
                            return True
                    else:
                        return True
        return False

    def _is_cut_off(self, host: int, preposition: int, inside: set[int]) -> bool:
        """Whether another phrase and a comma stand before a preposition: stands at five, *with* Oslo first."""
        parse = self._parse
        between = range(max(inside) + 1, preposition)
        return any(parse.words[t] == "," for t in between) and any(
            t in between and parse.kids(t, "pobj") for t in parse.kids(host, "prep")
        )

    def _object(self, token: int, condition: Condition, inside: set[int]) -> bool:
        parse = self._parse
        objects = self._objects(token)
        if not condition.values:
            return bool(objects)
        retained = self._retained(token)
        for found in (*objects[:1], *retained[:1]) if condition.inside else (*objects, *retained):
            named = self._is(found, condition.values)
            if not named and not condition.inside:
                named = self._carries(found, condition.values) or any(
                    self._is(one, condition.values) for one in self._counted(found)
                )
            if named:
                if condition.inside:
                    inside.add(found)
                return True
        if condition.inside:
            for child in parse.kids(token, "oprd", "acomp", "xcomp", "advmod", "ccomp", "intj"):
                named = self._is(child, condition.values) and not self._is_infinitive(child)
                if named and abs(child - token) <= WIDEST:
                    inside.add(child)
                    return True
        return False

    def _counted(self, noun: int) -> list[int]:
        """A noun, and what it only counts or takes a part of: 60 of 80 *drones*, hundreds of *protesters*."""
        parse = self._parse
        words = self._words["partitive"]
        counts = parse.pos[noun] in ("NUM", "DET", "PRON", "ADJ") or parse.lemma[noun] in words
        if not counts and parse.low[noun] not in words:
            return [noun]
        return [noun, *self._reading.clauses.prepositional(noun, "of")]

    def _governed(self, host: int, preposition: str) -> list[int]:
        """What stands below a preposition: from the *race*, from *running*."""
        parse = self._parse
        gerunds = [
            below
            for child in parse.kids(host, "prep", "agent")
            if parse.low[child] == preposition
            for below in parse.kids(child, "pcomp")
        ]
        return [*self._reading.clauses.prepositional(host, preposition), *gerunds]

    def _carries(self, noun: int, wanted: tuple[str, ...]) -> bool:
        """Whether a noun only says of what kind another is that stands before it: *ceasefire* agreement, *mediation* efforts."""
        parse = self._parse
        if parse.lemma[noun] not in self._words["carrying_noun"]:
            return False
        return any(self._is(child, wanted) for child in parse.kids(noun, "compound", "nmod"))

    def _tag(self, verb: int) -> str:
        """The tag of a verb as its clause has it: VB for a subjunctive (insists that she *pay*), VBG for a gerund alone."""
        parse = self._parse
        if any(parse.tag[t] == "MD" and parse.low[t] not in ("should", "must") for t in parse.kids(verb, "aux")):
            return "MD"
        if parse.tag[verb] == "VBG" and parse.kids(verb, "aux"):
            return "VBP"
        singular = any(parse.tag[t] in ("NN", "NNP") for t in parse.kids(verb, "nsubj"))
        return "VB" if parse.tag[verb] == "VBP" and singular else parse.tag[verb]

    def _infinitive(self, token: int, condition: Condition, inside: set[int]) -> bool:
        """An infinitive, also of a noun: a *proposal* to meet."""
        parse, wanted = self._parse, condition.values
        below = parse.kids(token, "xcomp", "ccomp", "advcl", "acomp")
        if parse.pos[token] == "NOUN":
            below += [child for child in parse.kids(token, "acl", "relcl") if self._is_infinitive(child)]
        for child in below:
            if not wanted and self._is_infinitive(child):
                return True
            if parse.lemma[child] in wanted:
                if condition.inside:
                    inside.update(range(token, child + 1))
                return True
        return False

    def _is_infinitive(self, verb: int) -> bool:
        parse = self._parse
        return any(parse.low[c] == "to" and parse.dep[c] == "aux" for c in parse.children[verb])

    def _is(self, token: int, wanted: Iterable[str]) -> bool:
        """Whether a word is one of those: a lemma, of a "@class" of words, a "#kind" of entity, a person who is "#named"."""
        parse = self._parse
        lemma, low = parse.lemma[token], parse.low[token]
        for value in wanted:
            if value.startswith("@"):
                members = self._words.get(value[1:], frozenset())
                if lemma in members or low in members:
                    return True
                if value == "@captives" and self._reading.is_agent(token):
                    return True
                if value == "@party" and self._reading.resolves_to_name(token):
                    return True
            elif value.startswith("#"):
                mention = self._reading.mentions.at(token)
                if mention is not None and mention.kind == ("person" if value == "#named" else value[1:]):
                    return True
                if value == "#person" and (low in self._words["he"] or self._reading.is_somebody(token)):
                    return True
            elif value in (lemma, low):
                return True
        return False
