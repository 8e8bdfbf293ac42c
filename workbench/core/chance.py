"""Chance that comes out the same every time, on every machine, whatever else there is: it depends on a name alone."""

import hashlib


def chance(name: str) -> float:
    """A number of [0, 1) that a name always has; of many names the numbers are spread evenly."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) / 2**48
