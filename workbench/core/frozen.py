"""The base of every core type."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: cannot be changed after it was made, and refuses fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed; what was worked out from the old ones is worked out again."""
        copied = super().model_copy(update=update, deep=deep)
        fields, held = type(self).model_fields, vars(copied)
        if len(held) > len(fields):
            for name in held.keys() - fields.keys():
                del held[name]
        return copied
