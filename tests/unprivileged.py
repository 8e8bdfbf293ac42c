"""Somebody who may not write everywhere, also where root runs the tests."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Nobody:
    """Somebody without root's rights. `folder` is theirs; root stands in for them, as nobody, where root runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._account = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
        os.chown(folder, self._account, -1)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Within the block, files can be used as far as this account may."""
        before = os.geteuid()
        os.seteuid(self._account)
        try:
            yield
        finally:
            os.seteuid(before)
