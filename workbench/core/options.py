"""The base of what is asked for by hand in Python: faults in it are errors that a user can mend."""

from difflib import get_close_matches
from typing import Any, Self

from pydantic import ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator

from workbench.core.frozen import Frozen
from workbench.core.validation import first_fault
from workbench.errors import SettingsError


class Options(Frozen):
    """Options of one thing; a value that cannot be used, or a field that there is not, is a `SettingsError`.

    In a file that is read as JSON it is a `ValidationError` as any other fault there.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(cls, given: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        try:
            return handler(given)
        except ValidationError as error:
            if info.mode == "json":
                raise
            raise SettingsError(f"{cls.__name__}: {first_fault(error)}", hint=cls._hint(error)) from error

    @classmethod
    def _hint(cls, error: ValidationError) -> str:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if first["type"] == "extra_forbidden":
            near = get_close_matches(name, cls.model_fields, 1)
            return (f"{near[0]} was meant? " if near else "") + f"the fields are {', '.join(cls.model_fields)}"
        field = cls.model_fields.get(name)
        return (field and field.description) or f"help({cls.__name__}) says what it takes"
