r"""CoNLL-U: a token a line, and the spans in its last column, MISC.

Each layer is an attribute of MISC in the brackets that CorefUD and GUM use: `Entities=(s1-GPE` on the first token of a
span, `Entities=s1)` on its last, `(s1-GPE)` where that is one token; several follow one another, so that spans may nest and
overlap. Roles stand on the first token of the head's span, `Roles=v1>actor>s1`, parted by commas; attributes as
`Attributes=v1>modality>future`, normalised names as `Norms=s1>Oslo`. Ids are counted through an article, because
their own may hold anything; white space, `|`, `=`, `,`, `>`, `(`, `)`, `%` and line ends are written as in URLs.

Nobody analysed the words: of the other columns only ID and FORM are filled. Offsets are tokens; a span that ends inside
one takes it whole. What stands between tokens is `SpaceAfter=No` or, as UDPipe has it, `SpacesAfter=\n`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from workbench.core.annotations import AnnotatedArticle, values_of
from workbench.core.ports import FormatReport, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import FormatError
from workbench.foreign.left_out import LeftOut
from workbench.formats import Way, tokens

_HELD = ("roles", "attributes", "normalised names")
_SPACES: Mapping[str, str] = {" ": "\\s", "\t": "\\t", "\r": "\\r", "\n": "\\n", "|": "\\p", "\\": "\\\\"}
_UNSAFE = re.compile(r"[\s|=,>()%-]")


class ConlluFormat:
    """Words with their spans in MISC."""

    name = "conllu"
    only: Way = "written"
    suffixes: tuple[str, ...] = (".conllu",)
    example = """lines = open("{file}", encoding="utf-8").read().split("\\n")
print([line.split("\\t")[1::8] for line in lines if line[:1].isdigit()][:8])"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.conllu."""
        left = LeftOut()
        path = folder / f"{stem}.conllu"
        count = spans = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for annotated in articles:
                for line in _lines(annotated, left):
                    file.write(f"{line}\n")
                left.of_article(annotated, but=_HELD)
                count += 1
                spans += sum(1 for _ in annotated.annotations.spans())
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """Never anything.

        Raises:
            FormatError: always.
        """
        raise FormatError("conllu is written, not read", hint="`conll` files with a tag a token are read")


def _lines(annotated: AnnotatedArticle, left: LeftOut) -> Iterator[str]:
    """The lines of an article."""
    text = annotated.article.text
    name = re.sub(r"\s", lambda found: quote(found[0]), annotated.article.id)
    words = tokens.tokens(text, article=annotated.article.id)
    misc = _misc(annotated, words, left)
    bounds = tokens.sentences(text, [span for _, span in annotated.annotations.spans()])
    left.count("white space before the first word", int(text[:1].isspace()))
    yield f"# newdoc id = {name}"
    position = 0
    for number, (start, end) in enumerate(bounds, start=1):
        first = position
        while position < len(words) and words[position][0] < end:
            position += 1
        yield f"# sent_id = {name}-{number}"
        yield f"# text = {' '.join(text[start:end].split())}"
        for place in range(first, position):
            own = misc.get(place, [])
            after = words[place + 1][0] if place + 1 < len(words) else len(text)
            gap = text[words[place][1] : after]
            if not gap:
                own = [*own, "SpaceAfter=No"]
            elif gap != " ":
                own = [*own, f"SpacesAfter={''.join(_SPACES.get(one, one) for one in gap)}"]
            form = text[slice(*words[place])]
            yield "\t".join([str(place - first + 1), form, *["_"] * 7, "|".join(own) or "_"])
        yield ""


def _misc(annotated: AnnotatedArticle, words: list[tokens.Offsets], left: LeftOut) -> dict[int, list[str]]:
    """What MISC says of each token, by its place."""
    spans = list(annotated.annotations.spans())
    ids = {span.id: f"s{number}" for number, (_, span) in enumerate(spans, start=1)}
    brackets: dict[int, dict[str, list[str]]] = {}
    more: dict[int, dict[str, list[str]]] = {}
    placed: set[str] = set()
    # Longer spans open first and close last, so that the brackets of those that nest nest as well.
    in_order = sorted(spans, key=lambda one: (one[1].start, -one[1].end))
    for layer, span in in_order:
        bounds = tokens.covered(words, span)
        if bounds is None:
            left.tell(
                annotated.article.id, f"{layer} {span.label} {quoted(span.text)} touches no token, and was left out"
            )
            continue
        placed.add(span.id)
        first, last = bounds[0], bounds[1] - 1
        start, end = words[first][0], words[last][1]
        if (start, end) != span.offsets:
            taken = quoted(annotated.article.text[start:end])
            left.tell(annotated.article.id, f"{layer} {span.label} {quoted(span.text)} is taken as {taken}")
        key, own = _key(layer), ids[span.id]
        opened = f"({own}-{_safe(span.label)}"
        if first == last:
            brackets.setdefault(first, {}).setdefault(key, []).append(f"{opened})")
        else:
            brackets.setdefault(first, {}).setdefault(key, []).append(opened)
            brackets.setdefault(last, {}).setdefault(key, []).insert(0, f"{own})")
        said = more.setdefault(first, {})
        for name, value in span.attributes.items():
            for one in values_of(value):
                said.setdefault("Attributes", []).append(f"{own}>{_safe(name)}>{_safe(str(one))}")
        if span.norm is not None:
            said.setdefault("Norms", []).append(f"{own}>{_safe(span.norm)}")
        for one in span.arguments:
            said.setdefault("Roles", []).append(f"{own}>{_safe(one.role)}>{ids[one.target]}")
    lost = sum(one.target not in placed for _, span in spans if span.id in placed for one in span.arguments)
    left.count("roles whose filler touches no token", lost)
    found = {place: [f"{key}={''.join(of)}" for key, of in sorted(keys.items())] for place, keys in brackets.items()}
    for place, keys in more.items():
        found.setdefault(place, []).extend(f"{key}={','.join(of)}" for key, of in sorted(keys.items()))
    return found


def _key(layer: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]", "", layer) or "Layer"
    return plain[:1].upper() + plain[1:]


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: quote(found[0], safe="") if found[0] != "-" else "%2D", text)
