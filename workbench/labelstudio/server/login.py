"""The owner of the embedded server: an e-mail, a password and a token, made once, at random, for each workspace."""

import secrets
from pathlib import Path

from pydantic import ConfigDict, Field, ValidationError

from workbench.core.frozen import Frozen
from workbench.errors import SettingsError
from workbench.labelstudio.server import private

FILE = "login.json"
DATABASE = "label_studio.sqlite3"


class Login(Frozen):
    """Who may do everything on the embedded server. Secrets are kept out of `repr`, and of messages on wrong values."""

    model_config = ConfigDict(hide_input_in_errors=True)

    email: str
    password: str = Field(repr=False)
    token: str = Field(repr=False)


def read(folder: Path) -> Login | None:
    """The login of the embedded server whose data is in `folder`; None before its first start.

    Raises:
        SettingsError: others can read the file, or it is damaged.
    """
    found = private.read(folder / FILE)
    if found is None:
        return None
    try:
        return Login.model_validate(found)
    except ValidationError as error:
        raise SettingsError(
            f"{folder / FILE} is damaged", hint="move it away; `workbench server start` makes a new one"
        ) from error


def ensure(folder: Path) -> Login:
    """The login, made if there is none.

    Where the file was lost but the server's database was not, it is a second owner with another address: the first
    one's password cannot be read back.
    """
    known = read(folder)
    if known is not None:
        return known
    name = f"owner-{secrets.token_hex(3)}" if (folder / DATABASE).exists() else "owner"
    login = Login(email=f"{name}@workbench.local", password=secrets.token_urlsafe(18), token=secrets.token_hex(20))
    private.write(folder / FILE, login.model_dump())
    return login
