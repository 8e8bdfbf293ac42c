"""What can be wrong with the model registry, for `doctor`: folders that are missing, changed, or nobody's."""

from collections.abc import Iterator
from pathlib import Path

from workbench import files
from workbench.core.counted import counted
from workbench.errors import ModelError
from workbench.labelstudio.server.checks import Check, fail, ok, warn
from workbench.pipeline import registry
from workbench.store import Store, models

NAME = "models"


def registry_checks(store: Store, folder: Path) -> Iterator[Check]:
    """A check for every fault, or one that all is well; the files of every model are read."""
    with store.reading() as session:
        every, shown = models.every(session), models.champion(session).model
    sound = 0
    for model in every:
        place = folder / model.version
        seen = ", which annotators see" if model.version == shown else ""
        without = f"workbench models remove {model.version}" if not seen else "workbench models promote rules --force"
        if not place.is_dir():
            yield fail(
                NAME,
                f"the folder of the model {model.version}{seen}{',' if seen else ''} is gone: {place}",
                f"put it back from a backup, or `{without}`",
            )
            continue
        try:
            registry.check(place, model.digest)
            sound += 1
        except ModelError as error:
            hint = f"{error.hint}; or bring the rules back with `{without}`" if seen else error.hint
            yield fail(NAME, f"{error.message}{seen}", hint)
    known = {model.version for model in every}
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if place.is_dir() and place.name not in known and not files.is_unfinished(place):
            yield warn(
                NAME,
                f"{place} is no model that the store knows",
                f"`workbench models add {place} --name NAME` takes it in; else delete the folder",
            )
    yield ok(NAME, f"as they were written: {sound} of {counted(len(every), 'models')}")
