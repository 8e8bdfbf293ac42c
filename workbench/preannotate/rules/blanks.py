"""Texts with other blanks than the usual one, and with characters that nobody sees, as a pipeline was trained to read them.

A no-break space is a token of its own to spaCy, so that names break at it; a soft hyphen makes two unknown halves of a word.
"""

import re
from dataclasses import dataclass

_WIDE = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_OTHER = re.compile(f"[{_WIDE}{_UNSEEN}]")
_IS_WIDE = re.compile(f"[{_WIDE}]")
_IS_UNSEEN = re.compile(f"[{_UNSEEN}]")


@dataclass(frozen=True)
class Written:
    """A text as it was written, and where in it each character of its plain form stands."""

    text: str
    places: tuple[int, ...] | None = None
    """None where all characters stand at the same place."""

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Where what goes from `start` to `end` in the plain form begins and ends in the text."""
        if self.places is None or start >= end:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def plain(text: str) -> str:
    """The text with usual blanks alone, and without characters that nobody sees."""
    return _IS_UNSEEN.sub("", _IS_WIDE.sub(" ", text)) if _OTHER.search(text) else text


def written(text: str) -> Written | None:
    """The text, for finding the places of its plain form in it; None where it is plain itself."""
    if not _OTHER.search(text):
        return None
    if not _IS_UNSEEN.search(text):
        return Written(text)
    return Written(text, tuple(at for at, one in enumerate(text) if not _IS_UNSEEN.match(one)))
