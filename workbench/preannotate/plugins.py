"""Who suggests, by name: what is built in, and what others register as entry points of `workbench.preannotators`.

A plug-in is a function that takes a `Setup` and returns a `PreAnnotator`:

    [project.entry-points."workbench.preannotators"]
    mine = "my_package:make"
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError

GROUP = "workbench.preannotators"
MODEL = "model"
"""The name of the newest model of the registry, which is no plug-in."""
BUILT_IN = {
    "rules": "workbench.preannotate.rules.annotator:make",
    "patterns": "workbench.preannotate.adapters.patterns:make",
    "gliner": "workbench.preannotate.adapters.gliner:make",
    "llm": "workbench.preannotate.adapters.llm:make",
}


@dataclass(frozen=True)
class Setup:
    """What a pre-annotator can be made of: the scheme, the workspace's folder, and [preannotate] of workbench.toml.

    Paths in `options` are relative to `root`.
    """

    scheme: LabelScheme
    root: Path
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    processes: int = 1

    def path(self, name: str) -> Path | None:
        """The path that an option holds; None where it is not set."""
        value = self.options.get(name, "")
        return self.root / value if value else None


Factory = Callable[[Setup], PreAnnotator]


def names() -> tuple[str, ...]:
    """Every name that suggestions can be asked for by."""
    return tuple(sorted({MODEL, *BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def make(name: str, setup: Setup) -> PreAnnotator:
    """The pre-annotator of that name; what is built in comes first.

    Raises:
        ModelError: there is none of that name, or what was registered cannot be imported.
    """
    place = BUILT_IN.get(name)
    if place is None:
        point = next(iter(entry_points(group=GROUP, name=name)), None)
        if point is None:
            raise ModelError(
                f"there is no pre-annotator {name!r}",
                hint=f"known are {', '.join(names())}; others register as entry points of {GROUP}",
            )
        place = point.value
    module, _, function = place.partition(":")
    try:
        factory: Factory = getattr(import_module(module), function or "make")
    except (ImportError, AttributeError, SyntaxError) as error:
        raise ModelError(
            f"the pre-annotator {name!r} cannot be loaded from {place}: {error}",
            hint="reinstall the package that registers it",
        ) from error
    if not callable(factory):
        raise ModelError(
            f"the pre-annotator {name!r} cannot be loaded: {place} is not a function",
            hint="its package has to register a function that takes a Setup and returns a PreAnnotator",
        )
    return factory(setup)
