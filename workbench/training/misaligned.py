"""Refuses gold whose spans do not end where tokens do, where they are too many."""

from workbench.errors import ModelError
from workbench.pipeline.alignment import AlignmentReport


def refuse_misaligned(alignment: AlignmentReport, most: float) -> None:
    """Checks that at most this share of the spans ends inside a token.

    Raises:
        ModelError: more do; it lists them.
    """
    if alignment.share <= most:
        return
    every = (*alignment.expanded, *alignment.refused)
    raise ModelError(
        f"{alignment.share:.0%} of the spans do not end where tokens do: {'; '.join(map(str, every[:3]))}",
        hint="correct them in Label Studio, or allow more with --max-misaligned",
        lists={
            "spans do not end where tokens do": [
                (f"{one.article}: {one.layer} {one.label} {one.text!r}", one.became) for one in every
            ]
        },
        alignment=alignment,
    )
