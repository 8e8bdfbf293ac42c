"""The label config of review tasks: that of the workspace, with a layer that marks what is in dispute.

The layer comes before all others, so that its regions lie outside those of the same words, which a click meets first.
Each is about one span of the merged set, has the kind of question as its label, and who said what as its text.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from workbench.core.adjudication.decisions import Kind
from workbench.core.annotations import AnnotationSet
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import SchemeError

OURS = "marks"
"""The attribute, unknown to Label Studio, by which the layer and its text are found again."""
QUESTIONS: dict[Kind, tuple[str, str, str]] = {
    "span": ("marked?", "#d6336c", "Not everybody marked these words."),
    "label": ("label?", "#d6336c", "Everybody marked them, with different labels."),
    "boundary": ("extent?", "#d6336c", "Annotators differ in where the span begins or ends."),
    "attribute": ("value?", "#d6336c", "Annotators gave a different value, such as a modality."),
    "role": ("role?", "#d6336c", "Annotators differ in who or what plays which role."),
    "other": ("note?", "#d6336c", "Annotators said different things with another control."),
}
"""The label of each kind of question about a span, its colour, and what it means; the first kinds go before the others."""
_START = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
ORDER: tuple[Kind, ...] = tuple(QUESTIONS)
GUIDE = (
    "The page shows what annotators of this article agree on, and a suggestion where they differ. What they differ in "
    "is marked, and listed above the text: click on a question to see who said what.&#10;"
    "Correct the suggestion with the keys that you annotate with: delete what should not be there, give another label, "
    "draw or delete a relation. What you leave as it is, you accept. Marks of disputes need not be deleted, and none have "
    "to be drawn.&#10;Submit when everything is as it should be: you decide the whole article. Skip leaves it to somebody "
    "else."
)
STYLE = """
    .wb-disputes { position: sticky; bottom: 0; z-index: 102; order: 9; }
"""


class ReviewPage(Frozen):
    """A label config for review tasks. `marks` is the layer of disputes, `said` the text that says who said what."""

    config: str
    marks: str
    said: str

    @classmethod
    def of(cls, label_config: str, *, name: str = "label_config.xml") -> "ReviewPage":
        """The config for reviews of what was annotated with this one.

        Raises:
            SchemeError: it is none.
        """
        scheme = LabelScheme.from_xml(label_config, name=name)
        root = ElementTree.fromstring(label_config)
        names = {element.get("name") for element in root.iter()}
        marks, said = _free("disputes", names), _free("said", names)
        labels = {label.value for layer in scheme.layers for label in layer.labels}
        shown = any(element.get("value") == "$note" for element in root.iter())
        block = _block(marks, said, scheme.text_name, labels, with_note=not shown)
        return cls(config=_inserted(label_config, block), marks=marks, said=said)

    @classmethod
    def read(cls, config: str, *, name: str) -> "ReviewPage":
        """The config of a project of review tasks.

        Raises:
            SchemeError: it marks no disputes.
        """
        LabelScheme.from_xml(config, name=name)
        found = {e.get(OURS, ""): e.get("name", "") for e in ElementTree.fromstring(config).iter() if e.get(OURS)}
        if not found.get("disputes") or not found.get("said"):
            raise SchemeError(
                f"{name} has no layer that marks disputes", hint="`workbench adjudicate` puts the config back"
            )
        return cls(config=config, marks=found["disputes"], said=found["said"])

    @cached_property
    def scheme(self) -> LabelScheme:
        """What can be said on the page."""
        return LabelScheme.from_xml(self.config, name="the config of review tasks")

    @cached_property
    def base(self) -> LabelScheme:
        """The scheme without the disputes: that of the workspace."""
        return self.scheme.model_copy(
            update={
                "layers": tuple(layer for layer in self.scheme.layers if layer.name != self.marks),
                "attributes": tuple(one for one in self.scheme.attributes if one.layer != self.marks),
            }
        )

    def question(self, kind: Kind) -> str:
        """The label of a question of this kind."""
        at = ORDER.index(kind)
        return next(layer for layer in self.scheme.layers if layer.name == self.marks).labels[at].value

    def without_marks(self, found: AnnotationSet) -> AnnotationSet:
        """What a set says of the article, under the workspace's scheme, without the marks of disputes."""
        marks = {span.id for span in found.layers.get(self.marks, ())}
        layers = {name: spans for name, spans in found.layers.items() if name != self.marks}
        others = tuple(one for one in found.others if one.span not in marks)
        update = {"layers": layers, "others": others, "scheme_digest": self.base.digest}
        return self.base.normalise(found.model_copy(update=update))


def _free(name: str, taken: Iterable[str | None]) -> str:
    names = set(taken)
    return next(one for one in (name, *(f"{name}_{n}" for n in range(2, 1000))) if one not in names)


def _block(marks: str, said: str, text_name: str, labels: set[str], *, with_note: bool) -> str:
    """The elements that make a page one of reviews."""
    rows: list[str] = []
    taken = set(labels)
    for label, colour, hint in QUESTIONS.values():
        value = label
        while value in taken:
            value += "?"
        taken.add(value)
        rows.append(f"<Label value={quoteattr(value)} background={quoteattr(colour)} hint={quoteattr(hint)}/>")
    note = '<View className="wb-note"><Header value="$note" size="5"/></View>' if with_note else ""
    return (
        f"<Style>{STYLE}</Style>{note}"
        f'<View className="wb-disputes">'
        f'<Labels name="{marks}" toName={quoteattr(text_name)} title="In dispute" {OURS}="disputes" guide="{GUIDE}">'
        + "".join(rows)
        + f'</Labels><TextArea name="{said}" toName={quoteattr(text_name)} perRegion="true" whenTagName="{marks}" '
        f'visibleWhen="region-selected" {OURS}="said" hint="Who said what."/></View>'
    )


def _inserted(config: str, block: str) -> str:
    """The config with the block as the first thing in its root element; everything else is left character for character."""
    data = config.encode("utf-8")
    parser = expat.ParserCreate("utf-8")
    places: list[int] = []

    def note(*_: object) -> None:
        places.append(parser.CurrentByteIndex)

    parser.StartElementHandler = note
    parser.Parse(data, True)
    start = _START.match(data, places[0])
    assert start is not None, "the parser has just read it"
    return (data[: start.end()] + block.encode("utf-8") + data[start.end() :]).decode("utf-8")
