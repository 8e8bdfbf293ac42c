"""`<Relation>`: roles that one span plays for another."""

from workbench.core.frozen import Frozen
from workbench.core.kinds.base import Json, Kind, strings
from workbench.core.kinds.control import Control


class Role(Frozen):
    """A role that spans of `to_layers` can play for spans of `from_layers`, `minimum` to `maximum` times.

    `was` are names that it had before.
    """

    name: str
    from_layers: tuple[str, ...]
    to_layers: tuple[str, ...]
    minimum: int = 0
    maximum: int | None = None
    hint: str = ""
    was: tuple[str, ...] = ()


class RelationKind(Kind):
    """Labelled arrows between regions."""

    tag = "Relation"
    type = "relation"

    def parse(self, control: Control) -> Role:
        """The role that an element within `<Relations>` stands for.

        Raises:
            SchemeError: it has no name, joins what is no layer, or counts with what is no number.
        """
        name = control.need("value")
        ends: dict[str, tuple[str, ...]] = {}
        for end in ("from", "to"):
            names = tuple((control.get(end) or " ".join(control.layers)).replace(",", " ").split())
            for layer in names:
                if layer not in control.layers:
                    raise control.error(
                        f'has <Relation value="{name}" {end}="{layer}">, which is no layer',
                        f"layers: {', '.join(control.layers)}",
                    )
            ends[end] = names
        return Role(
            name=name,
            from_layers=ends["from"],
            to_layers=ends["to"],
            minimum=control.count("min") or 0,
            maximum=control.count("max"),
            hint=control.text("hint"),
            was=control.names("was"),
        )

    def read(self, item: Json) -> list[str] | None:
        """The roles that a relation says; None where they are no list of strings."""
        return strings(item, "labels")
