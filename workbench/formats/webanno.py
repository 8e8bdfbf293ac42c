r"""WebAnno TSV 3.3, as WebAnno and INCEpTION write and read it: a folder with a file an article, a token a line.

A layer is a custom span layer, `webanno.custom.NAME` as in `xmi`, with the columns `label`, `norm` and one an attribute
(several values as JSON); roles are slots, a column of role names and one of the tokens that the fillers begin at. Every
annotation has a number in square brackets, unique in the file, by which those that overlap, and the slots that point to
them, are told apart. A span that ends inside a token stands on a line of a part of that token (`1-2.1`).

Sentences go on to where the next begins, so that the white space between them is kept, a `#Text=` for each of their lines;
white space before the first word is written as blanks. Words stand as they are, for so INCEpTION writes them; in values and
in the text its reserved characters are escaped. Offsets count UTF-16 code units, which are translated here.

Read besides are relations (T_RL): a role of their source. What is left out is listed: types that are no layer, chains,
relations that are no role, annotations of no length, slots without a role. `--layer TYPE=LAYER` names the layer of a type.
The user of a file in an INCEpTION export (annotation/DOCUMENT/USER.tsv) is the annotator.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import ByDocument, FormatReport, Reading
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.foreign.left_out import LeftOut
from workbench.foreign.names import FileNames
from workbench.formats.webanno_reading import Reader
from workbench.formats.webanno_writing import Writer

_HELD = ("roles", "attributes", "normalised names")


class WebAnnoFormat(ByDocument):
    """A folder of .tsv files."""

    name = "webanno"
    suffixes: tuple[str, ...] = (".tsv",)
    example = """from pathlib import Path
file = next(Path("{file}").glob("*.tsv"))
rows = [line.split("\\t") for line in file.read_text(encoding="utf-8").split("\\n") if line[:1].isdigit()]
print([(row[2], row[3]) for row in rows if row[3] != "_"][:5])"""

    def __init__(self, layers: Mapping[str, str] | None = None) -> None:
        self._layers = dict(layers or {})

    def with_layers(self, layers: Mapping[str, str]) -> "WebAnnoFormat":
        """The format that takes each of these types for the layer beside it, or for none where that is empty."""
        return WebAnnoFormat(layers)

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes the folder `stem`, and in it a file an article, named by its id."""
        left, names = LeftOut(), FileNames()
        inside = folder / stem
        inside.mkdir()
        count = spans = 0
        for annotated in articles:
            left.of_article(annotated, but=_HELD)
            path = inside / f"{names.of(annotated.article.id)}.tsv"
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in Writer(annotated, scheme, left).lines())
            count += 1
            spans += sum(1 for _ in annotated.annotations.spans())
        return FormatReport(files=(stem,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """File by file: the articles of a folder and the folders in it, or of one .tsv file, and what is to be said of them.

        Raises:
            DocumentError: a line is malformed or does not fit the scheme; it names file and line.
        """
        files = sorted(path.rglob("*.tsv")) if path.is_dir() else [path]
        if not files:
            raise DocumentError(f"{path} holds no .tsv file", hint="export it as WebAnno TSV v3.3")
        for file in files:
            yield str(file), Reader(file, scheme, self._layers).read()
