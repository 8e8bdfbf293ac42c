"""The label config of review tasks: that of the workspace, with a layer that marks what is in dispute.

The layer comes after all others: so its regions lie outside those of the same words, which a click meets first. Each is
about one span of the merged set, has the kind of question as its label, and who said what as its text.
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
QUESTIONS: dict[Kind, tuple[str, str]] = {
    "span": ("marked?", "Not everybody marked these words."),
    "label": ("label?", "Everybody marked them, with different labels."),
    "boundary": ("extent?", "Annotators differ in where the span begins or ends."),
    "attribute": ("value?", "Annotators gave a different value, such as a modality."),
    "role": ("role?", "Annotators differ in who or what plays which role."),
    "other": ("note?", "Annotators said different things with another control."),
}
"""The label of each kind of question about a span, and what it means; where there are several, the first is shown."""
ORDER: tuple[Kind, ...] = tuple(QUESTIONS)
COLOUR = "#d6336c"
_START = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
GUIDE = (
    "The page shows what the annotators of this article agree on, and a suggestion where they differ. What they differ in "
    "is listed above the text and marked in it, with the question as a small label: click on the label, and the panel "
    "beside the text says who said what.&#10;"
    "Correct the suggestion with the keys that you annotate with: delete what should not be there, give another label, "
    "draw or delete a relation. What you leave as it is, you accept. The marks need not be deleted, and none have to be "
    "drawn.&#10;Submit when all is as it should be: you decide the whole article. Skip leaves it to somebody else."
)
_STYLE = """
    .wb-disputes {{ display: none; }}
    .wb-note.wb-note h4 {{ max-height: 10.5em; overflow-y: auto; font-weight: 400; }}
    {selectors} {{ background-color: transparent !important; box-shadow: inset 0 -2px {colour}; }}
    {after} {{ color: {colour}; opacity: 1 !important; }}
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
        added = _added(marks, said, scheme.text_name, labels, with_note=not shown)
        return cls(config=_inserted(label_config, *added), marks=marks, said=said)

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


def _added(marks: str, said: str, text_name: str, labels: set[str], *, with_note: bool) -> tuple[str, str]:
    """What makes a page one of reviews: what comes first on it, and the controls, which come last."""
    rows: list[str] = []
    values: list[str] = []
    for number, (value, hint) in enumerate(QUESTIONS.values(), 1):
        while value in {*labels, *values}:
            value += "?"
        values.append(value)
        # Nobody has to draw one: a label without a key of its own would get the next free one, for a slip of a finger.
        key = f"ctrl+alt+shift+{number}"
        rows.append(f'<Label value={quoteattr(value)} hotkey="{key}" background="{COLOUR}" hint={quoteattr(hint)}/>')
    shown = [f".htx-highlight[data-label$={quoteattr(value)}]" for value in values]
    style = _STYLE.format(
        selectors=", ".join(shown), after=", ".join(f"{one}:not(.__active)::after" for one in shown), colour=COLOUR
    )
    note = '<View className="wb-note"><Header value="$note" size="5"/></View>' if with_note else ""
    controls = (
        f'<View className="wb-disputes">'
        f'<Labels name="{marks}" toName={quoteattr(text_name)} title="In dispute" {OURS}="disputes" guide="{GUIDE}">'
        + "".join(rows)
        + f'</Labels><TextArea name="{said}" toName={quoteattr(text_name)} perRegion="true" whenTagName="{marks}" '
        f'visibleWhen="region-selected" {OURS}="said" hint="Who said what."/></View>'
    )
    return f"<Style>{style}</Style>{note}", controls


def _inserted(config: str, first: str, last: str) -> str:
    """The config with more as the first and as the last thing in its root element; the rest is left as it is."""
    data = config.encode("utf-8")
    parser = expat.ParserCreate("utf-8")
    starts: list[int] = []
    ends: list[int] = []

    def start(_name: str, _attributes: object) -> None:
        starts.append(parser.CurrentByteIndex)

    def end(_name: str) -> None:
        ends.append(parser.CurrentByteIndex)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    begin = _START.match(data, starts[0])
    assert begin is not None, "the parser has just read it"
    parts = (data[: begin.end()], first.encode(), data[begin.end() : ends[-1]], last.encode(), data[ends[-1] :])
    return b"".join(parts).decode("utf-8")
