"""Evaluations in quotations: a word or two that somebody is quoted with, the quoted name that somebody gives a thing."""

from bisect import bisect_right

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.quotes import Quote
from workbench.preannotate.rules.stances.evaluating import ENDS, KIND, LONGEST_NAME, EvaluationFinder
from workbench.preannotate.rules.stances.finder import Ground
from workbench.preannotate.rules.stances.targets import TRAILING
from workbench.preannotate.rules.stances.verdicts import Verdicts

_LONGEST_JUDGED = 14
"""How many words a quotation may have after a verb that judges by itself: dismissed the move as “…”."""
_REACH = 12
_PREDICATES = frozenset({"attr", "oprd", "acomp", "appos", "ROOT"})


class QuotedEvaluations(EvaluationFinder):
    """Finds these evaluations in one text."""

    def __init__(self, ground: Ground, verdicts: Verdicts) -> None:
        super().__init__(ground, verdicts)
        self._quote_starts = [quote.start for quote in ground.reading.quotes]
        self._quote_at = {quote.start: quote for quote in ground.reading.quotes}

    def opening(self, token: int) -> Frame | None:
        """The evaluation that a quotation makes that begins with a word."""
        quote = self._quote_at.get(token)
        if quote is None:
            return None
        found = self._of_deed(quote) or self._slogan(quote) or self._opening(quote)
        return found or (self._in_a_word(quote) if self._is_bare(quote) else None)

    def _slogan(self, quote: Quote) -> Frame | None:
        """What those who chant are for or against: “*Down with* the junta”, “*Long live* Kenya”."""
        parse = self._parse
        for name, label in (("slogan_against", self._contra), ("slogan_for", self._pro)):
            for phrase in self._words[name]:
                words = phrase.split()
                end = quote.start + len(words)
                if parse.low[quote.start : end] != words or not 0 < quote.end - end <= LONGEST_NAME:
                    continue
                if any(parse.tag[t] in ("VBZ", "VBP", "VBD", "MD") for t in range(end, quote.end)):
                    continue
                after = [t for t in range(end, quote.end) if parse.pos[t] in ("NOUN", "PROPN")]
                speakers = self._speech.speakers(quote.start)
                between = range(end, after[0]) if after else ()
                if not after or not speakers or any(parse.pos[t] not in ("DET", "ADJ", "PRON") for t in between):
                    continue
                about = after[0]
                while (
                    parse.dep[about] in ("compound", "amod", "nmod", "poss") and about < parse.head[about] < quote.end
                ):
                    about = parse.head[about]
                frame = self._held(label, quote.start, end, end - 1, speakers, "slogan")
                made = self._about(frame, self._targets.of(about, frame), "slogan")
                if made is not None:
                    made.attributes["expressed"] = "quoted"
                    return made
        return None

    def _opening(self, quote: Quote) -> Frame | None:
        """What the first words of an answer show: “*We'll see*”, “*Not one inch*”; it is about what was told before."""
        parse = self._parse
        end = quote.start
        while end < quote.end and parse.words[end] not in ENDS and parse.sentence[end] == parse.sentence[quote.start]:
            end += 1
        if not 1 < end - quote.start <= LONGEST_NAME or (quote.verb is None):
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

    def alone(self, word: int) -> Frame | None:
        """What a word that judges shows inside a quotation, without what it is about: spoke of “a *shameful* favour”."""
        parse, quote = self._parse, self._reading.quote_of.get(word)
        if quote is None or word in self._events.by_token:
            return None
        opinion = self._verdicts.opinion(word)
        label = opinion.stance if opinion is not None and opinion.kind == "quality" else ""
        if not label and parse.pos[word] == "ADJ":
            label = self._verdicts.listed(parse.lemma[word])
        if not label:
            return None
        top = parse.head[word] if parse.dep[word] == "amod" else word
        if top not in self._reading.quote_of or self._reading.clauses.negated(word) or self._reading.is_asked(word):
            return None
        if parse.dep[top] not in _PREDICATES and not self._is_bare(quote):
            return self._attributed(word, top, label) if top != word else None
        start, end = (quote.start, self._trimmed(quote)) if self._is_bare(quote) else self._extent(top)
        if end - start > LONGEST_NAME or start < quote.start:
            return None
        frame = Frame(label, start, end, top, None, f"{KIND}:quoted alone")
        for filler in self._speech.speakers(word):
            frame.add("holder", filler.mention, f"quoted alone:{filler.route}")
        return self._speech.expressed(frame) if frame.roles else None

    def _attributed(self, word: int, noun: int, label: str) -> Frame | None:
        """What a speaker calls a thing by an adjective that only judges: “this *reckless* decision”."""
        parse = self._parse
        if not self._verdicts.listed(parse.lemma[word]) and parse.lemma[word] not in self._words["verdict"]:
            return None
        named = self._verdicts.opinion(noun)
        both = named is not None and named.stance == label == self._unkind and named.kind in ("quality", "deed")
        pointed = both or parse.kids(noun, "det", "poss") or any(parse.low[t] == "such" for t in parse.children[noun])
        if parse.lemma[word] in self._words["classifying"] or not pointed:
            return None
        if label != self._unkind and noun not in self._events.by_token:
            return None
        if any(self._reading.mentions.at(t) is not None for t in parse.kids(noun, "poss")):
            return None
        end = noun + 1 if both and noun == word + 1 else word + 1
        frame = Frame(label, word, end, word, None, f"{KIND}:attribute")
        for filler in self._speech.speakers(word):
            frame.add("holder", filler.mention, f"attribute:{filler.route}")
        target = self._targets.of(noun, frame)
        if not frame.roles or target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"attribute:{target[1]}")
        return self._speech.expressed(frame)

    def called(self, verb: int, objects: list[int]) -> Frame | None:
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
            own = self._verdicts.own(verb)
            longest = _LONGEST_JUDGED if own else LONGEST_NAME
            if quote.end - quote.start > longest or not objects or max(objects) >= quote.start + 1:
                return None
            last = max((t for t in parse.subtree(objects[0]) if t < quote.start), default=objects[0])
            between = range(max(last, *objects, verb) + 1, quote.start)
            if any(parse.pos[t] not in ("DET", "ADP", "PUNCT", "ADJ") or parse.low[t] == "of" for t in between):
                return None
            label = self._of_words(quote)
            how = "named" if label or own else "named unclear"
            label = own or label
            unclear = self._unkind if parse.lemma[verb] in self._words["naming_verb"] else ""
            if not (label or unclear):
                return None
            start, end = self._judging(quote)
            frame = Frame(label or unclear, start, end, quote.start, None, f"{KIND}:{how}")
            for filler in self._reading.fillers(self._reading.clauses.subjects(verb)):
                frame.add("holder", filler.mention, f"{how}:{filler.route}")
            if not label and not frame.roles:
                return None
            target = self._meant(objects[0], quote.end - 1, frame)
            if target is not None:
                if not label and isinstance(target[0], Mention) and target[0].kind == "person":
                    return None
                frame.add("target", target[0], f"{how}:{target[1]}")
            frame.attributes["expressed"] = "quoted"
            return frame
        return None

    def _fronted(self, verb: int) -> list[int]:
        """The noun right after a verb of calling that the parse has put before what it is called."""
        parse = self._parse
        for token in range(verb + 1, min(verb + LONGEST_NAME, len(parse) - 1)):
            if parse.pos[token] == "NOUN" and parse.words[token + 1] in ("“", '"'):
                return [token]
            if parse.pos[token] not in ("DET", "ADJ", "NOUN", "PROPN", "PRON"):
                return []
        return []

    def _is_bare(self, quote: Quote) -> bool:
        """Whether a quotation has no verb of its own: “A slap in the face,”."""
        tags = self._parse.tag
        return quote.end - quote.start <= LONGEST_NAME and not any(
            tags[t] in ("VBZ", "VBP", "VBD", "MD") for t in range(quote.start, quote.end)
        )

    def _in_a_word(self, quote: Quote) -> Frame | None:
        """What somebody says of a thing in a word or two: “Shameful,” she said of the raid; “A trap,” he called it."""
        parse, verb = self._parse, quote.verb
        if verb is None or parse.sentence[verb] != parse.sentence[quote.start]:
            return None
        label = self._of_words(quote)
        if not label:
            return None
        clauses = self._reading.clauses
        about = self._said_of(verb)
        if parse.lemma[verb] in self._words["calling_verb"]:
            about += [t for t in clauses.objects(verb) if t not in self._reading.quote_of]
        elif not about and (quote.end < verb or not self._stands_alone(quote)):
            return None
        start, end = self._judging(quote)
        frame = Frame(label, start, end, quote.start, None, f"{KIND}:in a word")
        for filler in self._reading.fillers(clauses.subjects(verb)):
            frame.add("holder", filler.mention, f"in a word:{filler.route}")
        target = next((t for t in (self._targets.of(token, frame) for token in about) if t is not None), None)
        if target is not None and all(role.filler is not target[0] for role in frame.roles):
            frame.add("target", target[0], f"in a word:{target[1]}")
        frame.attributes["expressed"] = "quoted"
        return frame

    def _of_words(self, quote: Quote) -> str:
        """The stance that the first of its words shows that judges, by itself or with what follows."""
        for token in range(quote.start, quote.end):
            phrase = self._verdicts.phrase(token)
            found = phrase[0] if phrase is not None else self._verdicts.known(token)
            if found:
                return found
        return ""

    def _stands_alone(self, quote: Quote) -> bool:
        first, _ = self._parse.sentences[self._parse.sentence[quote.start]]
        return quote.start - first <= 1

    def _judging(self, quote: Quote) -> tuple[int, int]:
        """The words of a quotation that judge: all, or the adjective of a noun that only says what it is: “*useful* talks”."""
        parse = self._parse
        top = parse.top(quote.start, quote.end)
        plain = top in self._events.by_token or parse.lemma[top] in self._words["plain_noun"]
        if parse.pos[top] == "NOUN" and plain and not self._verdicts.known(top):
            judging = [t for t in parse.kids(top, "amod") if quote.start <= t < top and self._verdicts.known(t)]
            if judging:
                first = min([judging[0], *(t for t in parse.kids(judging[0], "advmod") if t >= quote.start)])
                return first, judging[-1] + 1
        return quote.start, self._trimmed(quote)

    def _trimmed(self, quote: Quote) -> int:
        end = quote.end
        while end > quote.start + 1 and self._parse.words[end - 1] in TRAILING:
            end -= 1
        return end
