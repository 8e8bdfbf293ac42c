"""The base of every core type."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: cannot be changed after it was made, and refuses fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
