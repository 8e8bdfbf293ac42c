"""Annotators' accounts: made by invite link, with random passwords, which are kept in a file only its owner can read."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from pydantic import ConfigDict, Field

from workbench.core.frozen import Frozen
from workbench.core.report import Listing, Report, Shown
from workbench.errors import LabelStudioError, PartlyDone, SettingsError, WorkbenchError
from workbench.labelstudio.api import session
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server import private

FILE = "annotators.json"
DOMAIN = "workbench.local"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Account(Frozen):
    """Somebody who can log in. `password` is empty where it was not made here."""

    model_config = ConfigDict(hide_input_in_errors=True)

    email: str
    password: str = Field(default="", repr=False)


class AccountsAdded(Report):
    """What became of the names: new accounts, and those that were there. `refused` holds names with the reason."""

    url: str = ""

    added: tuple[Account, ...] = ()
    known: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def shown(self) -> Iterator[Shown]:
        """Where to log in, each account with its password, and the names that were refused."""
        if self.added:
            yield f"log in at {self.url}"
        yield from (f"{one.email}  {one.password}" for one in self.added)
        yield from (f"{email}  has an account already; it was left as it is" for email in self.known)
        yield Listing("refused", self.refused)

    def failure(self) -> WorkbenchError | None:
        """That names were refused."""
        if not self.refused:
            return None
        names = len(self.added) + len(self.known) + len(self.refused)
        kind = PartlyDone if self.added or self.known else LabelStudioError
        return kind(f"{len(self.refused)} of {names} names were refused", hint="see the list above")


class AccountsReport(Report):
    """All users of a server. `passwords` says whether the passwords that were made here are shown."""

    accounts: tuple[Account, ...]
    passwords: bool = False

    def shown(self) -> Iterator[Shown]:
        """An e-mail a line, with its password or whether that is known here."""
        for one in self.accounts:
            known = one.password if self.passwords else ("password kept here" if one.password else "")
            yield f"{one.email}  {known}".rstrip()


def add(client: LabelStudioClient, folder: Path, names: tuple[str, ...]) -> AccountsAdded:
    """Makes an account for each name or e-mail and logs in with it; one that is there already is left as it is.

    Raises:
        LabelStudioUnavailable: no answer; the accounts that were made are in the file.
        SettingsError: the file of accounts cannot be used.
    """
    added: list[Account] = []
    known: list[str] = []
    refused: list[tuple[str, str]] = []
    there = {user["email"].lower() for user in client.users()}
    for name in dict.fromkeys(names):
        try:
            email = address(name)
            if email in there:
                known.append(email)
                continue
            added.append(_make(client, folder, email))
            there.add(email)
        except LabelStudioError as error:
            if error.exit_code != 1:
                raise
            refused.append((name, error.message))
    return AccountsAdded(url=client.url, added=tuple(added), known=tuple(known), refused=tuple(refused))


def everybody(client: LabelStudioClient, folder: Path, *, show_passwords: bool = False) -> AccountsReport:
    """All users of the server, with the passwords that were made here; these are told only where they are asked for."""
    kept = passwords(folder, client.server)
    emails = [user["email"].lower() for user in client.users()]
    found = tuple(Account(email=email, password=kept.get(email, "")) for email in emails)
    return AccountsReport(accounts=found, passwords=show_passwords)


def client_of(client: LabelStudioClient, folder: Path, name: str) -> LabelStudioClient:
    """A client that acts as an annotator whose account was made here.

    Raises:
        LabelStudioError: there is none, or its password was changed.
    """
    email = address(name)
    password = passwords(folder, client.server).get(email)
    if password is None:
        raise LabelStudioError(f"no password of {email} is known here", hint=f"`workbench annotators add {name}`")
    return session.sign_in(client.url, email, password, server=client.server)


def address(name: str) -> str:
    """The e-mail that an annotator logs in with: the one that was given, or one made of the name.

    Raises:
        LabelStudioError: it is neither a name nor an e-mail.
    """
    if "@" in name:
        if not _EMAIL.fullmatch(name):
            raise LabelStudioError(f"{name!r} is not an e-mail address")
        return name.lower()
    if not _NAME.fullmatch(name):
        raise LabelStudioError(f"{name!r} cannot be the name of an account: letters, digits and . _ + - only")
    return f"{name.lower()}@{DOMAIN}"


def passwords(folder: Path, server: str) -> dict[str, str]:
    """The passwords that were made here for the accounts of a server, by e-mail.

    Raises:
        SettingsError: the file cannot be used.
    """
    return _read(folder / FILE).get(server, {})


def _make(client: LabelStudioClient, folder: Path, email: str) -> Account:
    """A new account. Its password is written down before it is sent, so that no account has one that nobody knows."""
    password = passwords(folder, client.server).get(email) or secrets.token_urlsafe(12)
    _keep(folder, client.server, email, password)
    try:
        session.sign_up(client.url, client.invite()["token"], email, password)
    except LabelStudioError as error:
        if error.exit_code == 1:
            _keep(folder, client.server, email, None)
        raise
    session.check_login(client.url, email, password)
    return Account(email=email, password=password)


def _keep(folder: Path, server: str, email: str, password: str | None) -> None:
    kept = _read(folder / FILE)
    accounts = kept.setdefault(server, {})
    if password is None:
        accounts.pop(email, None)
    else:
        accounts[email] = password
    private.write(folder / FILE, kept)


def _read(path: Path) -> dict[str, dict[str, str]]:
    found = private.read(path)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SettingsError(f"{path} is damaged", hint="move it away")
    return cast("dict[str, dict[str, str]]", found)
