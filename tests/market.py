"""A small scheme that has nothing to do with news, and annotation sets under it."""

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.store import Store, annotations, articles, releases
from workbench.store.releases import Release, ReleaseItem

XML = """<View><Labels name="acts" toName="t"><Label value="BUY"/></Labels>
    <Labels name="things" toName="t"><Label value="FRUIT"/><Label value="SHOP"/></Labels>
    <Choices name="mood" perRegion="true" whenTagName="acts" toName="t" default="glad">
      <Choice value="glad"/><Choice value="sad"/></Choices>
    <Choices name="kind" toName="t"><Choice value="ad" train="false"/><Choice value="news"/></Choices>
    <Relations><Relation value="what" from="acts" to="things" max="1"/></Relations>
    <Text name="t" value="$text"/></View>"""
SCHEME = LabelScheme.from_xml(XML)


def a_set(text: str, *spans: Span, scheme: LabelScheme = SCHEME) -> AnnotationSet:
    layers: dict[str, list[Span]] = {layer.name: [] for layer in scheme.layers}
    for span in spans:
        layers[scheme.layer_of_label[span.label]].append(span)
    found = AnnotationSet(
        producer=Producer(kind="person", name="t"),
        scheme_digest=scheme.digest,
        layers={name: tuple(values) for name, values in layers.items()},
        document={"kind": "news"},
    )
    scheme.check(found, text)
    return scheme.normalise(found)


def a_span(text: str, label: str, surface: str, **more: object) -> Span:
    start = text.index(surface)
    return Span.model_validate(
        {"id": surface, "label": label, "start": start, "end": start + len(surface), "text": surface, **more}
    )


def add_release(store: Store, name: str, items: list[tuple[str, AnnotationSet, str]]) -> None:
    """Freezes texts with their gold and the part they are in."""
    frozen: list[ReleaseItem] = []
    with store.transaction() as session:
        for text, gold, part in items:
            article = Article.from_text(text)
            articles.add(session, article, raw=text)
            key = annotations.keep(session, article.id, 1, gold)
            frozen.append(
                ReleaseItem(
                    article_id=article.id,
                    article_version=1,
                    set_id=key,
                    part=part,
                    story_group=article.id,
                    annotators=("t",),
                )
            )
        releases.add(session, Release(name=name, digest=name, created="2025", manifest={}, items=tuple(frozen)))


PEOPLE = ("Anna Holm", "Ben Carter", "Clara Weiss", "David Rossi", "Emma Stone")
FRUIT = ("apples", "pears", "plums", "lemons", "figs")
SHOPS = ("Aldi", "Lidl", "Tesco", "Spar", "Migros")


def sold(number: int) -> tuple[str, AnnotationSet]:
    """A text with everything in it."""
    person, fruit, shop = (names[number % 5] for names in (PEOPLE, FRUIT, SHOPS))
    sad = number % 2 == 1
    text = f"{person} {'sadly ' if sad else ''}bought {fruit} at {shop} on day {number}."
    buy = a_span(
        text,
        "BUY",
        "bought",
        arguments=[{"role": "what", "target": fruit}],
        attributes={"mood": "sad"} if sad else {},
    )
    return text, a_set(text, buy, a_span(text, "FRUIT", fruit), a_span(text, "SHOP", shop))


def add_small_release(store: Store) -> None:
    """The release "small": ten annotated articles in three parts, an empty one, and two adverts."""
    parts = ["train"] * 6 + ["dev"] * 2 + ["test"] * 2
    items = [(*sold(number), part) for number, part in enumerate(parts)]
    quiet = "Nobody came to town today, and no shop was open."
    items.append((quiet, a_set(quiet), "train"))
    for offer in ("Buy plums at Aldi, only today!", "Figs at Lidl, only today!"):
        items.append((offer, a_set(offer).model_copy(update={"document": {"kind": "ad"}}), "train"))
    add_release(store, "small", items)
