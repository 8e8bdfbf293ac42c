"""What a person does in the browser before there is any token: signing up with an invite link, and logging in."""

import html
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import TypedDict

import httpx
from pydantic_core import from_json

from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.api.shapes import shaped
from workbench.labelstudio.api.transport import http_client, usable_key

SECONDS = 30.0


class _Token(TypedDict, total=False):
    token: str


_FORBIDDEN = 403
_SHOWN = re.compile(r'class="(?:field_errors|error)">(.*?)</(?:ul|p)>', re.DOTALL)
_ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def sign_up(url: str, invite_token: str, email: str, password: str) -> None:
    """Makes an account.

    Raises:
        LabelStudioError: the address or the password is refused, or the invite link is no good.
        LabelStudioUnavailable: no answer.
    """
    with _session(url) as session:
        path = f"/user/signup/?token={invite_token}"
        _submit(session, path, {"email": email, "password": password}, f"sign up {email}")


def check_login(url: str, email: str, password: str) -> None:
    """Logs in, and out.

    Raises:
        LabelStudioError: the address or the password is wrong.
        LabelStudioUnavailable: no answer.
    """
    with _session(url) as session:
        _log_in(session, email, password)


def sign_in(url: str, email: str, password: str, *, server: str | None = None) -> LabelStudioClient:
    """A client that acts as this person, with the person's own token.

    Raises:
        LabelStudioError: the address or the password is wrong, or the person can have no token.
        LabelStudioUnavailable: no answer.
    """
    with _session(url) as session:
        _log_in(session, email, password)
        found = shaped(_Token, _json(session.get("/api/current-user/token")), url)
        token = usable_key(found.get("token", ""), f"the token of {email}")
        allowed = session.get("/api/current-user/whoami", headers={"Authorization": f"Token {token}"})
        if not allowed.is_success:
            # An organisation may allow personal access tokens only; a person has one at most, and it is shown once.
            made = session.post("/api/token/")
            if not made.is_success:
                raise LabelStudioError(
                    f"{email} can have no new token: {made.text[:200]}",
                    hint="revoke the old one in Label Studio, under Account & Settings",
                )
            token = shaped(_Token, _json(made), url).get("token", "")
    return connect(url, token, server=server)


def signup_is_open(url: str) -> bool:
    """Whether somebody without an invite link could make an account: an empty form is sent, and not refused.

    Raises:
        LabelStudioUnavailable: no answer.
    """
    with _session(url) as session:
        return _post(session, "/user/signup/", {"email": "", "password": ""}).status_code != _FORBIDDEN


@contextmanager
def _session(url: str) -> Generator[httpx.Client]:
    with http_client(url, SECONDS) as session:
        try:
            yield session
        except httpx.HTTPError as error:
            raise LabelStudioUnavailable(
                f"Label Studio at {url} does not answer: {error or type(error).__name__}",
                hint="see whether it runs, then run the command again",
            ) from error
        except ValueError as error:
            raise LabelStudioUnavailable(
                f"what answers at {url} is not Label Studio: {error}", hint="check its address"
            ) from error


def _log_in(session: httpx.Client, email: str, password: str) -> None:
    _submit(session, "/user/login/", {"email": email, "password": password}, f"log in {email}")


def _submit(session: httpx.Client, path: str, form: dict[str, str], what: str) -> None:
    answer = _post(session, path, form)
    if answer.is_redirect:  # what a form that was accepted leads to; a refused one is shown again
        return
    if answer.status_code >= 500:
        raise LabelStudioUnavailable(f"Label Studio failed to {what} (status {answer.status_code})", hint="try again")
    said = "; ".join(_text(item) for shown in _SHOWN.findall(answer.text) for item in _ITEM.findall(shown) or [shown])
    raise LabelStudioError(
        f"Label Studio does not {what}: {said or f'it answers with status {answer.status_code}'}",
        status=answer.status_code,
    )


def _json(answer: httpx.Response) -> object:
    return from_json(answer.content or b"{}")


def _text(fragment: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(html.unescape(_TAG.sub(" ", fragment)).split())


def _post(session: httpx.Client, path: str, form: dict[str, str]) -> httpx.Response:
    """The answer to a page's form, sent as the page sends it, with the page's token against forged requests."""
    session.get(path)
    token = session.cookies.get("csrftoken", "")
    return session.post(path, data={**form, "csrfmiddlewaretoken": token}, headers={"Referer": str(session.base_url)})
