"""The cold-start rules as a PreAnnotator: entities, events and stances before anybody has labelled anything."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from workbench.core.annotations import AnnotationSet, Argument, AttributeValue, Producer, Span
from workbench.core.article import Article
from workbench.core.batches import weighed_batches
from workbench.core.counted import counted
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError
from workbench.pipeline import base, parallel
from workbench.pipeline.text import end_sentences_at_newlines
from workbench.preannotate.plugins import Setup
from workbench.preannotate.rules.agents import KIND as AGENT
from workbench.preannotate.rules.agents import AgentNouns
from workbench.preannotate.rules.blanks import Written, plain, written
from workbench.preannotate.rules.concepts import Concepts, LayerNames
from workbench.preannotate.rules.entities import persons
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.entities.mentions import MentionFinder
from workbench.preannotate.rules.entities.names import Gazetteer
from workbench.preannotate.rules.entities.ownpatterns import OwnPatterns
from workbench.preannotate.rules.entities.persons import Persons
from workbench.preannotate.rules.events.context import Context
from workbench.preannotate.rules.events.coreference import Coreference
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.frames import EventFinder
from workbench.preannotate.rules.events.judge import FILE as TRIGGERS
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.headlines import Headlines, analysed
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import TextAnalysis
from workbench.preannotate.rules.scores import Scores
from workbench.preannotate.rules.stances.carried import CarriedStances
from workbench.preannotate.rules.stances.finder import Polarity
from workbench.preannotate.rules.stances.judgements import FILE as JUDGEMENTS
from workbench.preannotate.rules.stances.judgements import Judgements
from workbench.preannotate.rules.stances.opinions import Opinions
from workbench.preannotate.rules.stances.pairs import FILE as PAIRS
from workbench.preannotate.rules.stances.stances import StanceFinder
from workbench.preannotate.rules.syntax import Parse
from workbench.preannotate.rules.tables import classes, digest, text_of
from workbench.preannotate.rules.weights import Weights

CODE = "3"
TOGETHER = 50
"""How many articles of a story share their persons: what a run keeps at once."""
TOGETHER_CHARACTERS = 1_000_000
"""How many characters they have, at the most."""
NEEDED = ("tagger", "parser", "ner", "lemmatizer")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_FULL_DATE = re.compile(rf"\b(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH}),? (?P<year>(?:19|20)\d\d)\b")
_YEAR = re.compile(r"\b(?<!by )(?<!until )(?<!till )(?<!before )(?P<year>(?:19|20)\d\d)\b")


def make(setup: Setup) -> "Rules":
    """The rules as [preannotate] sets them up: `pipeline`, `concepts`, `lexicon`, `patterns`.

    Raises:
        ModelError: the pipeline cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    return Rules(
        setup.scheme,
        pipeline=setup.options.get("pipeline") or "en_core_web_sm",
        concepts=setup.path("concepts"),
        lexicon=setup.path("lexicon"),
        patterns=setup.path("patterns"),
        processes=setup.processes,
    )


class Rules:
    """Suggests by a base pipeline's parse, names and a lexicon. See docs/rules.md for what it can't do."""

    def __init__(
        self,
        scheme: LabelScheme,
        *,
        pipeline: str = "en_core_web_sm",
        concepts: Path | None = None,
        lexicon: Path | None = None,
        patterns: Path | None = None,
        processes: int = 1,
        batch: int = 32,
        created: str = "",
        nlp: Language | None = None,
    ) -> None:
        """Loads the pipeline and the data files.

        Args:
            scheme: what can be suggested.
            pipeline: the base pipeline, by name or path.
            concepts: a file of the user's in the place of the shipped concepts.toml.
            lexicon: a file of the user's in the place of the shipped lexicon.tsv.
            patterns: a folder of the user's own patterns, which add to and override the entities that the rules find.
            processes: how many processes parse; 0 for one a core where there is much to do.
            batch: how many texts are parsed at once.
            created: what the sets say of when they were made.
            nlp: the base pipeline, where it is loaded already.

        Raises:
            ModelError: the pipeline cannot be loaded, or has no parser.
            SettingsError: a data file says what it cannot.
        """
        self._scheme = scheme
        self._nlp = nlp or base.load(pipeline)
        missing = [name for name in NEEDED if name not in self._nlp.component_names]
        self._concepts = Concepts.load(scheme, concepts)
        self._lexicon = Lexicon.load(lexicon)
        self._words = classes()
        self._scores = Scores.load()
        self._weights = Weights.load()
        self._triggers = Weights.load(TRIGGERS)
        self._opinions = Opinions.load()
        self._carried = CarriedStances.load()
        self._judgements = self._learned_judgements()
        self._pairs = Weights.load(PAIRS)
        nouns = AgentNouns.load()
        self._nouns = nouns if self._has_agents() else None
        self._names = Gazetteer.load(lambda text: [token.text for token in self._nlp.make_doc(text)])
        self._headlines = Headlines(self._nlp, self._lexicon, nouns.single, self._names, self._words)
        self._finder = MentionFinder(self._concepts.base, self._names, self._words, nouns.single)
        self._processes = processes
        self._batch = batch
        self._created = created
        self._kinds = self._concepts.kinds(scheme)
        self._patterns = OwnPatterns.read(patterns, self._nlp, self._kinds) if patterns is not None else None
        own = [text_of(path.name, path) for path in (concepts, lexicon) if path is not None]
        own += self._patterns.content if self._patterns is not None else []
        self.version = f"{CODE}-{digest(*own)}"
        """Changes with their data files and what is noted of their code; whatever pipeline is below them."""
        self._producer = Producer(kind="rules", name="rules", version=f"{self.version} on {base.identity(self._nlp)}")
        self._remarks = self._all_remarks(missing)

    @property
    def producer(self) -> Producer:
        """The rules, with a version that changes with their data, their code and the pipeline below them."""
        return self._producer

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the scheme lacks of what the rules could suggest, and what they never suggest."""
        return self._remarks

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order; articles of one story that come together share their persons."""
        waiting: deque[Article] = deque()

        def noted() -> Iterator[Article]:
            for article in articles:
                waiting.append(article)
                yield article

        read = ((waiting.popleft(), parse) for parse in self.parses(noted()))
        for _, together in groupby(read, key=lambda one: one[0].story):
            yield from self._story(together)

    def _story(self, together: Iterator[tuple[Article, Parse]]) -> Iterator[AnnotationSet]:
        """One set for each article of a story, some at a time."""
        for some in weighed_batches(together, TOGETHER, lambda one: len(one[1].text), TOGETHER_CHARACTERS):
            several = len(some) > 1
            story = persons.of_story(self._finder.persons(parse) for _, parse in some) if several else None
            for article, parse in some:
                yield self.render(self.read(parse, year_of(article), story=story))

    def parses(self, articles: Iterable[Article]) -> Iterator[Parse]:
        """The parse of each article, in their order.

        Raises:
            ArticleError: an article is longer than the pipeline takes.
            ModelError: a process that parses was killed.
        """
        waiting: deque[Written | None] = deque()

        def texts() -> Iterator[str]:
            for article in articles:
                text = self._text(article)
                waiting.append(written(text))
                yield plain(text)

        for parse in parallel.parsed(
            self._nlp, texts(), self.parse_of, join=Parse.joined, batch=self._batch, processes=self._processes
        ):
            parse.written = waiting.popleft()
            yield parse

    def parse_of(self, doc: Doc) -> Parse:
        """The parse of a doc as plain lists, headlines as sentences, with what the user's patterns match."""
        parse = self._headlines.read(Parse.of(doc), doc)
        if self._patterns is not None:
            matches = self._patterns.match(doc)
            parse.given = [(one.start, one.end, self._kinds[one.label], one.id) for one in matches]
        return parse

    def of_doc(self, doc: Doc) -> AnnotationSet:
        """What the rules suggest for a doc that the base pipeline has analysed; the doc stays as it is.

        A doc with other blanks than the usual one is analysed again, without.
        """
        original = written(doc.text)
        if original is not None:
            doc = analysed(self._nlp, end_sentences_at_newlines(self._nlp.make_doc(plain(doc.text))))
        parse = self.parse_of(doc.copy() if self._patterns is not None else doc)
        parse.written = original
        return self.render(self.read(parse, latest_year(parse.text)))

    def _text(self, article: Article) -> str:
        if len(article.text) > self._nlp.max_length:
            raise ArticleError(
                f"{article.id} has {len(article.text)} characters, {self._nlp.max_length} at the most",
                hint="it is hardly one article: split it",
                article=article.id,
            )
        return article.text

    def read(
        self, parse: Parse, year: int | None = None, *, judged: bool = True, story: Persons | None = None
    ) -> Findings:
        """What the rules find in a parsed text; `year` is when it was published, `story` knows who else is in the news.

        With `judged` False there is only what clauses and lexicon give, nothing that learned weights add; which words name
        events is judged all the same.
        """
        mentions = self._finder.find(parse, story)
        reading = TextAnalysis(parse, mentions, self._words, self._nouns)
        finder = EventFinder(reading, self._lexicon, year)
        events = finder.find(self._triggers)
        if judged:
            Context(reading, events, self._lexicon.mutual).judge(self._weights)
            Coreference(reading, events, self._lexicon.mutual).complete()
            finder.inherit(events)
        names = self._concepts.stances
        polarity = _polarity(names)
        stances = StanceFinder(reading, self._lexicon, self._opinions, self._carried, finder, polarity)
        found, pairs = stances.find(), stances.pairs()
        judgements = Judgements(reading, self._opinions, stances)
        if judged and names is not None:
            found = pairs.complete(judgements.find(found, self._judgements), stances.loose, self._pairs)
        nameless = [*stances.issues, *reading.nameless]
        return Findings(reading, mentions, nameless, events, found, judgements, pairs, stances.loose)

    def _has_agents(self) -> bool:
        """Whether the scheme has a label for actors without a name."""
        names = self._concepts.entities
        return names is not None and AGENT in names.labels

    def _learned_judgements(self) -> Weights:
        """The weights of judgements, with thresholds no lower than the concepts have them."""
        weights, names = Weights.load(JUDGEMENTS), self._concepts.stances
        for stance, least in names.judgements.items() if names is not None else ():
            weights.least[stance] = max(least, weights.least.get(stance, 0.0))
        return weights

    def render(self, findings: Findings) -> AnnotationSet:
        """The findings in the scheme's names, scored, without what the scheme has no place for."""
        scored = self._scores.apply(findings)
        layers: dict[str, list[Span]] = {layer.name: [] for layer in self._scheme.layers}
        ids: dict[int, tuple[str, str]] = {}
        names = self._concepts.entities
        if names is not None:
            used = {id(role.filler) for frame in (*scored.events, *scored.stances) for role in frame.roles}
            issues = [one for one in scored.nameless if id(one) in used]
            for number, mention in enumerate(
                sorted([*scored.mentions.all, *issues], key=lambda m: (m.start, m.end)), 1
            ):
                label = names.labels.get(mention.kind, mention.kind if mention.source == "user" else None)
                if label is not None:
                    span = _mention_span(findings.parse, mention, label, f"e{number}")
                    ids[id(mention)] = (names.layer, span.id)
                    layers[names.layer].append(span)
        for prefix, layer_names, frames in (
            ("v", self._concepts.events, scored.events),
            ("s", self._concepts.stances, scored.stances),
        ):
            if layer_names is not None:
                for number, frame in enumerate(frames, 1):
                    if frame.label in layer_names.labels:
                        ids[id(frame)] = (layer_names.layer, f"{prefix}{number}")
        for layer_names, frames in ((self._concepts.events, scored.events), (self._concepts.stances, scored.stances)):
            if layer_names is not None:
                for frame in frames:
                    if id(frame) in ids:
                        layers[layer_names.layer].append(self._frame_span(findings.parse, frame, layer_names, ids))
        return self._scheme.normalise(
            AnnotationSet(
                producer=self._producer,
                scheme_digest=self._scheme.digest,
                created=self._created,
                layers={name: tuple(spans) for name, spans in layers.items()},
            )
        )

    def _frame_span(self, parse: Parse, frame: Frame, names: LayerNames, ids: dict[int, tuple[str, str]]) -> Span:
        arguments: list[Argument] = []
        for role in frame.roles:
            name = names.roles.get(role.name)
            place = ids.get(id(role.filler))
            if name is None or place is None:
                continue
            known = self._scheme.role_by_name[name]
            several = sum(argument.role == name for argument in arguments)
            if place[0] in known.to_layers and (known.maximum is None or several < known.maximum):
                arguments.append(Argument(role=name, target=place[1], score=round(role.score, 3)))
        attributes: dict[str, AttributeValue] = {}
        for concept, value in frame.attributes.items():
            attribute = names.attributes.get(concept)
            if attribute is not None and value in attribute.values:
                attributes[attribute.name] = attribute.values[value]
        start, end, text = parse.in_article(frame.start, frame.end)
        return Span(
            id=ids[id(frame)][1],
            label=names.labels[frame.label],
            start=start,
            end=end,
            text=text,
            score=round(frame.score, 3),
            attributes=attributes,
            arguments=tuple(arguments),
        )

    def _all_remarks(self, missing: list[str]) -> tuple[str, ...]:
        patterns = () if self._patterns is None else self._patterns.labels
        remarks = [*self._concepts.remarks, *self._concepts.never_suggested(self._scheme, patterns)]
        if self._patterns is not None:
            remarks += [
                f"{counted(number, f'patterns have the label {label}')}, which is no entity of the scheme: left out"
                for label, number in sorted(self._patterns.unknown.items())
            ]
        if missing:
            remarks.append(f"the base pipeline has no {', '.join(missing)}: the rules find less without")
        events, stances = self._lexicon.labels()
        for names, known, what in (
            (self._concepts.events, events, "events"),
            (self._concepts.stances, stances, "stances"),
        ):
            if names is not None:
                unknown = sorted(known - set(names.labels))
                if unknown:
                    remarks.append(f"the lexicon has {what} without a label in the scheme: {', '.join(unknown)}")
                never = sorted(label for concept, label in names.labels.items() if concept not in known)
                if never:
                    remarks.append(f"the lexicon has no word for: {', '.join(never)}")
        return tuple(remarks)


class Bare:
    """The base pipeline's entities alone, under the same map: what the rules are measured against."""

    def __init__(self, scheme: LabelScheme, *, pipeline: str = "en_core_web_sm", nlp: Language | None = None) -> None:
        self._scheme = scheme
        self._nlp = nlp or base.load(pipeline)
        self._concepts = Concepts.load(scheme)
        self._producer = Producer(
            kind="model", name=base.identity(self._nlp).split()[0], version=self._nlp.meta["version"]
        )

    @property
    def producer(self) -> Producer:
        """The base pipeline."""
        return self._producer

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the scheme lacks."""
        return self._concepts.remarks

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set of entities for each article, in their order."""
        names = self._concepts.entities
        for doc in self._nlp.pipe((article.text for article in articles), batch_size=32):
            spans: list[Span] = []
            for number, ent in enumerate(doc.ents, 1):
                label = names.labels.get(self._concepts.base.get(ent.label_, "")) if names else None
                if label is not None:
                    start, end = ent.start_char, ent.end_char
                    spans.append(
                        Span(id=f"e{number}", label=label, start=start, end=end, text=doc.text[start:end], score=0.5)
                    )
            layers = self._scheme.empty_layers()
            if names is not None:
                layers[names.layer] = tuple(spans)
            yield self._scheme.normalise(
                AnnotationSet(producer=self._producer, scheme_digest=self._scheme.digest, layers=layers)
            )


def _mention_span(parse: Parse, mention: Mention, label: str, span_id: str) -> Span:
    start, end, text = parse.in_article(mention.start, mention.end)
    called = parse.surface(mention.start, mention.end)
    norm = mention.norm if mention.norm and mention.norm != called else None
    return Span(id=span_id, label=label, start=start, end=end, text=text, score=round(mention.score, 3), norm=norm)


def _polarity(names: LayerNames | None) -> Polarity:
    """What the scheme's stances are to each other; nothing where it has none."""
    if names is None:
        return Polarity({})
    return Polarity(
        turned=names.turned,
        unkind=names.calling.get("unknown", ""),
        pro=names.wishes.get("wanted", ""),
        contra=names.wishes.get("ruled_out", ""),
        open=names.wishes.get("left_open", ""),
    )


def year_of(article: Article) -> int | None:
    """The year of the article: when it was published, else the latest that it names."""
    if article.published and article.published[:4].isdigit():
        return int(article.published[:4])
    return latest_year(plain(article.text))


def latest_year(text: str) -> int | None:
    """The latest year that a text names in a full date, else at all; None where it names none.

    Years that only say until when (*by* 2030) are not counted.
    """
    for pattern in (_FULL_DATE, _YEAR):
        years = [int(match.group("year")) for match in pattern.finditer(text)]
        if years:
            return max(years)
    return None
