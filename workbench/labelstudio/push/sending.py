"""Sends many things in one request: again where nobody knows what became of it, in halves where one thing is refused."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.push.run import Refused, Run, Wanted

ATTEMPTS = 3
BAD_REQUEST = (400, 413)


class Sent(Protocol):
    """Something that is sent about an article."""

    @property
    def wanted(self) -> Wanted: ...


S = TypeVar("S", bound=Sent)
A = TypeVar("A")


def send_all(
    run: Run,
    things: Sequence[S],
    *,
    post: Callable[[Sequence[S]], A],
    settle: Callable[[Sequence[S], A], None],
    missing: Callable[[Sequence[S], LabelStudioUnavailable], Sequence[S]],
) -> None:
    """Sends all things; those that the server refuses by themselves are counted as refused.

    Args:
        run: the push.
        things: each about an article.
        post: sends things in one request; what it returns is the server's answer.
        settle: writes down what the answer says of the things that were sent.
        missing: the things that did not arrive, after a request that ended so; those that did are settled.

    Raises:
        LabelStudioUnavailable: no answer, again and again.
        LabelStudioError: the server refuses all, not one thing.
    """
    left = things
    for attempt in range(ATTEMPTS):
        if not left:
            return
        try:
            answer = post(left)
        except LabelStudioUnavailable as error:
            left = missing(left, error)
            if left and attempt == ATTEMPTS - 1:
                raise
        except LabelStudioError as error:
            if error.facts.get("status") not in BAD_REQUEST:
                raise
            if len(left) == 1:
                run.statistics.refused.append(Refused(article_id=left[0].wanted.article_id, reason=error.message))
                return
            half = len(left) // 2
            for part in (left[:half], left[half:]):
                send_all(run, part, post=post, settle=settle, missing=missing)
            return
        else:
            settle(left, answer)
            return
