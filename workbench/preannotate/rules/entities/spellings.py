"""The key under which the spellings of one name meet: Witkoff, Witkov, Vitkov; Zelenskyy, Zelensky, Zelenskiy."""

import re
import unicodedata
from functools import lru_cache

LEAST = 5
"""How long a key has to be: short names meet by chance."""

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d", "ß": "s", "æ": "e", "’": "", "'": "", "-": ""})
_SAME = (
    (re.compile(r"tsch|tch"), "č"),
    (re.compile(r"sch|sh|sz"), "š"),
    (re.compile(r"ch|cz"), "č"),
    (re.compile(r"zh"), "ž"),
    (re.compile(r"kh"), "h"),
    (re.compile(r"gh"), "g"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"ck|qu|q|c"), "k"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"w"), "v"),
    (re.compile(r"z"), "s"),
    (re.compile(r"ou|oo"), "u"),
    (re.compile(r"[iyj]+"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"[ae]i$"), "i"),
    (re.compile(r"f$"), "v"),
    (re.compile(r"(?<=n)e$"), ""),
)


@lru_cache(maxsize=20_000)
def key(name: str) -> str:
    """The key of a name; "" for one that is too short to be told by it.

    Letters that transliterations and languages exchange fall together; how it is heard is what stays.
    """
    plain = unicodedata.normalize("NFKD", name.lower())
    folded = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_LETTERS)
    for pattern, letter in _SAME:
        folded = pattern.sub(letter, folded)
    return folded if len(folded) >= LEAST else ""
