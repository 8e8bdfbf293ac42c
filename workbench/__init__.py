"""Workbench: news articles into Label Studio, corrections back, gold releases, better models."""

from typing import TYPE_CHECKING

from workbench.version import __version__

if TYPE_CHECKING:
    from workbench.workspace import Workspace

__all__ = ["Workspace", "__version__"]


def __getattr__(name: str) -> object:
    """`Workspace`, imported when it is first asked for, so that `import workbench` costs nothing."""
    if name == "Workspace":
        from workbench.workspace import Workspace

        return Workspace
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
