"""The real server keeps the contract that the fake one of the unit tests keeps."""

import pytest
from client_contract import *  # noqa: F403 - the tests of the contract, and their fixture

from workbench.labelstudio.api.client import LabelStudioClient


@pytest.fixture
def client(label_studio: LabelStudioClient) -> LabelStudioClient:
    return label_studio
