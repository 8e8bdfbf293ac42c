"""The label scheme: its model, how it is read from label_config.xml, and the checks that follow from it."""

from workbench.core.kinds.base import Attribute, Choice
from workbench.core.kinds.labels import Label, Layer
from workbench.core.kinds.relation import Role
from workbench.core.scheme.checks import Violation
from workbench.core.scheme.model import LabelScheme, OtherControl
from workbench.core.scheme.xml import DEEPEST, LONGEST, MOST_ELEMENTS

__all__ = [
    "DEEPEST",
    "LONGEST",
    "MOST_ELEMENTS",
    "Attribute",
    "Choice",
    "Label",
    "LabelScheme",
    "Layer",
    "OtherControl",
    "Role",
    "Violation",
]
