"""Every format that the workbench knows, from whichever room."""

from workbench import formats
from workbench.core.ports import Format


def known_formats() -> dict[str, Format]:
    """The formats by their names."""
    return formats.registry()
