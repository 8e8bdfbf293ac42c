"""Stances in what somebody wants, says is needed, goes on or is left open: "let's wait", "may not run"; refusals stand beside."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.stances.conditions import Conditions
from workbench.preannotate.rules.stances.finder import WILLING, WISH, Ground, WishFinder
from workbench.preannotate.rules.stances.needs import Needs
from workbench.preannotate.rules.stances.refusals import Refusals

_CLOSE = 3
_IDLE = frozenset({"say", "face", "see", "look", "talk", "put", "begin", "start", "take", "hope"})
"""What a speaker only leads on with: let's *see*, let's *say*, let's *face* it."""


class Wishes(WishFinder):
    """Finds the wishes of one text, with its needs, conditions and refusals."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._needs = Needs(ground)
        self._conditions = Conditions(ground)
        self._refusals = Refusals(ground)

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
        if parse.lemma[token] == "be" and (groundless := self._refusals.no_ground(token)) is not None:
            return groundless
        if parse.lemma[token] == "go" and (refused := self._refusals.not_going(token)) is not None:
            return refused
        bare = not parse.kids(token, "aux") and parse.lemma[token] != "have"
        if bare and parse.lemma[token] not in self._words["justifying_verb"]:
            return None
        return self._refusals.at(token) or self._open(token) or self._goes_on(token) or self._may(token)

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
        awaited = [c for c in parse.kids(act, "advcl", "ccomp", "xcomp") if act + 1 in parse.kids(c, "mark")]
        if awaited and not after and parse.low[act + 1] == "for":
            whom = parse.kids(awaited[0], "nsubj", "nsubjpass") or awaited
            return self._made(label, start, act + 2, act, holders, whom[0], "let us")
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
