"""The fake server keeps the contract that the real one keeps."""

import pytest
from client_contract import *  # noqa: F403 - the tests of the contract, and their fixture
from fake_label_studio import FakeLabelStudio


@pytest.fixture
def client() -> FakeLabelStudio:
    return FakeLabelStudio()
