"""What the words beside an unknown name say of its kind: "X, 52,", "X's lawyer", "the X seat", "near X", "X's shares"."""

import re
from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.syntax import Parse

_AGE = re.compile(r"^[1-9]\d$")
_SURE, _LIKELY, _HINT = 5, 3, 2


class Evidence:
    """Weighs what stands beside a name; the weights are those of `mention.STRENGTH`, where the base's guess has 2."""

    def __init__(self, words: dict[str, frozenset[str]]) -> None:
        self._words = words
        self._persons = words["person_noun"] | words["occupation"] | words["human"]
        self._bodies = words["org_noun"] | words["org_descriptor"]
        kinds = ("org_head", "fac_head", "loc_head", "gpe_head", "work_head", "unlabelled_head", "company_end")
        self._heads = frozenset[str]().union(*(words[kind] for kind in kinds))
        self._places = words["place_of"] | words["place_noun"]

    def of(self, parse: Parse, mention: Mention) -> Iterator[tuple[str, int]]:
        """Kinds that the place of a mention speaks for, with weights."""
        start, end, limit = mention.start, mention.end, len(parse)
        after = parse.low[end] if end < limit else ""
        following = parse.low[end + 1] if end + 1 < limit else ""
        before = parse.low[start - 1] if start else ""
        if after == "," and _AGE.match(following) and end + 2 < limit and parse.words[end + 2] in (",", "."):
            yield "person", _SURE
        if after == "who" or (after == "," and following in ("who", "whose")):
            yield "person", _LIKELY
        if after in ("'s", "’s") and following in self._words["owned_by_person"]:
            yield "person", _LIKELY
        if after in self._words["said_of_person"]:
            yield "person", _HINT
        if end - start == 1 and self._is_he(parse, start):
            yield "person", _LIKELY
        if self._has_given_name(parse, mention) or self._goes_by_its_end(parse, mention):
            yield "person", _SURE
        for kind in self._explained(parse, mention):
            yield kind, _LIKELY
        numbered = any(letter.isdigit() for word in parse.words[start:end] for letter in word)
        if (after in self._words["place_owned"] and not numbered) or (
            before == "of" and self._governs_place(parse, start)
        ):
            yield "gpe", _SURE
        if before in ("near", "outside", "in", "off") and end - start == 1 and not parse.words[start].isupper():
            yield "gpe", _LIKELY
        if before in ("to", "from", "into") and self._moves(parse, start - 1) and not parse.words[end - 1].isupper():
            yield "gpe", _LIKELY
        if mention.kind == "loc" and end - start == 1 and self._has_members(parse, start):
            yield "org", _LIKELY
        owned = following if after in ("'s", "’s") else after
        if owned in self._words["owned_by_org"]:
            yield "org", _LIKELY

    def _has_members(self, parse: Parse, token: int) -> bool:
        """Whether what the base took for a region has members, lawyers, critics: a member *of* it."""
        after = parse.low[token + 1] if token + 1 < len(parse) else ""
        if after in self._words["org_follower"]:
            return True
        before = token - 1 - (token > 0 and parse.low[token - 1] == "the")
        return before > 0 and parse.low[before] in ("of", "for") and parse.low[before - 1] in self._words["org_leader"]

    def _is_he(self, parse: Parse, token: int) -> bool:
        """Whether what is said of a single word is said of persons: it is he or she, or was sworn in, or jailed."""
        if not parse.words[token].istitle() or parse.dep[token] not in ("nsubj", "nsubjpass"):
            return False
        verb = parse.head[token]
        if parse.dep[token] == "nsubjpass" and parse.lemma[verb] in self._words["person_only"]:
            return True
        return any(
            parse.low[below] in self._words["he"] and not self._is_other(parse, token, below)
            for below in parse.subtree(verb)
            if below > token
        )

    def _is_other(self, parse: Parse, token: int, pronoun: int) -> bool:
        """Whether a pronoun can be somebody else's than a word's: an object, or there is another name between."""
        if parse.dep[pronoun] in ("dobj", "pobj", "dative"):
            return True
        return any(parse.pos[between] == "PROPN" for between in range(token + 1, pronoun))

    def _has_given_name(self, parse: Parse, mention: Mention) -> bool:
        """Whether a name of two to six words begins with a given name, and ends with no word for anything else."""
        if not 1 < mention.end - mention.start < 7 or parse.low[mention.start] not in self._words["given_name"]:
            return False
        return self._could_be_surname(parse, mention.end - 1)

    def _goes_by_its_end(self, parse: Parse, mention: Mention) -> bool:
        """Whether the last word of a name stands for all of it elsewhere, and the first never: so persons are called."""
        if not 1 < mention.end - mention.start < 4 or not self._could_be_surname(parse, mention.end - 1):
            return False
        alone = parse.alone
        return parse.words[mention.end - 1] in alone and parse.words[mention.start] not in alone

    def _could_be_surname(self, parse: Parse, token: int) -> bool:
        word, low = parse.words[token], parse.low[token]
        return word.istitle() and low not in self._heads and low not in self._words["company_part"]

    def _explained(self, parse: Parse, mention: Mention) -> Iterator[str]:
        """What an apposition says that the name is: Pavel Orlov, an analyst; Neoline, a French start-up."""
        for token in mention.tokens:
            for child in parse.kids(token, "appos"):
                if child >= mention.end:
                    lemma = parse.lemma[child]
                    if lemma in self._persons:
                        yield "person"
                    elif lemma in self._bodies:
                        yield "org"
                    elif lemma in self._places:
                        yield "gpe"

    def _moves(self, parse: Parse, preposition: int) -> bool:
        """Whether somebody goes, or is taken, where the preposition says."""
        verb = parse.head[preposition]
        return parse.dep[preposition] == "prep" and parse.lemma[verb] in self._words["motion_verb"]

    def _governs_place(self, parse: Parse, start: int) -> bool:
        return start > 1 and parse.low[start - 2] in self._words["place_of"]


def dateline(parse: Parse, token: int) -> int:
    """One past the last token of the place that a dateline beginning at `token` names: KRYVYI RIH, Ukraine, April 5 —.

    `token` itself where no dateline begins there.
    """
    limit = min(token + 16, len(parse))
    end = token
    while end < limit and parse.words[end].isupper() and parse.words[end].isalpha() and len(parse.words[end]) > 1:
        end += 1
    if end == token or end >= limit or parse.words[end] not in (",", "(", "—", "–", "-", "--"):
        return token
    for after in range(end, limit):
        if "\n" in parse.words[after]:
            break
        if parse.words[after] in ("—", "–", "-", "--", "―") and parse.text[parse.start[after] - 1].isspace():
            return end
    return token
