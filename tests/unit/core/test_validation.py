from collections.abc import Mapping

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from workbench.core.validation import first_fault


class _Part(BaseModel):
    name: str
    size: int


class _Release(BaseModel):
    parts: list[_Part]

    @model_validator(mode="after")
    def _some(self) -> "_Release":
        if not self.parts:
            raise ValueError("it has no parts")
        return self


def _fault(given: Mapping[str, object], **how: str) -> str:
    with pytest.raises(ValidationError) as raised:
        _Release.model_validate(given)
    return first_fault(raised.value, **how)


def test_a_fault_is_said_with_the_path_of_its_field() -> None:
    assert _fault({"parts": [{"name": "a", "size": 1}, {"name": "b"}]}) == "parts.1.size: Field required"


def test_a_fault_of_the_whole_is_said_of_the_document_or_of_what_it_is_called() -> None:
    assert _fault({"parts": []}) == "the document: it has no parts"
    assert _fault({"parts": []}, whole="the doc") == "the doc: it has no parts"


def test_what_else_is_wrong_is_counted() -> None:
    assert _fault({"parts": [{}, {"name": 3}]}) == "parts.0.name: Field required (and 3 more)"
