"""Stances that events carry: who demands is for what is demanded, who accuses is against the accused. See data/carried.tsv."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workbench.errors import SettingsError
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import ACTORS
from workbench.preannotate.rules.stances.finder import Ground, KindFinder
from workbench.preannotate.rules.stances.targets import Target
from workbench.preannotate.rules.tables import rows, values

FILE = "carried.tsv"
KIND = "carried"
_ABOUT = frozenset({"", "thing", "any", "condition"})
_REFUSING, _CROWD, _ASKING = "REJECT", "PROTEST", "REQUEST"
_DEFINITE = frozenset({"the", "this", "that", "these", "those"})
_TAKEN_UP = 3
"""How many sentences later what was asked for is still meant by "the request"."""
_SHORT_OF = frozenset({"before", "without", "against", "than", "until"})
_CONDITIONS = frozenset({"if", "unless"})
_TO_BE = frozenset({"would", "should", "must", "will", "shall"})
_ACTING = ACTORS | {"loc", "agent"}
"""Whom one asks, rather than what for."""


@dataclass(frozen=True)
class Row:
    """What a category says of stance; `lemmas` is empty for all its words, `stance` where it says nothing."""

    lemmas: frozenset[str]
    stance: str
    negated: str
    target: tuple[str, ...]
    things: bool
    condition: bool


@dataclass
class CarriedStances:
    """Rows by category and part of speech, in the order of the table."""

    table: dict[tuple[str, str], list[Row]] = field(default_factory=dict[tuple[str, str], list[Row]])

    @classmethod
    def load(cls) -> "CarriedStances":
        """The table that ships.

        Raises:
            SettingsError: a row says what the table cannot say.
        """
        loaded = cls()
        for line, row in rows(FILE):
            if row["pos"] not in ("v", "n", "a") or row["about"] not in _ABOUT:
                raise SettingsError(f"{FILE}, line {line}: pos is v, n or a; about is thing, any or condition")
            loaded.table.setdefault((row["category"], row["pos"]), []).append(
                Row(
                    lemmas=frozenset(values(row["lemmas"])),
                    stance=row["stance"].strip("-"),
                    negated=row["negated"],
                    target=values(row["target"]),
                    things=row["about"] == "thing",
                    condition=row["about"] == "condition",
                )
            )
        return loaded

    def of(self, frame: Frame, lemma: str, particle: str = "") -> Row | None:
        """The row that fits an event, unless it says nothing; a verb may stand there with its particle: turn away."""
        pos = frame.entry.pos if frame.entry is not None else ""
        names = {lemma, f"{lemma} {particle}"}
        fitting = (row for row in self.table.get((frame.label, pos), ()) if not row.lemmas or names & row.lemmas)
        row = next(fitting, None)
        return row if row is not None and row.stance else None


class Carried(KindFinder):
    """Finds the stances that the events of one text carry."""

    def __init__(
        self,
        ground: Ground,
        table: CarriedStances,
        is_unreal: Callable[[int], bool],
        is_withdrawn: Callable[[int], bool],
        loose: list[Frame],
    ) -> None:
        """`loose` takes the stances that lack a holder."""
        super().__init__(ground)
        self._table = table
        self._is_unreal = is_unreal
        self._is_withdrawn = is_withdrawn
        self._loose = loose
        self._asked: Frame | None = None

    def at(self, token: int) -> Frame | None:
        """The stance of the event whose head a word is; None where nobody holds it, or it is about nothing that is told."""
        event = self._events.by_token.get(token)
        if event is None or event.head != token or event.entry is None:
            return None
        particles = [self._parse.low[t] for t in self._parse.kids(token, "prt", "advmod") if t == token + 1]
        row = self._table.of(event, self._parse.lemma[token], *particles[:1])
        unlikely = self._unlikely(token)
        if row is None or (not unlikely and self._is_supposed(event)):
            return None
        if event.entry.pos == "n" and self._is_withdrawn(token):
            return None
        negations = unlikely or self._negations(event)
        turned = self._opposite.get(row.stance, "") if unlikely else row.negated
        label = turned if negations else row.stance
        if not label:
            return None
        pos = event.entry.pos
        start = min([event.start, *negations]) if negations else event.start
        kind = f"{KIND} {event.label} {pos}{'-' if negations else ''}"
        frame = Frame(label, start, event.end, token, event.entry, kind)
        if negations or self._is_refusal(event):
            frame.start = self._with_helpers(frame.start, token)
        self._holders(frame, event)
        if row.condition:
            return self._on_condition(frame) if frame.roles else None
        is_held = bool(frame.roles)
        for filler, route in self._about(frame, row):
            frame.add("target", filler, route)
        if not frame.playing("target") and self._is_alone(event):
            meant = self._targets.recent(token)
            if meant is not None and all(role.filler is not meant for role in frame.roles):
                frame.add("target", meant, "recent")
        if label == self._pro:
            self._turn_where_negated(frame)
        if event.label == _ASKING and not frame.playing("target") and label == self._pro:
            self._take_up(frame)
        if event.label == _ASKING and frame.playing("target"):
            self._asked = frame
        if not frame.playing("target") and row.lemmas and label == self._pro:
            return None
        if not is_held:
            self._loose.append(self._speech.expressed(frame))
            return None
        return self._speech.expressed(frame)

    def _unlikely(self, verb: int) -> list[int]:
        """The words by which somebody is *not likely to* do what an event tells, or *unlikely* to."""
        parse, state = self._parse, self._parse.head[verb]
        if parse.dep[verb] != "xcomp" or parse.lemma[state] not in ("likely", "unlikely") or state > verb:
            return []
        negations = list(self._reading.clauses.negations(state))
        if bool(negations) == (parse.lemma[state] == "unlikely"):
            return []
        return sorted({*negations, state})

    def _is_alone(self, event: Frame) -> bool:
        """Whether a refusal leaves out what is refused: Oslo asked; Chad *declined*."""
        parse, verb = self._parse, event.head
        if event.label != _REFUSING or event.entry is None or event.entry.pos != "v" or parse.is_passive(verb):
            return False
        below = parse.kids(verb, "dobj", "xcomp", "ccomp", "prep", "prt", "agent")
        return event.end == event.start + 1 and all(token < verb for token in below)

    def _on_condition(self, frame: Frame) -> Frame | None:
        """What somebody wants who threatens: that it be done (unless, if not), or that it be not (if)."""
        for token in self._parse.subtree(frame.head):
            marks = [t for t in self._parse.kids(token, "mark") if self._parse.low[t] in _CONDITIONS]
            inverted = [t for t in self._parse.kids(token, "aux") if self._parse.low[t] == "should"]
            subjects = self._parse.kids(token, "nsubj", "nsubjpass")
            if token < frame.end or not (marks or (inverted and any(t > inverted[0] for t in subjects))):
                continue
            wanted = any(self._parse.low[t] == "unless" for t in marks) != self._reading.clauses.negated(token)
            target = self._targets.of(token, frame)
            if target is None or any(role.filler is target[0] for role in frame.roles):
                return None
            frame.label = self._pro if wanted else self._contra
            frame.add("target", target[0], f"condition:{target[1]}")
            return self._speech.expressed(frame)
        return self._told_to(frame) or self._against_the_same(frame)

    def _told_to(self, frame: Frame) -> Frame | None:
        """What somebody warns others to do, or not to: *warned* them not to go back."""
        parse, verb = self._parse, frame.head
        acts = [t for t in parse.kids(verb, "xcomp", "ccomp") if t > verb and self._is_infinitive(t)]
        if not acts or not (parse.kids(verb, "dobj") or parse.kids(acts[0], "nsubj")):
            return None
        target = self._targets.of(acts[0], frame)
        if target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.label = self._contra if self._reading.clauses.negated(acts[0]) else self._pro
        frame.add("target", target[0], f"comp:{target[1]}")
        return self._speech.expressed(frame)

    def _against_the_same(self, frame: Frame) -> Frame | None:
        """Against what somebody threatens to refuse: threatened to *veto the package*."""
        for token in self._targets.complements(frame.head):
            below = self._events.by_token.get(token)
            row = self._table.of(below, self._parse.lemma[token]) if below is not None else None
            if below is None or below.label != _REFUSING or row is None or self._reading.clauses.negated(token):
                continue
            about = self._reading.clauses.objects(token) or self._targets.complements(token)
            target = self._targets.of(about[0], frame) if about else None
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.label = row.stance
                frame.add("target", target[0], f"condition:{target[1]}")
                return self._speech.expressed(frame)
        return None

    def against(self, token: int) -> Frame | None:
        """The stance of those who march, rally or hold a vigil *against* something."""
        parse = self._parse
        if parse.low[token] != "against" or parse.dep[token] != "prep" or not self._contra:
            return None
        head = parse.head[token]
        event = self._events.by_token.get(head)
        crowd = event is not None and event.label == _CROWD
        if not crowd and parse.lemma[head] not in self._words["rally_word"]:
            return None
        if parse.lemma[head] == "strike" and self._reading.clauses.governing(head) is not None:
            return None
        frame = Frame(self._contra, token, token + 1, token, None, f"{KIND} against")
        verb = head if parse.pos[head] == "VERB" else self._reading.clauses.governing(head)
        subjects = self._reading.clauses.subjects(verb) if verb is not None else []
        for filler in self._reading.fillers(subjects):
            frame.add("holder", filler.mention, f"{KIND}:{filler.route}")
        if not frame.roles and event is not None:
            for role in event.playing("actor"):
                frame.add("holder", role.filler, f"{KIND}:{role.route}")
        for below in parse.kids(token, "pobj", "pcomp"):
            target = self._targets.of(below, frame)
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.add("target", target[0], f"prep:{target[1]}")
        return self._speech.expressed(frame) if frame.playing("holder") else None

    def _turn_where_negated(self, frame: Frame) -> None:
        """Against what is asked or agreed not to be done: urged them *not to* go; a thing without a name takes the negation in.

        Agreed *not to build* the dam: for not building it.
        """
        clauses = [t for t in self._targets.complements(frame.head) if self._reading.clauses.negated(t)]
        role = next((role for role in frame.playing("target") if role.route.startswith("comp")), None)
        if not clauses or role is None:
            return
        negation = min(self._reading.clauses.negations(clauses[0]))
        if isinstance(role.filler, Frame) or not frame.end <= negation <= role.filler.start:
            if not isinstance(role.filler, Mention) or role.filler.start > negation:
                frame.label = self._contra
            return
        role.filler = self._targets.from_word(negation, role.filler)

    def _take_up(self, frame: Frame) -> None:
        """What was asked for before, where the same is spoken of again: urged Chad to leave … *the request* came late."""
        asked, parse = self._asked, self._parse
        if asked is None or parse.sentence[frame.head] - parse.sentence[asked.head] > _TAKEN_UP:
            return
        definite = any(parse.low[t] in _DEFINITE for t in parse.kids(frame.head, "det"))
        if parse.pos[frame.head] == "NOUN" and (definite or parse.kids(frame.head, "poss")):
            for role in asked.playing("target"):
                if all(other.filler is not role.filler for other in frame.roles):
                    frame.add("target", role.filler, "recent")

    def _is_supposed(self, event: Frame) -> bool:
        """Whether the event is only wished for or possible: whoever would act has not spoken."""
        modality = event.attributes.get("modality", "")
        verb = self._parse.head[event.head] if event.entry is not None and event.entry.pos == "a" else event.head
        if any(self._parse.low[t] in ("if", "unless", "whether") for t in self._parse.kids(verb, "mark")):
            return True
        if self._reading.clauses.nobodys(verb) or self._reading.is_asked(event.head):
            return True
        above = self._parse.head[event.head]
        if self._parse.dep[event.head] == "pcomp" and self._parse.low[above] in _SHORT_OF:
            return True
        return modality == "hypothetical" or self._is_unreal(event.head)

    def _negations(self, event: Frame) -> list[int]:
        """The negations of an event, but for those that its words need: *not* accept."""
        if self._is_refusal(event):
            return []
        return [t for t in self._reading.clauses.negations(event.head) if abs(t - event.head) < 5]

    def _is_refusal(self, event: Frame) -> bool:
        """Whether the words of an event need a negation: not accept."""
        return event.entry is not None and any(condition.what == "neg" for condition in event.entry.conditions)

    def _with_helpers(self, start: int, token: int) -> int:
        parse = self._parse
        above = parse.head[token]
        helpers = {*parse.kids(token, "aux", "auxpass"), *parse.kids(above, "aux"), above}
        while start and start - 1 in helpers and parse.pos[start - 1] == "AUX" and parse.low[start - 1] != "to":
            start -= 1
        return start

    def _holders(self, frame: Frame, event: Frame) -> None:
        """Who acts, by the clause; else by all that speaks for it."""
        assert frame.entry is not None
        for mention, route in self._events.paths.follow(frame, frame.entry.actor):
            frame.add("holder", mention, f"{KIND}:{route}")
        if not frame.roles:
            for subject in self._reading.clauses.subjects(event.head):
                for filler in self._reading.fillers(self._authors(subject)):
                    frame.add("holder", filler.mention, f"{KIND}:by:{filler.route}")
        if not frame.roles and not self._parse.is_passive(event.head) and not self._is_by_a_thing(event):
            for role in event.playing("actor"):
                frame.add("holder", role.filler, f"{KIND}:{role.route}")

    def _is_by_a_thing(self, event: Frame) -> bool:
        """Whether a thing does it, which holds no stance: the system *requires* them to pay."""
        if event.entry is None or event.entry.pos != "v":
            return False
        parse, verb = self._parse, event.head
        subjects = self._reading.clauses.subjects(verb)
        if parse.dep[verb] == "relcl" and any(parse.low[t] in self._words["relative"] for t in subjects):
            subjects = [parse.head[verb]]
        return any(parse.pos[t] == "NOUN" and parse.lemma[t] not in self._words["document_noun"] for t in subjects)

    def _authors(self, noun: int) -> list[int]:
        """Who wrote what a noun names: a letter *by X*, *X's* statement, a letter signed *by X*."""
        parse, clauses = self._parse, self._reading.clauses
        if parse.pos[noun] != "NOUN" or parse.lemma[noun] not in self._words["document_noun"]:
            return []
        signed = [t for verb in parse.kids(noun, "acl") if parse.is_passive(verb) for t in clauses.subjects(verb)]
        return [
            *parse.kids(noun, "poss"),
            *clauses.prepositional(noun, "by"),
            *clauses.prepositional(noun, "from"),
            *signed,
        ]

    def _about(self, frame: Frame, row: Row) -> Iterator[Target]:
        for path in row.target:
            found: list[Target] = []
            for token in self._step(frame, path):
                if not any(filler.start <= token < filler.end for filler, _ in found):
                    found += self._target(token, frame, row, path)
            if found:
                yield from found
                return

    def _step(self, frame: Frame, path: str) -> list[int]:
        first, _, rest = path.partition(">")
        if first in ("comp", "inf", "that"):
            tokens = [t for t in self._clauses(frame) if self._fits(first, t)]
        else:
            tokens = self._events.paths.step(frame, first)
        if rest == "subj":
            return [s for t in tokens for s in self._reading.clauses.subjects(t)]
        if rest == "poss":
            return [p for t in tokens for p in self._parse.kids(t, "poss")]
        if rest:
            return [p for t in tokens for p in self._reading.clauses.prepositional(t, rest)]
        return tokens

    def _clauses(self, frame: Frame) -> list[int]:
        """The clauses that the words of an event take; those of its noun where its verb takes none."""
        nouns = [t for t in range(frame.start, frame.end) if self._parse.pos[t] == "NOUN" and t != frame.head]
        for head in (frame.head, *nouns):
            found = self._targets.complements(head)
            if found:
                return found
        return []

    def _fits(self, form: str, token: int) -> bool:
        """Whether a clause has a form of the table: inf, that; comp for any."""
        return form == "comp" or (self._is_infinitive(token) if form == "inf" else self._is_bound(token))

    def _is_bound(self, token: int) -> bool:
        """Whether a clause says what is to be: agreed that it *would* pay."""
        return any(self._parse.low[t] in _TO_BE for t in self._parse.kids(token, "aux"))

    def _target(self, token: int, frame: Frame, row: Row, path: str) -> Iterator[Target]:
        if path in ("comp", "inf", "that") and self._targets.is_question(token):
            return
        beyond = self._targets.through(token)
        if beyond is not None:
            token = token if beyond[1] else beyond[0]
        found = self._targets.of(token, frame)
        if found is None:
            return
        filler, route = found
        if any(role.filler is filler for role in frame.roles):
            return
        if row.things and isinstance(filler, Mention) and filler.kind in _ACTING:
            return
        yield (
            filler,
            f"{path if path in ('obj', 'comp') else 'comp' if path in ('inf', 'that') else 'prep'}:{route}",
        )
