"""Hypothesis strategies: texts that break offsets, schemes of any shape, and annotation sets that fit both."""

from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.scheme import LabelScheme

PIECES = [
    "word",
    "Anna Holm",
    " ",
    "  ",
    "   ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\N{NO-BREAK SPACE}",
    "\N{NARROW NO-BREAK SPACE}",
    "\N{ZERO WIDTH SPACE}",
    "\N{ZERO WIDTH NO-BREAK SPACE}",
    "\N{WORD JOINER}",
    "\N{SOFT HYPHEN}",
    "\N{LINE SEPARATOR}",
    "🙂",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇺🇳",
    "👍🏽",
    "e\N{COMBINING ACUTE ACCENT}",
    "ạ̈",
    "한",
    "한",
    "שלום",
    "العربية",
    "\N{RIGHT-TO-LEFT MARK}",
    "\N{RIGHT-TO-LEFT OVERRIDE}abc\N{POP DIRECTIONAL FORMATTING}",
    "𝔘𝔫𝔦",
    "ﬁ",
    "İ",
    "ß",
    "“quoted”",
    "'s",
    "<b>&amp;</b>",
    "$text",
    "{{x}}",
    "\\n",
    "\\",
    '"',
    "[x|Y]",
    "—",
    "٣",
    "漢字",
]
NAMES = ["people", "deeds", "views", "Places", "x_1", "layer2"]
VALUES = [
    "A",
    "B",
    "Tom & Jerry",
    "a<b",
    'say "so"',
    "é",
    "two words",
    "C#",
    "ÄÖ",
    "1",
    "D/E",
    "f_g",
    "H:I",
    "j.k",
    "🙂",
]


def texts(*, pieces: int = 40) -> st.SearchStrategy[str]:
    """Texts of at least one code point, made of pieces that shift offsets in other people's programs."""
    return st.lists(st.sampled_from(PIECES), min_size=1, max_size=pieces).map("".join)


@st.composite
def configs(draw: st.DrawFn) -> str:
    """Label configs of one to four layers with attributes, roles and choices about the document."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    values = iter(draw(st.permutations(VALUES)))
    layers = [(name, [next(values) for _ in range(draw(st.integers(1, 3)))]) for name in names]
    body = ["<View>", '<Text name="body" value="$body" granularity="symbol"/>']
    for name, labels in layers:
        body.append(f'<Labels name="{name}" toName="body">')
        body += [f"<Label value={quoteattr(label)}/>" for label in labels]
        body.append("</Labels>")
    for number in range(draw(st.integers(0, 2))):
        default = ' default="v1"' if draw(st.booleans()) else ""
        multiple = ' choice="multiple"' if draw(st.booleans()) else ""
        about = f' perRegion="true" whenTagName="{draw(st.sampled_from(names))}"' if draw(st.booleans()) else ""
        body.append(f'<Choices name="choice{number}" toName="body"{about}{default}{multiple}>')
        body += [f'<Choice value="v{n}"/>' for n in range(1, 4)]
        body.append("</Choices>")
    roles = draw(st.integers(0, 3))
    if roles:
        body.append("<Relations>")
        for number in range(roles):
            ends = [" ".join(draw(st.lists(st.sampled_from(names), min_size=1, unique=True))) for _ in range(2)]
            body.append(f'<Relation value="role {number}" from="{ends[0]}" to="{ends[1]}"/>')
        body.append("</Relations>")
    return "\n".join([*body, "</View>"])


@st.composite
def annotation_sets(draw: st.DrawFn, scheme: LabelScheme, text: str, *, most: int = 8) -> AnnotationSet:
    """Normalised sets that the scheme does not refuse: spans overlap, nest, touch and coincide; none has white space at
    its edges.
    """
    spans: list[tuple[str, Span]] = []
    for number in range(draw(st.integers(0, most))):
        layer = draw(st.sampled_from(scheme.layers))
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        inside = text[start:end].strip()
        if not inside:
            continue
        start = text.index(inside, start)
        end = start + len(inside)
        attributes = {
            attribute.name: draw(_choice(attribute.values, multiple=attribute.multiple))
            for attribute in scheme.attributes_of(layer.name)
            if draw(st.booleans())
        }
        name = draw(st.sampled_from([f"s{number}", f"s.{number}", f"é{number}", f"a b-{number}", f"_{number}_"]))
        score = draw(st.none() | st.integers(0, 10000).map(lambda n: n / 10000))
        label = draw(st.sampled_from(layer.label_values))
        span = Span(
            id=name, label=label, start=start, end=end, text=text[start:end], score=score, attributes=attributes
        )
        spans.append((layer.name, span))
    layers: dict[str, list[Span]] = {layer.name: [] for layer in scheme.layers}
    for layer_name, span in spans:
        possible = [
            Argument(role=role.name, target=other.id)
            for role in scheme.roles_of(layer_name)
            for other_layer, other in spans
            if other_layer in role.to_layers and other.id != span.id
        ]
        chosen = draw(st.lists(st.sampled_from(possible), unique=True, max_size=4)) if possible else []
        layers[layer_name].append(span.model_copy(update={"arguments": tuple(chosen)}))
    document = {
        field.name: draw(_choice(field.values, multiple=field.multiple))
        for field in scheme.document_fields
        if draw(st.booleans())
    }
    return scheme.normalise(
        AnnotationSet(
            producer=Producer(kind="rules", name="nasty", version="1"),
            scheme_digest=scheme.digest,
            layers={name: tuple(found) for name, found in layers.items()},
            document=document,
        )
    )


def _choice(values: tuple[str, ...], *, multiple: bool) -> st.SearchStrategy[str | tuple[str, ...]]:
    if multiple:
        return st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple)
    return st.sampled_from(values)
