"""Stances in what somebody says will not be, is kept or left open: "we will not yield", "has not changed its position"."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.stances.conditions import Conditions
from workbench.preannotate.rules.stances.finder import WILLING, WISH, Ground, WishFinder
from workbench.preannotate.rules.stances.needs import Needs

_CLOSE = 3
_IDLE = frozenset({"say", "face", "see", "look", "talk", "put", "begin", "start", "take", "hope"})
"""What a speaker only leads on with: let's *see*, let's *say*, let's *face* it."""
_YIELDING = frozenset({"RETREAT", "CONCEDE", "AGREE", "CONSULT", "COOPERATE", "AID", "SUPPORT"})


class Wishes(WishFinder):
    """Finds the wishes and refusals of one text that auxiliaries show."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._needs = Needs(ground)
        self._conditions = Conditions(ground)

    def at(self, token: int) -> Frame | None:
        """The stance of a verb's auxiliaries, if they show one."""
        parse = self._parse
        if parse.pos[token] == "NOUN":
            return self._conditions.of_noun(token)
        if parse.pos[token] not in ("VERB", "AUX"):
            return None
        found = self._conditions.at(token) or self._needs.at(token)
        if found is not None:
            return found
        if parse.lemma[token] == "let":
            return self._together(token)
        if parse.lemma[token] == "wait" and (waiting := self._wait_and_see(token)) is not None:
            return waiting
        if parse.lemma[token] == "be" and (groundless := self._no_ground(token)) is not None:
            return groundless
        if not parse.kids(token, "aux") and parse.lemma[token] != "have":
            return None
        return (
            self._kept(token)
            or self._unwilling(token)
            or self._no_right(token)
            or self._open(token)
            or self._none(token)
            or self._cannot_be(token)
            or self._unbowed(token)
            or self._never(token)
            or self._goes_on(token)
            or self._regretted(token)
            or self._may(token)
        )

    def _together(self, verb: int) -> Frame | None:
        """For what a speaker invites all to do: “Let's *wait for* the vote”."""
        parse, clauses = self._parse, self._reading.clauses
        own = [t for t in range(verb + 1, min(verb + 3, len(parse))) if parse.low[t] in ("'s", "’s", "us")]
        acts = [t for t in parse.kids(verb, "ccomp", "xcomp") if own and t > own[0] and parse.tag[t] == "VB"]
        holders = self._speech.speakers(verb)
        if not own or not acts or not holders or self._reading.is_asked(verb) or parse.lemma[acts[0]] in _IDLE:
            return None
        act = acts[0]
        negations = [t for t in clauses.negations(act) if t < act]
        label = self._contra if negations else self._pro
        start = min([act, *negations])
        event = self._events.by_token.get(act)
        objects = [t for t in clauses.objects(act) if t > act and parse.pos[t] != "PRON"]
        after = [t for t in parse.kids(act, "prep") if t == act + 1 and parse.kids(t, "pobj")]
        ours = [t for t in objects if any(parse.low[p] in self._words["we"] for p in parse.kids(t, "poss"))]
        if event is None and ours:
            after = [t for head in (act, ours[0]) for t in parse.kids(head, "prep") if t == ours[0] + 1]
            objects = [] if after else objects
        if event is not None:
            end = max([own[0], *(t for t in negations if t < event.start)]) + 1
            return self._made(label, verb, end, verb, holders, act, "let us")
        if objects:
            return self._made(label, start, self._targets.left_end(act), act, holders, objects[0], "let us")
        if after:
            below = parse.kids(after[0], "pobj", "pcomp")
            return self._made(label, start, after[0] + 1, act, holders, below[0], "let us") if below else None
        return None

    def _wait_and_see(self, verb: int) -> Frame | None:
        """Undecided on what was spoken of last: “We *will have to wait and see*”."""
        parse = self._parse
        seeing = [t for t in parse.kids(verb, "conj") if parse.lemma[t] == "see" and t - verb == 2]
        holders, meant = self._speech.speakers(verb), self._targets.recent(verb) or self._targets.before(verb)
        if not seeing or not holders or not self._undecided or meant is None:
            return None
        above = parse.head[verb] if parse.dep[verb] == "xcomp" else verb
        helpers = [t for t in (*parse.kids(above, "aux"), *parse.kids(verb, "aux"), above) if t <= verb]
        frame = Frame(self._undecided, min(helpers), seeing[0] + 1, verb, None, f"{WISH}:wait and see")
        for filler in holders:
            frame.add("holder", filler.mention, f"wait and see:{filler.route}")
        if any(role.filler is meant for role in frame.roles):
            return None
        frame.add("target", meant, "recent")
        return self._speech.expressed(frame)

    def _may(self, verb: int) -> Frame | None:
        """Undecided on what those who speak may do, or not: “I *may* not run”."""
        parse, clauses = self._parse, self._reading.clauses
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in ("may", "might") and t < verb), None)
        if modal is None or parse.is_passive(verb) or self._is_supposed(verb):
            return None
        holders = self._reading.fillers(clauses.subjects(verb))
        if (
            not holders
            or parse.lemma[verb] in self._words["no_refusal_verb"]
            or any(parse.low[t] == "have" for t in parse.kids(verb, "aux"))
        ):
            return None
        if not self._is_own(verb, holders, self._speech.speakers(verb)):
            return None
        return self._made(self._undecided, modal, modal + 1, modal, holders, verb, "may")

    def _unwilling(self, verb: int) -> Frame | None:
        """Against what a speaker will not do: "we *will not withdraw*", the guards *would not leave*."""
        parse = self._parse
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING), None)
        event = self._events.by_token.get(verb)
        negations = list(self._reading.clauses.negations(verb))
        if modal is not None and event is None and negations:
            return self._refusing(verb, modal, negations)
        if modal is None or event is None or event.head != verb or not negations:
            return None
        if event.start <= min(negations) or parse.is_passive(verb):
            return None
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        own = self._is_own(verb, holders, self._speech.speakers(verb))
        refuses = event.label in _YIELDING and parse.low[modal] in ("would", "'d", "’d")
        if event.label not in _YIELDING and parse.low[modal] in ("can", "ca", "could"):
            return None
        if not holders or not (refuses or own) or self._is_supposed(verb):
            return None
        start, end = min([modal, *negations]), max([modal, *negations]) + 1
        if end > verb or end - start > 4:
            return None
        made = self._made(self._contra, start, end, modal, holders, verb, "will not")
        if made is not None:
            made.end = event.end
        return made

    def _goes_on(self, verb: int) -> Frame | None:
        """For what a speaker says will go on: “The patrols *will continue*”."""
        parse = self._parse
        if parse.lemma[verb] not in self._words["continuing_verb"]:
            return None
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING and t < verb), None)
        subjects = [t for t in parse.kids(verb, "nsubj") if t < verb]
        holders = self._speech.speakers(verb)
        if modal is None or not subjects or not holders:
            return None
        if parse.pos[subjects[0]] != "NOUN" or self._reading.is_somebody(subjects[0]) or self._is_supposed(verb):
            return None
        if self._reading.clauses.negated(verb) or parse.kids(verb, "xcomp", "ccomp", "dobj"):
            return None
        end = self._targets.left_end(verb)
        return self._made(self._pro, modal, end, verb, holders, subjects[0], "goes on")

    def _refusing(self, verb: int, modal: int, negations: list[int]) -> Frame | None:
        """Against what those who speak say that they will not do: “We *will not pay* the fine”, said it *would not join*."""
        parse, clauses = self._parse, self._reading.clauses
        if parse.low[modal] in ("can", "ca", "could") or parse.lemma[verb] in self._words["no_refusal_verb"]:
            return None
        things = [t for t in clauses.objects(verb) if t > verb] or [
            t for t in self._targets.complements(verb) if t > verb
        ]
        things = things or [
            t for name in ("in", "with", "for", "to") for t in clauses.prepositional(verb, name) if t > verb
        ]
        holders = self._reading.fillers(clauses.subjects(verb))
        start = min([modal, *negations])
        if not things or not holders or verb - start > _CLOSE or parse.is_passive(verb) or self._is_supposed(verb):
            return None
        if parse.pos[things[0]] == "PRON" or not self._is_own(verb, holders, self._speech.speakers(verb)):
            return None
        return self._made(self._contra, start, verb + 1, verb, holders, things[0], "refusing")

    def _kept(self, verb: int) -> Frame | None:
        """For what somebody does not give up: "*has not changed* its position"."""
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        given_up = self._targets.given_up(verb) if negations else None
        beyond = (self._targets.through(verb) or given_up) if negations else None
        event = self._events.by_token.get(verb)
        if beyond is None or not beyond[1] or self._is_marked(verb):
            return None
        if event is not None and event.label != "REJECT" and given_up is None:
            return None
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        start = min([*negations, *(t for t in self._parse.kids(verb, "aux") if t < verb)])
        if not holders or verb - start > _CLOSE:
            return None
        return self._made(self._pro, start, self._targets.left_end(verb), verb, holders, beyond[0], "kept")

    def _open(self, verb: int) -> Frame | None:
        """Undecided on what somebody has not answered: "*has yet to decide* on the offer"."""
        parse = self._parse
        if parse.lemma[verb] != "have":
            return None
        answers = [t for t in parse.kids(verb, "xcomp") if parse.lemma[t] in self._words["answer_verb"]]
        if not answers or not any(parse.low[t] == "yet" for t in range(verb, answers[0])) or answers[0] - verb > _CLOSE:
            return None
        answer = answers[0]
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        about = self._targets.complements(answer) or [t for t in self._reading.clauses.objects(answer) if t > answer]
        for name in ("on", "to", "about"):
            about = about or self._reading.clauses.prepositional(answer, name)
        if not holders:
            return None
        if about:
            return self._made(self._undecided, verb, answer + 1, answer, holders, about[0], "yet")
        frame = Frame(self._undecided, verb, answer + 1, answer, None, f"{WISH}:yet")
        for filler in holders:
            frame.add("holder", filler.mention, f"yet:{filler.route}")
        meant = self._targets.recent(verb)
        if meant is None or not self._undecided or any(role.filler is meant for role in frame.roles):
            return None
        frame.add("target", meant, "recent")
        return self._speech.expressed(frame)

    def _none(self, verb: int) -> Frame | None:
        """Against what somebody says there will not be: “There *will be no* talks”."""
        parse = self._parse
        things = parse.kids(verb, "attr", "dobj")
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING), None)
        if parse.lemma[verb] != "be" or modal is None or not things or not parse.kids(verb, "expl"):
            return None
        nothing = [t for t in parse.kids(things[0], "det", "neg") if parse.low[t] == "no"]
        nothing = nothing or [t for t in parse.kids(verb, "neg") if modal < t < things[0]]
        holders = self._speech.speakers(verb)
        if not nothing or not holders:
            return None
        needed = [t for head in (things[0], verb) for t in self._reading.clauses.prepositional(head, "without")]
        if needed:
            return self._made(self._pro, modal, max(nothing[0], verb) + 1, verb, holders, needed[0], "none without")
        return self._made(self._contra, modal, max(nothing[0], verb) + 1, verb, holders, things[0], "no")

    def _no_ground(self, verb: int) -> Frame | None:
        """Against what somebody says there is no reason or place for, for what has no alternative."""
        parse, clauses = self._parse, self._reading.clauses
        things = parse.kids(verb, "attr") if parse.kids(verb, "expl") else []
        holders = self._speech.speakers(verb)
        if not things or not holders or not any(parse.low[t] == "no" for t in parse.kids(things[0], "det", "neg")):
            return None
        noun = things[0]
        for name, names, label in (
            ("ground_noun", ("for", "of", "in"), self._contra),
            ("alternative_noun", ("to", "for"), self._pro),
        ):
            about = [t for preposition in names for t in clauses.prepositional(noun, preposition)]
            about = about or [t for t in parse.kids(noun, "acl", "relcl") if self._is_infinitive(t)]
            if parse.lemma[noun] in self._words[name] and about:
                return self._made(label, verb, noun + 1, verb, holders, about[0], "no ground")
        return None

    def _no_right(self, verb: int) -> Frame | None:
        """Against what somebody says that another may not do: said Chad *had no right* to keep the port."""
        parse = self._parse
        rights = [t for t in parse.kids(verb, "dobj") if parse.lemma[t] in self._words["right_noun"]]
        if parse.lemma[verb] != "have" or not rights or rights[0] < verb or self._is_supposed(verb):
            return None
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        none = [t for t in parse.kids(rights[0], "det", "neg") if parse.low[t] == "no"]
        acts = [t for t in (*parse.kids(rights[0], "acl"), *parse.kids(verb, "xcomp")) if self._is_infinitive(t)]
        holders = self._speech.speakers(verb)
        if bool(none) == bool(negations) or not acts or not holders or acts[0] < rights[0]:
            return None
        start = min([verb, *negations, *(t for t in parse.kids(verb, "aux") if t < verb)])
        return self._made(self._contra, start, rights[0] + 1, verb, holders, acts[0], "no right")

    def _cannot_be(self, verb: int) -> Frame | None:
        """Against what somebody says cannot be borne: they *cannot be trusted*, it *cannot be justified*."""
        parse, clauses = self._parse, self._reading.clauses
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in ("can", "ca", "could")), None)
        negations = list(clauses.negations(verb))
        if modal is None or not negations or parse.lemma[verb] not in self._words["bearing_verb"]:
            return None
        subjects, holders = parse.kids(verb, "nsubjpass"), self._speech.speakers(verb)
        if not subjects or not holders or self._is_supposed(verb) or verb in self._events.by_token:
            return None
        return self._made(self._contra, modal, verb + 1, verb, holders, subjects[0], "cannot be")

    def _never(self, verb: int) -> Frame | None:
        """Against what somebody says will not be: annexation “*won't happen*”."""
        parse = self._parse
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING and t < verb), None)
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        if parse.lemma[verb] not in self._words["happening_verb"] or modal is None or not negations:
            return None
        subjects, holders = parse.kids(verb, "nsubj"), self._speech.speakers(verb)
        if not subjects or not holders or self._is_supposed(verb) or verb in self._events.by_token:
            return None
        return self._made(self._contra, min([modal, *negations]), verb + 1, verb, holders, subjects[0], "never")

    def _regretted(self, verb: int) -> Frame | None:
        """Against what a speaker says should not have been: it *should not have happened*."""
        parse = self._parse
        duty = next(
            (t for t in parse.kids(verb, "aux") if parse.low[t] in ("should", "ought", "must") and t < verb), None
        )
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        past = any(parse.low[t] == "have" for t in parse.kids(verb, "aux"))
        if duty is None or not past or not negations:
            return None
        subjects, holders = parse.kids(verb, "nsubj", "nsubjpass"), self._speech.speakers(verb)
        if not subjects or not holders or self._is_supposed(verb):
            return None
        event = self._events.by_token.get(verb)
        if event is not None and event.start > duty:
            made = self._made(self._contra, min([duty, *negations]), duty + 1, duty, holders, verb, "regretted")
            if made is not None:
                made.end = event.end
            return made
        return self._made(self._contra, min([duty, *negations]), verb + 1, verb, holders, subjects[0], "regretted")

    def _unbowed(self, verb: int) -> Frame | None:
        """Against being made to: said it *would not be bullied*. By whom is the target, where that is told."""
        parse, clauses = self._parse, self._reading.clauses
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING), None)
        negations = [t for t in clauses.negations(verb) if t < verb]
        holders = self._reading.fillers(parse.kids(verb, "nsubjpass"))
        if modal is None or not negations or parse.lemma[verb] not in self._words["forcing_verb"]:
            return None
        if not holders or verb in self._events.by_token or self._is_supposed(verb):
            return None
        frame = Frame(self._contra, min([modal, *negations]), verb + 1, verb, None, f"{WISH}:unbowed")
        for filler in holders:
            frame.add("holder", filler.mention, f"unbowed:{filler.route}")
        for agent in clauses.subjects(verb):
            target = self._targets.of(agent, frame)
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.add("target", target[0], f"unbowed:{target[1]}")
        return self._speech.expressed(frame) if self._contra else None

    def _is_supposed(self, verb: int) -> bool:
        """Whether a clause only supposes: if she *would not*; whoever would not."""
        parse = self._parse
        return self._is_marked(verb) or parse.dep[verb] in ("relcl", "advcl") or self._reading.is_asked(verb)
