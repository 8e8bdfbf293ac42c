"""Texts that are nearly the same: MinHash over their triples of words, found by datasketch's LSH."""

import base64
import re
import zlib
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import numpy as np
from datasketch import LeanMinHash, MinHash, MinHashLSH

NEAR_DUPLICATE = 0.5
"""Estimated share of common word triples from which two texts are near-duplicates."""

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d.,]*\d")
"""A word or a number."""

_PERMUTATIONS = 64
_SCHEME = "affine32"


def minhash(text: str) -> LeanMinHash:
    """What near-duplicates of a text are found by."""
    tokens = [token.lower() for token in TOKEN.findall(text)]
    shingles = {" ".join(tokens[n : n + 3]) for n in range(max(1, len(tokens) - 2))}
    made = _empty().copy()
    cast(Any, made).update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in shingles])
    return LeanMinHash(made)


def written(found: LeanMinHash) -> str:
    """A MinHash as text; `read` gives it back."""
    values = np.asarray(cast(Any, found).hashvalues, dtype="<u4")
    return base64.b64encode(values.tobytes()).decode("ascii")


def read(text: str) -> LeanMinHash:
    """The MinHash that `written` wrote."""
    values = np.frombuffer(base64.b64decode(text), dtype="<u4").astype(np.uint32)
    return LeanMinHash(seed=1, hashvalues=values, scheme=_SCHEME)


class NearDuplicates:
    """Texts by name, in which those that are nearly the same as another one are found at once."""

    def __init__(self) -> None:
        self._lsh = MinHashLSH(threshold=NEAR_DUPLICATE, num_perm=_PERMUTATIONS)
        self._known: dict[str, LeanMinHash] = {}

    def insert(self, name: str, found: LeanMinHash) -> None:
        """Takes in a text."""
        self._known[name] = found
        self._lsh.insert(name, found, check_duplication=False)

    def of(self, found: LeanMinHash) -> dict[str, float]:
        """The texts that are nearly the same, the most alike first, with the share of triples that they have in common."""
        scores: dict[str, float] = {}
        for other in cast(Iterable[str], cast(Any, self._lsh).query(found)):
            score = found.jaccard(self._known[other])
            if score >= NEAR_DUPLICATE:
                scores[other] = round(float(score), 3)
        return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


@cache
def _empty() -> MinHash:
    return MinHash(num_perm=_PERMUTATIONS, seed=1, hashfunc=zlib.crc32, scheme=_SCHEME)
