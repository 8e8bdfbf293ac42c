"""Workbench: news articles into Label Studio, corrections back, gold releases, better models."""

from importlib import import_module
from typing import TYPE_CHECKING

from workbench.version import __version__

if TYPE_CHECKING:
    from workbench.errors import WorkbenchError
    from workbench.labelstudio.push.options import PushOptions
    from workbench.training.report import TrainOptions
    from workbench.workspace import Workspace

__all__ = ["PushOptions", "TrainOptions", "WorkbenchError", "Workspace", "__version__"]

_PLACES = {
    "PushOptions": "workbench.labelstudio.push.options",
    "TrainOptions": "workbench.training.report",
    "WorkbenchError": "workbench.errors",
    "Workspace": "workbench.workspace",
}


def __getattr__(name: str) -> object:
    """The public names, each imported when it is first asked for, so that `import workbench` costs nothing."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The names of the module, with the public ones that nobody has asked for yet."""
    return sorted({*globals(), *__all__})
