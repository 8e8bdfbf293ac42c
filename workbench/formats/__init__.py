"""The file formats that annotated articles are written to and read from, one module each."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import Format
from workbench.core.scheme import LabelScheme
from workbench.core.stand_off import FindText
from workbench.errors import FormatError

ENTRY_POINTS = "workbench.formats"
"""The entry-point group by which formats are found, ours too: each names a class without arguments."""

BUILT_IN = {
    "jsonl": "workbench.formats.jsonl:JsonLinesFormat",
    "spacy": "workbench.formats.docbin:DocBinFormat",
    "label-studio": "workbench.labelstudio.task_files:LabelStudioFormat",
    "brat": "workbench.formats.brat:BratFormat",
    "conll": "workbench.formats.conll:ConllFormat",
    "conll2003": "workbench.formats.conll:Conll2003Format",
    "conll-bilou": "workbench.formats.conll:ConllBilouFormat",
    "conllu": "workbench.formats.conllu:ConlluFormat",
    "webanno": "workbench.formats.webanno:WebAnnoFormat",
    "xmi": "workbench.formats.xmi:XmiFormat",
    "huggingface": "workbench.formats.huggingface:HuggingFaceFormat",
    "events-csv": "workbench.formats.records:EventsCsv",
    "events-parquet": "workbench.formats.records:EventsParquet",
    "stances-csv": "workbench.formats.records:StancesCsv",
    "stances-parquet": "workbench.formats.records:StancesParquet",
    "prodigy": "workbench.formats.prodigy:ProdigyFormat",
    "doccano": "workbench.formats.doccano:DoccanoFormat",
    "argilla": "workbench.formats.argilla:ArgillaFormat",
    "web-annotation": "workbench.formats.webannotation:WebAnnotationFormat",
    "gliner": "workbench.formats.gliner:GlinerFormat",
    "gliner2": "workbench.formats.gliner:Gliner2Format",
}
"""Our own entry points, which pyproject.toml lists as well: they hold where the package was not installed anew."""


Way = Literal["read", "written"]
"""What is done with files of a format."""


@runtime_checkable
class OneWay(Protocol):
    """A format of which only one direction makes sense; the other raises a `FormatError`."""

    @property
    def only(self) -> Way:
        """The direction."""
        ...


@runtime_checkable
class Described(Protocol):
    """What a format may say of itself besides: the suffixes of its files, and three lines that load one.

    `example` holds {file} where the path of the file stands.
    """

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    @property
    def example(self) -> str: ...


@runtime_checkable
class Grouped(Protocol):
    """A format whose files name their groups of spans as they like, so that somebody may have to say what they are."""

    def with_layers(self, layers: Mapping[str, str]) -> Format:
        """The format that takes each group for the layer beside it, or for none where that is empty."""
        ...


class RuleSetup(NamedTuple):
    """How the rules are set up: the base pipeline below them, by name or folder, and the user's own data files.

    `files` has their texts by name: `concepts.toml`, `lexicon.tsv`, and pattern files as `patterns/NAME.jsonl`.
    """

    pipeline: str
    files: Mapping[str, str]


SHIPPED = RuleSetup("en_core_web_sm", {})
"""The rules with nothing but what ships."""


@runtime_checkable
class Accompanied(Protocol):
    """A format whose exports hold more than the documents: what other tools need to work on them."""

    @property
    def guide(self) -> str:
        """What can be done with it, in Markdown."""
        ...

    def accompany(
        self, train: Iterable[AnnotatedArticle], folder: Path, scheme: LabelScheme, rules: RuleSetup
    ) -> tuple[str, ...]:
        """The names of the files that were written beside those of the parts, of which `train` is one.

        Models start from what the rules suggest.
        """
        ...


@runtime_checkable
class StandOff(Protocol):
    """A format that can do without the texts: hashes and offsets, and the texts put back where they are given."""

    def without_text(self) -> Format:
        """The format that quotes nothing of an article."""
        ...

    def with_texts(self, find: FindText) -> Format:
        """The format that puts the texts back."""
        ...


@runtime_checkable
class OfRelease(Protocol):
    """A format whose files name the release that they are of."""

    def of_release(self, name: str) -> Format:
        """The format that names this one."""
        ...


def without_text(form: Format) -> Format:
    """The format that quotes nothing of an article.

    Raises:
        FormatError: it cannot do without the texts.
    """
    if not isinstance(form, StandOff):
        raise FormatError(
            f"{form.name} quotes the texts, so it cannot be written without them",
            hint="`--format jsonl` can: hashes and offsets",
        )
    return form.without_text()


def with_texts(form: Format, find: FindText) -> Format:
    """The format that puts the texts back into documents that have none.

    Raises:
        FormatError: its documents always have them.
    """
    if not isinstance(form, StandOff):
        raise FormatError(f"{form.name} files hold their texts", hint="leave --texts out")
    return form.with_texts(find)


def with_layers(form: Format, given: Sequence[str]) -> Format:
    """The format that takes span groups for layers as `given` says: GROUP=LAYER each.

    Raises:
        FormatError: one of them is no such pair, or the format has no groups.
    """
    layers: dict[str, str] = {}
    for one in given:
        group, equals, layer = one.partition("=")
        if not group or not equals:
            raise FormatError(f"{one!r} does not say which layer a group is", hint="as in `--layer sc=entities`")
        if layers.setdefault(group, layer) != layer:
            raise FormatError(
                f"the group {group!r} cannot be two layers, {layers[group]!r} and {layer!r}", hint="name one of them"
            )
    if not layers:
        return form
    if not isinstance(form, Grouped):
        raise FormatError(f"the format {form.name} has no span groups to name a layer for", hint="leave --layer out")
    return form.with_layers(layers)


def registry(*more: Format) -> dict[str, Format]:
    """Every format by its name: ours, `more`, and those that installed packages add.

    Raises:
        FormatError: two formats have one name, or one that a package adds cannot be loaded.
    """
    found: dict[str, Format] = {}
    for known in (*more, *_from_packages()):
        if known.name in found:
            raise FormatError(f"two formats are called {known.name!r}", hint="remove the package that adds one")
        found[known.name] = known
    return found


def names(formats: Mapping[str, Format], way: Way | None = None) -> list[str]:
    """The names of the formats, of those that are read or written where `way` is given, in order."""
    return sorted(
        name for name, one in formats.items() if way is None or not isinstance(one, OneWay) or one.only == way
    )


def choose(formats: Mapping[str, Format], name: str, way: Way | None = None, option: str = "--format") -> Format:
    """The format with this name.

    Args:
        formats: all of them.
        name: what somebody calls it.
        way: what is to be done with its files; the error names formats of which that is done.
        option: where it was named, on a command line.

    Raises:
        FormatError: there is none.
    """
    if name not in formats:
        known = names(formats, way)
        like = [*get_close_matches(name, known, 1), "jsonl"][0]
        missing = f"no format {name!r}" if name else "no format is named"
        raise FormatError(f"{missing}; known: {', '.join(known)}", hint=f"name one of them, as in `{option} {like}`")
    return formats[name]


def by_suffix(formats: Mapping[str, Format], path: Path, way: Way | None = None, option: str = "--format") -> Format:
    """The format whose files end like this one.

    Args:
        formats: all of them.
        path: the file.
        way: what is to be done with it; the error names formats of which that is done.
        option: what names a format on the command line.

    Raises:
        FormatError: none does, or several do.
    """
    fitting = [one for one in formats.values() if isinstance(one, Described) and path.suffix in one.suffixes]
    if len(fitting) != 1:
        raise FormatError(
            f"the format of {path} cannot be told from its name",
            hint=f"name it with `{option} NAME`: {', '.join(names(formats, way))}",
        )
    return fitting[0]


def _from_packages() -> list[Format]:
    formats: list[Format] = []
    ours = [EntryPoint(name, value, ENTRY_POINTS) for name, value in BUILT_IN.items()]
    others = [one for one in entry_points(group=ENTRY_POINTS) if not one.value.startswith("workbench.")]
    for point in (*ours, *others):
        try:
            formats.append(point.load()())
        except (ImportError, AttributeError, TypeError) as error:
            raise FormatError(
                f"the format {point.name} ({point.value}) cannot be loaded: {error}",
                hint="repair or remove the package that adds it",
            ) from error
    return formats
