"""What is wrong with a document, in one line: as validation found it, or the parser of JSON."""

from json import JSONDecodeError

from pydantic import ValidationError


def first_fault(error: ValidationError, *, whole: str = "the document") -> str:
    """The place of the first fault and what is wrong there, as "release.parts.0: Field required".

    Args:
        error: what pydantic raised.
        whole: what a fault of no single field is said of.
    """
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or whole
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg'].removeprefix('Value error, ')}{more}"


def json_fault(error: JSONDecodeError) -> str:
    """What is wrong with the JSON, to be followed by "at" and the place: "Expecting value"."""
    return error.msg.removesuffix(" at")
