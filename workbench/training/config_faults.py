"""What is wrong with a spaCy config, in one line that names the place."""

import configparser
from typing import Any

UNREADABLE = (ValueError, KeyError, TypeError, configparser.Error)
"""What reading a config can end with."""


def config_fault(error: Exception) -> str:
    """What is wrong and where: by line in what is no config, by section and name in what is none that spaCy takes."""
    within = error.__context__
    fault = within if isinstance(within, configparser.Error) else error
    match fault:
        case configparser.MissingSectionHeaderError():
            return f"line {fault.lineno}: {fault.line.strip()!r} comes before the first section, such as [nlp]"
        case configparser.ParsingError() if fault.errors:
            line, found = fault.errors[0]
            return f"line {line}: {found} is neither a [section] nor name = value"
        case configparser.DuplicateSectionError():
            return f"line {fault.lineno}: there is a section [{fault.section}] already"
        case configparser.DuplicateOptionError():
            return f"line {fault.lineno}: [{fault.section}] has a {fault.option} already"
        case configparser.InterpolationError():
            return f"[{fault.section}] {fault.option}: {first_line(fault)}"
        case _:
            said: list[dict[str, Any]] = getattr(error, "errors", None) or []
            return "; ".join(f"{' -> '.join(map(str, one['loc']))}: {one['msg']}" for one in said) or first_line(error)


def first_line(error: Exception) -> str:
    """The first line of an error's message; the kind of error where it has none."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
