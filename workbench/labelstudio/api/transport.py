"""Requests to Label Studio through its SDK: both kinds of token, hard time limits, errors that a user understands."""

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

import httpx
from pydantic_core import from_json

from workbench.errors import MASK, LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.api.limits import LimitedClient

if TYPE_CHECKING:
    from label_studio_sdk.base_client import LabelStudioBase

T = TypeVar("T")


class Answer(Protocol):
    """What the SDK's `with_raw_response` methods return."""

    @property
    def response(self) -> httpx.Response: ...


CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
REPEATS = 3
SAID_LENGTH = 800
_ABOUT_THE_ANSWER = ("id", "status_code", "version", "exc_info", "display_context", "allow_view")
_BUSY = (502, 503, 504)
_TOO_MANY = 429
_READ = ("location", "content-type", "retry-after")
"""The headers of an answer that matter."""
_LONGEST_PAUSE = 60.0
_MOVED = (301, 302, 303, 307, 308)
_NOT_OF_A_KEY = re.compile(r"[^A-Za-z0-9._~+/=-]")


class Transport:
    """The way to one server, as one user.

    The SDK sends a legacy token as `Token`, and changes a personal access token into a `Bearer` good for 300 seconds
    whenever the last one has run out. Its own repeats are switched off: it repeats a POST whose connection broke, which
    on an import can make every task twice.
    """

    def __init__(self, url: str, api_key: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.url = url.rstrip("/")
        self._api_key = api_key
        self.answer_seconds = answer_seconds
        self._http = http_client(self.url, answer_seconds)
        self._http.event_hooks = {"request": [self._count], "response": [self._note_clock]}
        self._made: LabelStudioBase | None = None
        self.clock: datetime | None = None
        self.requests = 0

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def ask(self, call: "Callable[[LabelStudioBase], T]", *, repeat: bool) -> T:
        """What `call` gets from the SDK. With `repeat`, it is asked again where the server was busy or gone.

        Raises:
            LabelStudioUnavailable: no connection, no answer in time, or a server error.
            LabelStudioError: the server refuses; the message is the server's, `facts["status"]` its code.
        """
        from label_studio_sdk.core.api_error import ApiError
        from label_studio_sdk.core.parse_error import ParsingError

        last: LabelStudioUnavailable | None = None
        for attempt in range(REPEATS if repeat else 1):
            if attempt:
                time.sleep(0.5 * 2**attempt)
            try:
                return self._ask_renewing(call)
            except httpx.TimeoutException as error:
                last = self._unavailable("does not answer in time", error)
            except httpx.HTTPError as error:
                last = self._unavailable("does not answer", error)
            except ApiError as error:
                if error.status_code in _MOVED:
                    there = _short((error.headers or {}).get("location", "another address"))
                    raise LabelStudioError(
                        f"{self.url} redirects to {there}", hint="use the address that it redirects to"
                    ) from error
                if (error.status_code or 500) < 400:  # the SDK's word for an answer that is no JSON
                    raise _unreadable(self.url, error.headers or {}, "it gives no JSON") from error
                if (error.status_code or 500) < 500 and error.status_code != _TOO_MANY:
                    raise refusal(self.url, error.status_code, error.body) from error
                last = self._unavailable(f"failed with status {error.status_code}", error, status=error.status_code)
                if error.status_code not in _BUSY:
                    break
            except (ParsingError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                # The SDK reads some answers as JSON of the right shape, whatever they are.
                raise _no_label_studio(self.url, "its answer has another shape") from error
        assert last is not None
        raise last

    def fetch(self, call: "Callable[[LabelStudioBase], Answer]", *, repeat: bool = True) -> object:
        """The JSON that a method of the SDK was answered, as it came; the SDK's own models lose parts of it.

        Args:
            call: calls one of the SDK's `with_raw_response` methods.
            repeat: whether it may be carried out twice.
        """
        return json_of(self.ask(call, repeat=repeat).response, self.url)

    def _ask_renewing(self, call: "Callable[[LabelStudioBase], T]") -> T:
        """What `call` gets. Where nothing was done yet, it is asked again: with a new token, or after a pause.

        A 401 may be about a token that ran out on its way; a 429 says that there were too many requests, and until when.
        """
        from label_studio_sdk.core.api_error import ApiError

        pauses, renewed = 0, not _is_refresh_token(self._api_key)
        while True:
            try:
                return call(self._sdk())
            except ApiError as error:
                error.headers = _harmless(error.headers or {})
                error.body = _without(self._api_key, error.body)
                if error.status_code == _TOO_MANY and pauses < REPEATS:
                    pauses += 1
                    time.sleep(_asked_pause(error.headers))
                elif error.status_code == 401 and not renewed:
                    renewed = True
                    self._made = None
                else:
                    raise

    def _sdk(self) -> "LabelStudioBase":
        if self._made is None:
            # `label_studio_sdk.LabelStudio` adds conveniences that are not used here, and pandas: two seconds more.
            from label_studio_sdk.base_client import LabelStudioBase

            # With the slash, or a server below a path is asked for a new token above it.
            self._made = LabelStudioBase(
                base_url=f"{self.url}/",
                api_key=self._api_key,
                httpx_client=self._http,
                timeout=self.answer_seconds,
                max_retries=0,
            )
        return self._made

    def _unavailable(self, what: str, error: Exception, status: int | None = None) -> LabelStudioUnavailable:
        detail = "" if status else f": {error or type(error).__name__}"
        return LabelStudioUnavailable(
            f"Label Studio at {self.url} {what}{detail}",
            hint="see whether it runs (`workbench server status`), then run the command again",
            url=self.url,
            status=status,
            timed_out=isinstance(error, httpx.TimeoutException),
        )

    def _count(self, _request: httpx.Request) -> None:
        self.requests += 1

    def _note_clock(self, response: httpx.Response) -> None:
        with suppress(KeyError, ValueError, OverflowError):  # no date, or one that is none
            self.clock = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)


def http_client(url: str, seconds: float) -> httpx.Client:
    """An HTTP client for one server, with a limit to every wait and to every answer. It follows no redirect.

    Raises:
        LabelStudioError: the address is none, or holds a user name or a password: they would be sent in the place of the
            API key.
    """
    hint = "it begins with http:// or https://"
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        # Neither with the address nor with the cause: what cannot be taken apart cannot be masked either.
        raise LabelStudioError("the address of Label Studio cannot be read", hint=hint) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        named = "what is given for Label Studio" if "@" in url else url
        raise LabelStudioError(f"{named} is not an address", hint=hint)
    if parsed.userinfo:
        bare = str(parsed.copy_with(username=None, password=None))
        raise LabelStudioError(
            f"the address of Label Studio at {bare} holds a user name or a password, which its API does not take",
            hint=f"write {bare}, and set LABEL_STUDIO_API_KEY to a token from its page Account & Settings",
        )
    return LimitedClient(
        base_url=parsed,
        timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        # A proxy of the environment is for the outside world; a server on this machine is not reached through it.
        trust_env=parsed.host not in ("127.0.0.1", "localhost", "::1"),
    )


def usable_key(api_key: str, what: str = "LABEL_STUDIO_API_KEY") -> str:
    """The key without white space around it.

    Raises:
        LabelStudioError: a character of it is in no key. Its place is said, and nothing of the key.
    """
    key = api_key.strip()
    wrong = _NOT_OF_A_KEY.search(key)
    if wrong:
        raise LabelStudioError(
            f"{what} cannot be an API key: character {wrong.start() + 1} of {len(key)} is one that no key has",
            hint="copy the token again, from Label Studio's page Account & Settings",
        )
    return key


def refusal(url: str, status: int | None, body: object) -> LabelStudioError:
    """The error for an answer with status 4xx."""
    message = _message(body)
    if status in (401, 403):
        return LabelStudioError(
            f"Label Studio at {url} refuses: {message}",
            hint="check the API key: LABEL_STUDIO_API_KEY, or the one of the embedded server",
            status=status,
            body=body,
        )
    return LabelStudioError(f"Label Studio at {url} refuses ({status}): {message}", status=status, body=body)


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are read here; others, such as the cookie of a session, would be shown in a traceback."""
    return {name: value for name, value in headers.items() if name.lower() in _READ}


def _asked_pause(headers: Mapping[str, str]) -> float:
    """The seconds that a server asks to wait, within reason; one where it names none, or a date."""
    try:
        seconds = float(next(value for name, value in headers.items() if name.lower() == "retry-after"))
    except (StopIteration, ValueError):
        return 1.0
    return min(max(seconds, 0.0), _LONGEST_PAUSE) if math.isfinite(seconds) else 1.0


def _without(secret: str, body: object) -> object:
    """What a server said, without the key that it was sent: some repeat a request in their complaint."""
    if isinstance(body, str):
        return body.replace(secret, MASK) if secret else body
    if isinstance(body, dict):
        return {name: _without(secret, value) for name, value in cast("dict[str, object]", body).items()}
    if isinstance(body, list):
        return [_without(secret, value) for value in cast("list[object]", body)]
    return body


def _short(address: str) -> str:
    """An address without what may hold a secret: its query."""
    return address.split("?", 1)[0].split("#", 1)[0][:200]


def json_of(response: httpx.Response, url: str) -> object:
    """The JSON of an answer, None where it is empty.

    Raises:
        LabelStudioUnavailable: it is no JSON.
    """
    if not response.content:
        return None
    try:
        return cast("object", from_json(response.content))
    except ValueError as error:
        raise _unreadable(url, response.headers, f"{response.request.url.path} gives no JSON") from error


def _unreadable(url: str, headers: Mapping[str, str], why: str) -> LabelStudioUnavailable:
    """The error for an answer that is no JSON, though it may have been meant to be."""
    if any(name.lower() == "content-type" and "json" in value for name, value in headers.items()):
        return LabelStudioUnavailable(
            f"Label Studio at {url} sent an incomplete answer", hint="run the command again", url=url
        )
    return _no_label_studio(url, why)


def _no_label_studio(url: str, why: str) -> LabelStudioUnavailable:
    return LabelStudioUnavailable(f"what answers at {url} is not Label Studio: {why}", hint="check its address")


def _message(body: object) -> str:
    """What the server says, in a line: `detail` and each field's complaint."""
    if isinstance(body, str) and body.lstrip().startswith("<"):  # a page
        return "no reason given"
    said = " ".join(" ".join(_said(body)).split())
    return f"{said[:SAID_LENGTH]}…" if len(said) > SAID_LENGTH else said or "no reason given"


def _said(body: object) -> Iterator[str]:
    if isinstance(body, dict):
        for key, value in cast("dict[str, object]", body).items():
            if key in ("detail", "validation_errors"):
                yield from _said(value)
            elif key not in _ABOUT_THE_ANSWER:
                yield f"{key}: {' '.join(_said(value))}"
    elif isinstance(body, list):
        for item in cast("list[object]", body):
            yield from _said(item)
    elif body is not None:
        yield str(body)


def _is_refresh_token(api_key: str) -> bool:
    return api_key.count(".") == 2
