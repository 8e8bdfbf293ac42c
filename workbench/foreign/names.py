"""Names that another program or a file system takes."""

import re
from collections.abc import Iterable


class FileNames:
    """File names that articles are given: their ids, without what could leave a folder or mean something to a shell."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """A name that nobody has yet."""
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:100] or "article"
        found, number = plain, 1
        while found.lower() in self._taken:
            number += 1
            found = f"{plain}_{number}"
        self._taken.add(found.lower())
        return found


def safe_names(values: Iterable[str]) -> dict[str, str]:
    """A name for each value that holds only letters, digits, `_` and `-`; the value itself wherever it is such a name."""
    found: dict[str, str] = {}
    given = list(dict.fromkeys(values))
    taken = {one for one in given if re.fullmatch(r"[A-Za-z0-9_-]+", one)}
    for one in given:
        if one in taken:
            found[one] = one
            continue
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", one)
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name)
        found[one] = name
    return found
