"""Counts in words: what is said of many things, as it reads of one."""

import re

_VERBS = {
    "were": "was",
    "are": "is",
    "have": "has",
    "do": "does",
    "differ": "differs",
    "hold": "holds",
    "stay": "stays",
    "use": "uses",
    "wait": "waits",
    "lie": "lies",
    "lack": "lacks",
    "state": "states",
}
_BE = ("were", "are")
"""Stand far from their noun, too; of the others only the one beside it is its verb."""
_NOUN = re.compile(r"(?P<before>(?:[\w-]+ )?)(?P<noun>[\w-]+s)\b")
_VERB = re.compile(rf"(?P<before> still | )(?P<verb>{'|'.join(_VERBS)})\b")
_OF_THEM = (
    (" that do ", " that does "),
    (" that are ", " that is "),
    (" that were ", " that was "),
    (" their ", " its "),
    (" them", " it"),
)
_AGAIN = re.compile(r"(\bthey|, and) (were|are|have|do)\b")
"""A second verb of theirs."""


def counted(number: int, what: str) -> str:
    """The number and what it is a number of: "3 articles were left out", "1 article was left out"."""
    return f"{number} {what if number != 1 else of_one(what)}"


def of_one(what: str) -> str:
    """What is said of several things, begun with their noun, as it is said of one: "article was left out"."""
    if what.startswith("of these "):
        return _with_verb("of these", what.removeprefix("of these"))
    found = _NOUN.match(what)
    if found is None:
        return what
    return _with_verb(found["before"] + _singular(found["noun"]), what[found.end() :])


def _with_verb(noun: str, rest: str) -> str:
    for many, one in _OF_THEM:
        rest = rest.replace(many, one)
    rest = _AGAIN.sub(lambda match: f"{match[1].replace('they', 'it')} {_VERBS[match[2]]}", rest)
    beside = _VERB.match(rest)
    if beside:
        return noun + beside["before"] + _VERBS[beside["verb"]] + rest[beside.end() :]
    words = rest.split(" ")
    place = next((n for n, word in enumerate(words) if word in _BE), None)
    if place is not None:
        words[place] = _VERBS[words[place]]
    return noun + " ".join(words)


def _singular(noun: str) -> str:
    return f"{noun[:-3]}y" if noun.endswith("ies") else noun[:-1]
