"""Whether an answer has the shape that the code relies on: the types of `wire`, checked where an answer comes in.

What Label Studio adds is left alone, and so are the items of a result, which `conversion.reading` takes apart one by one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from workbench.errors import LabelStudioUnavailable
from workbench.labelstudio.api import wire

T = TypeVar("T")
_LARGEST = 2**63
_READ_ITEM_BY_ITEM = "result"
_TIMES = ("created_at", "updated_at")


def shaped(kind: type[T], answer: object, url: str) -> T:
    """The answer, which is of this kind.

    Args:
        kind: a TypedDict of `wire`, or a dict or list.
        answer: what the server answered.
        url: its address, for the message.

    Raises:
        LabelStudioUnavailable: it is not; the message names the first place that differs.
    """
    for place in _faults(kind, answer, ""):
        raise LabelStudioUnavailable(
            f"what answers at {url} is not Label Studio, or one of another version: {place}",
            hint=f"check its address; this program was made for the answers of Label Studio {wire.VERSION}",
        )
    return cast("T", answer)


def _faults(kind: Any, found: object, place: str) -> Iterator[str]:
    """Where the value differs from the kind."""
    if is_typeddict(kind):
        if not isinstance(found, dict):
            yield f"{place or 'its answer'} is no object"
            return
        hints, required = _fields(kind)
        given = cast("dict[str, object]", found)
        for name, hint in hints.items():
            if name in given:
                if name != _READ_ITEM_BY_ITEM and (given[name] is not None or name in required):
                    yield from _faults(hint, given[name], f"{place}.{name}" if place else name)
                    if name in _TIMES and not _is_time(given[name]):
                        yield f"{place}.{name} is no time" if place else f"{name} is no time"
            elif name in required:
                yield f"{place or 'its answer'} has no {name!r}"
        return
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        if all(next(_faults(one, found, place), None) is not None for one in arguments):
            yield f"{place or 'its answer'} has another type than it should"
    elif origin is list:
        if not isinstance(found, list):
            yield f"{place or 'its answer'} is no list"
        elif arguments and arguments[0] is not object:
            for number, item in enumerate(cast("list[object]", found)):
                yield from _faults(arguments[0], item, f"{place}[{number}]")
    elif origin in (dict, Mapping):
        if not isinstance(found, dict):
            yield f"{place or 'its answer'} is no object"
        elif arguments and arguments[1] is not object:
            for name, item in cast("dict[str, object]", found).items():
                yield from _faults(arguments[1], item, f"{place}.{name}" if place else name)
    elif not _is_plain(origin, found):
        yield f"{place or 'its answer'} has another type than it should"


def _is_plain(kind: Any, found: object) -> bool:
    """Whether a value that holds no others is of the kind, and can be kept in a database."""
    if kind is int:
        return isinstance(found, int) and not isinstance(found, bool) and abs(found) < _LARGEST
    if kind is float:
        return isinstance(found, int | float) and not isinstance(found, bool)
    if kind is str or kind is Literal:
        return isinstance(found, str) and "\0" not in found
    if kind is bool:
        return isinstance(found, bool)
    return found is None if kind is NoneType else True


def _is_time(found: object) -> bool:
    try:
        return datetime.fromisoformat(str(found)).astimezone(UTC).year > 1
    except (ValueError, OverflowError):
        return False


@cache
def _fields(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    return get_type_hints(kind), frozenset(kind.__required_keys__)
