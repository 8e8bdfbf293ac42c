"""The note of a task, in two parts: what does not fit in its annotation, and what the task itself has to tell."""

BEGINNING = "Please mend this annotation: "
"""How the note of a task begins whose annotation does not fit."""
LONGEST = 800
_BETWEEN = "\n\n"


def of_problems(messages: list[str], own: str) -> str:
    """A note that tells of problems, and then what the task has to tell anyway."""
    said = BEGINNING + " ".join("; ".join(messages).split())
    said = said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
    return _BETWEEN.join(filter(None, (said, own)))


def tells_of_problems(note: str) -> bool:
    """Whether a note tells of problems."""
    return note.startswith(BEGINNING)


def own(note: str) -> str:
    """What a note tells beside problems."""
    return note.partition(_BETWEEN)[2] if tells_of_problems(note) else note


def with_own(note: str, told: str) -> str:
    """The note with something else to tell beside problems."""
    return _BETWEEN.join(filter(None, (note.partition(_BETWEEN)[0], told))) if tells_of_problems(note) else told
