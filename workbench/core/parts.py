"""The parts of a split: what models learn from, what decides about promotion, and what is reported."""

from typing import Literal, get_args

Part = Literal["train", "dev", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
HELD_OUT: tuple[Part, ...] = ("dev", "test")
"""The parts that nothing is learned from, and whose articles are annotated without suggestions."""
