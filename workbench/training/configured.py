"""Trains a pipeline with a spaCy config, in spaCy's own loop, on the documents of a release.

The config may be any: its corpora get the release's documents, whatever paths it names. When to stop, and which state is
the best, is decided on a share of the train part's stories; the dev part is not looked at, as it decides about promotion.
"""

import io
import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import loop
from spacy.training.initialize import init_nlp
from spacy.util import filter_spans, load_model_from_config
from thinc.api import Config, ConfigValidationError, require_gpu

from workbench import files
from workbench.core.annotations import AnnotatedArticle
from workbench.core.chance import chance
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import base
from workbench.pipeline.alignment import AlignmentReport
from workbench.pipeline.assemble import describe, entity_layer, note_facts, ours
from workbench.pipeline.docs import annotate_doc, spans_in
from workbench.pipeline.external import labels_of
from workbench.pipeline.spool import Chosen
from workbench.training.config_faults import UNREADABLE, config_fault, first_line
from workbench.training.corpus import Corpus
from workbench.training.learn import Trained
from workbench.training.misaligned import refuse_misaligned
from workbench.training.report import TrainOptions, TrainReport, versions

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SHARE = 5
"""One of so many stories of the train part says when to stop."""
SPAN_FACTORIES = ("spancat", "spancat_singlelabel", "span_finder")
"""The components that learn a span group; which one, `spans_key` says."""
_SCORE_OF_SPANS = re.compile(r"spans_(?P<group>.+)_[prf]")
SPANS_KEY = "sc"
"""The group that they learn where a config does not say."""

Sections = dict[str, Any]
"""A spaCy config: sections, blocks and values."""


class _TimeUp(Exception):
    """Training has taken as long as it may."""


def train_configured(
    gold: Corpus, scheme: LabelScheme, version: str, progress: Progress, options: TrainOptions, beside: Path
) -> Trained:
    """The pipeline of `options.config`, trained on the train part of a release, and the report of it.

    What spaCy writes meanwhile lies in a folder below `beside`, and is gone in the end.

    Raises:
        ModelError: the config cannot be used, or names what is not there; there is nothing to learn from; too many spans
            do not end where its tokens do; there is no such GPU; training fails.
    """
    started = time.monotonic()
    items = gold.trainable("train", scheme)
    config = read_config(options.config)
    progress.say("looking the config over")
    blank = _made(config)
    base.check_fit(blank, (item.article.language for item in items), force=options.force)
    if options.gpu_id >= 0:
        _require_gpu(options.gpu_id)
    learn, stop = share(items, options.seed)
    groups = _span_groups(config)
    _refuse_scores_of_nothing(config, [*groups, *scheme.layer_by_name])
    keys = [key for key in groups if key not in scheme.layer_by_name]
    if keys:
        progress.say(f'all layers are learned as {", ".join(keys)}; spans_key = "{scheme.layers[0].name}" learns one')
    with _work_folder(beside) as folder:
        fits = [
            _write(some, blank, scheme, folder / f"{part}.spacy", keys)
            for part, some in (("train", learn), ("dev", stop))
        ]
        alignment = AlignmentReport.total(fits)
        refuse_misaligned(alignment, options.max_misaligned)
        stopped = _loop(_with_corpora(config, folder), scheme, folder / "out", progress, options)
        best = folder / "out" / loop.DIR_MODEL_BEST
        if not best.is_dir():
            raise ModelError("time was up before the pipeline was evaluated once", hint="allow more with --max-minutes")
        nlp = base.read(str(best))
    performance = cast("dict[str, Any]", nlp.meta.get("performance", {}))
    facts = {"release": gold.release, "version": version, "base": sources(config)}
    if ours(nlp):
        describe(nlp, scheme, **facts)
    else:
        note_facts(nlp, **facts)
    report = TrainReport(
        version=version,
        release=gold.release,
        release_digest=gold.digest,
        base=sources(config),
        scheme_digest=scheme.digest,
        options=options,
        parts=gold.parts,
        alignment=alignment,
        nested={},
        out_of_reach=0,
        fields_skipped=(),
        epochs=0,
        stopped_early=stopped,
        losses=(),
        components=(),
        scores={key: round(value, 4) for key, value in performance.items() if isinstance(value, float)},
        stopped_on=tuple(item.article.id for item in stop),
        seconds=round(time.monotonic() - started, 1),
        versions=versions(nlp),
    )
    return Trained(nlp, report, None)


@contextmanager
def _work_folder(beside: Path) -> Generator[Path]:
    try:
        with files.work_folder(beside) as folder:
            yield folder
    except OSError as error:
        raise ModelError(
            f"the pipeline cannot be written below {beside}: {error.strerror or error}",
            hint="make room, then do it again",
        ) from error


def read_config(text: str) -> "Sections":
    """The config with all its variables filled in; components are taken from where the workbench finds their pipelines.

    Raises:
        ModelError: it is no config, or names a variable that it lacks.
    """
    try:
        config = cast("Sections", cast(Any, Config()).from_str(text, interpolate=True))
    except UNREADABLE as error:
        raise _refused(error) from error
    for section in ("nlp", "components", "training", "corpora"):
        if section not in config:
            raise ModelError(
                f"the config has no section [{section}]", hint="`python -m spacy init fill-config` completes one"
            )
    for component in cast("dict[str, dict[str, Any]]", config["components"]).values():
        if isinstance(component.get("source"), str):
            component["source"] = base.resolve(component["source"])
    return config


def text_beside(text: str, file: Path) -> str:
    """The text of a config file in whose section [paths] every relative path that lies beside it is a whole one.

    A text that names no such path stays as it is.

    Raises:
        ModelError: it is no config.
    """
    try:
        config = cast("Sections", cast(Any, Config()).from_str(text, interpolate=False))
    except UNREADABLE as error:
        raise _refused(error, f"the config {file}") from error
    named = cast("Sections", config.get("paths") or {})
    places = {
        name: str((file.parent / value).resolve())
        for name, value in named.items()
        if isinstance(value, str) and value and (file.parent / value).exists()
    }
    if not places:
        return text
    named |= places
    return cast(Any, Config(config)).to_str(interpolate=False)


def sources(config: Sections) -> str:
    """The pipelines that a config takes components from, with versions; "blank:en" and the like where it takes none."""
    components = cast("dict[str, dict[str, Any]]", config["components"])
    named = dict.fromkeys(base.identity_of(str(one["source"])) for one in components.values() if "source" in one)
    return ", ".join(named) or f"blank:{config['nlp'].get('lang')}"


def share(
    items: Sequence[AnnotatedArticle], seed: int
) -> tuple[Sequence[AnnotatedArticle], Sequence[AnnotatedArticle]]:
    """The articles to learn from, and those of one story in five, by which training stops.

    Of a single story all articles serve for both.

    Raises:
        ModelError: none of them has any annotation.
    """
    if not any(not item.annotations.is_empty for item in items):
        raise ModelError(
            "the release has no annotated article in its train part, so there is nothing to learn from",
            hint="annotate more articles, `workbench pull`, and make another release",
        )
    of = [item.article.story for item in items]
    annotated = {item.article.story for item in items if not item.annotations.is_empty}
    stories = sorted(set(of), key=lambda story: chance(f"{seed} {story}"))
    # What has nothing to be found in it tells nothing: the first story is one that has.
    first = next(story for story in stories if story in annotated)
    stories.sort(key=lambda story: story != first)
    held = set(stories[: max(1, len(stories) // SHARE)]) if len(stories) > 1 else set[str]()
    learn, stop = (
        Chosen(items, [number for number, story in enumerate(of) if (story in held) == stops])
        for stops in (False, True)
    )
    empty = not any(not item.annotations.is_empty for item in learn)
    return (items, items) if not stop or empty else (learn, stop)


def _made(config: Sections) -> Language:
    """The pipeline as the config describes it, untrained."""
    try:
        return load_model_from_config(Config(config).copy(), auto_fill=True, validate=True)
    except (*UNREADABLE, ImportError, OSError) as error:
        raise _refused(error) from error


def _with_corpora(config: Sections, folder: Path) -> Sections:
    """The config with the documents in the folder as its corpora."""
    changed = cast(Sections, Config(config).copy())
    for key, part in (("train_corpus", "train"), ("dev_corpus", "dev")):
        name = str(changed["training"].get(key, f"corpora.{part}"))
        section, _, block = name.partition(".")
        corpus: object = changed.get(section, {}).get(block)
        if not isinstance(corpus, dict) or "path" not in corpus:
            raise ModelError(
                f"the config's [training] {key} is {name!r}, which is no reader with a path",
                hint="the release's documents go there: use `spacy.Corpus.v1`, with `path = ${paths." + part + "}`",
            )
        cast(Sections, corpus)["path"] = str(folder / f"{part}.spacy")
    return changed


def _span_groups(config: Sections) -> list[str]:
    """The span groups that spaCy's components of the config learn."""
    components = cast("dict[str, Sections]", config["components"]).values()
    learn = [one for one in components if one.get("factory") in SPAN_FACTORIES]
    return list(dict.fromkeys(str(one.get("spans_key", SPANS_KEY)) for one in learn))


def _refuse_scores_of_nothing(config: Sections, groups: Sequence[str]) -> None:
    """Refuses a config whose best state would be chosen by the score of a span group that no component learns.

    That is 0 whatever was learned: `spacy init config` weighs `spans_sc_f`, also after `spans_key` was changed.

    Raises:
        ModelError: there is such a score.
    """
    weights = cast("dict[str, float | None]", config["training"].get("score_weights") or {})
    for name, weight in weights.items():
        found = _SCORE_OF_SPANS.fullmatch(name)
        if weight and found is not None and found["group"] not in groups:
            raise ModelError(
                f"the config chooses the best state by {name}, but no component learns the span group "
                f"{found['group']!r}",
                hint=f"name the score of one that is learned in [training.score_weights], such as spans_{groups[0]}_f",
            )


def _write(
    items: Sequence[AnnotatedArticle], nlp: Language, scheme: LabelScheme, path: Path, keys: Sequence[str]
) -> AlignmentReport:
    """How the spans fitted, after the articles were written as documents with the pipeline's tokens.

    A group of each of the `keys` holds the spans of all layers.
    """
    layer = entity_layer(scheme)
    docs, fits = DocBin(store_user_data=True), list[AlignmentReport]()
    for item in items:
        doc: Doc = nlp.make_doc(item.article.text)
        fits.append(annotate_doc(doc, item.annotations, scheme, article=item.article.id))
        if layer is not None:
            cast(Any, doc).set_ents(filter_spans(spans_in(doc, layer)), default="outside")
        every = [span for one in scheme.layers for span in spans_in(doc, one.name)]
        for key in keys:
            doc.spans[key] = every
        docs.add(doc)
    path.write_bytes(docs.to_bytes())
    return AlignmentReport.total(fits)


def _loop(config: Sections, scheme: LabelScheme, output: Path, progress: Progress, options: TrainOptions) -> bool:
    """Whether time was up, after spaCy's loop has written its best pipeline below `output`."""
    lines = _Lines(progress.say, options.max_minutes)
    progress.say("making the pipeline ready")
    try:
        nlp = _ready(config, options)
        output.mkdir()
        if not ours(nlp):
            _refuse_other_labels(labels_of(nlp), scheme)
        cast(Any, loop).train(nlp, output, use_gpu=options.gpu_id, stdout=lines, stderr=io.StringIO())
    except _TimeUp:
        return True
    except (ValueError, KeyError, TypeError, RuntimeError, ImportError, AttributeError, IndexError) as error:
        raise ModelError(
            f"spaCy's training failed: {config_fault(error)}",
            hint="`python -m spacy debug data` on an export of the release says more; --debug shows where it failed",
        ) from error
    return False


def _refuse_other_labels(labels: Sequence[str], scheme: LabelScheme) -> None:
    """Refuses to train what could suggest nothing.

    Raises:
        ModelError: none of the labels is the scheme's.
    """
    if not set(labels) & scheme.layer_of_label.keys():
        raise ModelError(
            f"the config trains nothing that suggests spans with labels of the scheme: its labels for spans are "
            f"{', '.join(labels) or 'none'}",
            hint="it needs a component such as `ner` or `spancat`: `python -m spacy init config --pipeline ner`",
        )


def _ready(config: Sections, options: TrainOptions) -> Language:
    try:
        return init_nlp(Config(config), use_gpu=options.gpu_id)
    except ConfigValidationError as error:
        raise _refused(error) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError, AttributeError) as error:
        raise ModelError(
            f"the pipeline cannot be made ready: {first_line(error)}",
            hint="the release has nothing that it could learn: each layer is a span group of its name, doc.ents the layer "
            "of entities"
            if "[E143]" in str(error)
            else "what the config names (vectors, an encoder) has to be there, or a network to get it from",
        ) from error


class _Lines:
    """A stream for spaCy's table, which hands on whole lines, and ends training when time is up."""

    def __init__(self, say: Callable[[str], None], minutes: float | None) -> None:
        self._say = say
        self._deadline = None if minutes is None else time.monotonic() + minutes * 60
        self._begun = ""
        self._over = False

    def write(self, text: str) -> int:
        if self._over:  # spaCy tells of the exception below as if something had failed
            return len(text)
        *whole, self._begun = (self._begun + text).split("\n")
        for line in whole:
            self._show(line)
        if self._deadline is not None and time.monotonic() > self._deadline:
            self._over = True
            self._show(self._begun)
            self._say("time is up")
            raise _TimeUp
        return len(text)

    def _show(self, line: str) -> None:
        shown = _COLOUR.sub("", line).rstrip()
        if shown and not any(part in shown for part in ("Saved pipeline", loop.DIR_MODEL_LAST)):
            self._say(shown)

    def flush(self) -> None:
        """Nothing: lines are handed on when they are whole."""


def _require_gpu(gpu_id: int) -> None:
    try:
        require_gpu(gpu_id)
    except ValueError as error:
        raise ModelError(
            f"there is no GPU {gpu_id} that spaCy can use: {first_line(error)}",
            hint="install cupy for it (`pip install 'spacy[cuda12x]'`), or leave --gpu-id out",
        ) from error


def _refused(error: Exception, config: str = "the config") -> ModelError:
    return ModelError(
        f"{config} cannot be used: {config_fault(error)}",
        hint="`python -m spacy debug config` says more; `python -m spacy init fill-config` completes one",
    )
