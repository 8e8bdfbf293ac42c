"""brat standoff: a folder with a .txt and an .ann file an article, and the annotation.conf that brat wants for it.

A span is a text-bound annotation (T). One whose layer can have roles is an event (E) with that T as its trigger, and its
roles are the event's arguments, a second one of a role numbered as brat does (`recipient2`); stances are events, too. So
overlapping and nested spans and arguments that are events themselves need nothing special. Attributes are A lines, one a
value out of a list; a normalised name is a note that begins with `norm:`, and a text or a number that is said of a span
one that begins with `value:` and goes on in JSON. Labels, roles and values that brat can't have as names
(blanks, punctuation) get `_` for what it can't.

Read besides: relations (R) as a role of their first argument, and references (N) as the normalised name. Offsets are code
points, as ours. A span across a line end is written in pieces, as brat does it; pieces with more than white space
between them are discontiguous, which our spans aren't: each is refused by its line. A text without an .ann file is not
annotated, an empty .ann file says that there is nothing to mark.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pydantic import RootModel, ValidationError

from workbench.core.annotations import AnnotatedArticle, Argument, AttributeValue, Span, values_of
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError
from workbench.foreign import checked, reading
from workbench.foreign.left_out import LeftOut
from workbench.foreign.names import FileNames, safe_names

NORM = "norm: "
VALUE = "value: "


class _Said(RootModel[tuple[str, AttributeValue]]):
    """An attribute and its value, as a note has them."""


_Target = Callable[[str, str], str | None]
"""What finds the span that an id stands for, at a place."""
_HELD = ("normalised names", "attributes", "roles")
_PIECE = re.compile(r"[^\r\n]+")
_SPACE = re.compile(r"\s+")


class BratFormat(ByDocument):
    """A folder of .txt and .ann files."""

    name = "brat"
    suffixes = (".ann",)
    example = """from pathlib import Path
texts = {path: path.with_suffix(".txt").read_bytes().decode() for path in sorted(Path("{file}").glob("*.ann"))}
print([line for path in texts for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("T")][:5])"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes the folder `stem`, and in it two files an article, named by its id."""
        names, left = _Names(scheme), LeftOut()
        files = FileNames()
        inside = folder / stem
        inside.mkdir()
        (inside / "annotation.conf").write_text(names.configuration(), encoding="utf-8", newline="\n")
        count = spans = 0
        for annotated in articles:
            file = files.of(annotated.article.id)
            (inside / f"{file}.txt").write_bytes(annotated.article.text.encode())
            lines = _lines(annotated, names)
            (inside / f"{file}.ann").write_text("".join(f"{one}\n" for one in lines), encoding="utf-8", newline="\n")
            left.of_article(annotated, but=_HELD)
            count += 1
            spans += sum(1 for _ in annotated.annotations.spans())
        return FormatReport(files=(stem,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Text by text: the articles of a folder and the folders in it, or of one .ann or .txt file, and what is to be said of them.

        Raises:
            DocumentError: a file cannot be read, a line is malformed or does not fit the scheme.
        """
        names = _Names(scheme)
        for file in _texts(path):
            yield str(file), _reading(file, scheme, names)


def _reading(file: Path, scheme: LabelScheme, names: "_Names") -> Reading:
    """What a text and its notes hold.

    Raises:
        DocumentError: either cannot be read, a line is malformed or does not fit the scheme, or there are only notes.
    """
    notes = file.with_suffix(".ann")
    if notes.exists() and not file.exists():
        raise DocumentError(
            f"{notes}: has no .txt file beside it, so that its offsets mean nothing",
            hint=f"put {quoted(file.name)} beside it, or move it away",
        )
    content = reading.text(file)
    if not notes.exists():
        yield Remark(where=str(file), message="has no .ann file beside it", left_out=True)
        return
    article = checked.article(content, name=file.stem, source=file.name)
    reader = _Reader(content, scheme, names, notes)
    found = reader.spans()
    yield from reader.remarks
    yield from checked.annotated(article, found, scheme, str(notes))


class _Names:
    """How labels, roles, attributes and values are called in brat, and back."""

    def __init__(self, scheme: LabelScheme) -> None:
        self.scheme = scheme
        self.label = safe_names(scheme.layer_of_label)
        self.role = safe_names(scheme.role_by_name)
        self.attribute = safe_names(one.name for one in scheme.attributes)
        self.value = {one.name: safe_names(one.values) for one in scheme.attributes}
        self.label_back = {theirs: ours for ours, theirs in self.label.items()}
        self.attribute_back = {theirs: ours for ours, theirs in self.attribute.items()}
        self.value_back = {name: {b: a for a, b in values.items()} for name, values in self.value.items()}
        self._role_back = {theirs: ours for ours, theirs in self.role.items()}

    def role_back(self, given: str) -> str | None:
        """The role that brat calls so, with or without a number; None where there is none."""
        if given in self._role_back:
            return self._role_back[given]
        if given in self.scheme.role_now:
            return self.scheme.role_now[given]
        for length in range(len(given) - 1, 0, -1):
            if not given[length].isdecimal():
                return None
            if given[:length] in self._role_back:
                return self._role_back[given[:length]]
        return None

    def numbered(self, role: str, used: Counter[str]) -> str:
        """The name for one more argument of a role."""
        used[role] += 1
        while True:
            found = f"{self.role[role]}{used[role]}" if used[role] > 1 else self.role[role]
            if self.role_back(found) == role:
                return found
            used[role] += 1

    def configuration(self) -> str:
        """brat's annotation.conf for the scheme."""
        scheme = self.scheme
        entities = [self.label[one] for one, layer in scheme.layer_of_label.items() if layer not in scheme.frame_layers]
        lines = ["[entities]", *entities, "[relations]", "[events]"]
        for name in scheme.frame_layers:
            roles: list[str] = []
            for role in scheme.roles_of(name):
                targets = [self.label[one] for to in role.to_layers for one in scheme.layer_by_name[to].label_values]
                roles.append(f"{self.role[role.name]}*:{'|'.join(targets)}")
            arguments = ", ".join(roles)
            lines += [f"{self.label[one]}\t{arguments}" for one in scheme.layer_by_name[name].label_values]
        lines.append("[attributes]")
        for one in scheme.attributes:
            labels = scheme.layer_by_name[one.layer or ""].label_values
            of = "|".join(self.label[label] for label in labels)
            values = "|".join(self.value[one.name][value] for value in one.values)
            lines.append(f"{self.attribute[one.name]}\tArg:{of}, Value:{values}")
        return "".join(f"{line}\n" for line in lines)


def _lines(annotated: AnnotatedArticle, names: _Names) -> Iterator[str]:
    """The lines of the .ann file."""
    frames = names.scheme.frame_layers
    ids: dict[str, str] = {}
    events = 0
    spans = list(annotated.annotations.spans())
    for number, (layer, span) in enumerate(spans, start=1):
        pieces = ";".join(
            f"{span.start + piece.start()} {span.start + piece.end()}"
            for piece in _PIECE.finditer(span.text)
            if piece.group().strip()
        )
        ids[span.id] = f"T{number}"
        yield f"T{number}\t{names.label[span.label]} {pieces}\t{_SPACE.sub(' ', span.text)}"
        if layer in frames:
            events += 1
            ids[span.id] = f"E{events}"
    attributes = notes = 0
    triggers = {span.id: f"T{number}" for number, (_, span) in enumerate(spans, start=1)}
    for layer, span in spans:
        name = ids[span.id]
        if layer in frames:
            used: Counter[str] = Counter()
            arguments = [f"{names.numbered(one.role, used)}:{ids[one.target]}" for one in span.arguments]
            yield f"{name}\t{' '.join([f'{names.label[span.label]}:{triggers[span.id]}', *arguments])}"
        for attribute, given in span.attributes.items():
            listed = names.value.get(attribute)
            if not listed:
                notes += 1
                yield f"#{notes}\tAnnotatorNotes {name}\t{VALUE}{json.dumps([attribute, given])}"
                continue
            for value in values_of(given):
                attributes += 1
                yield f"A{attributes}\t{names.attribute[attribute]} {name} {listed[str(value)]}"
        if span.norm is not None:
            notes += 1
            yield f"#{notes}\tAnnotatorNotes {name}\t{NORM}{_escaped(span.norm)}"


@dataclass
class _Event:
    label: str
    trigger: str
    arguments: list[tuple[str, str]]
    where: str


@dataclass
class _Reader:
    """One .ann file over its text."""

    content: str
    scheme: LabelScheme
    names: _Names
    path: Path
    remarks: list[Remark] = field(default_factory=list[Remark])

    def spans(self) -> list[tuple[str, Span]]:
        """Every span with its layer.

        Raises:
            DocumentError: a line is malformed or does not fit.
        """
        kinds: dict[str, list[tuple[str, str, list[str]]]] = {kind: [] for kind in "TERANM#"}
        seen: set[str] = set()
        for where, line in reading.lines(self.path):
            if not line.strip():
                continue
            name, *columns = line.split("\t")
            if name == "*":
                self._say(where, "an equivalence (*) has no place in a span, and was left out")
                continue
            if name[:1] not in kinds or not name[1:] or not columns:
                raise DocumentError(
                    f"{where}: no line of brat standoff: {quoted(line)}", hint="columns are parted by tabs"
                )
            if name in seen:
                raise DocumentError(
                    f"{where}: a second line is called {quoted(name)}", hint="number the lines anew, or take one out"
                )
            seen.add(name)
            kinds[name[0]].append((where, name, columns))
        texts, refused = self._bounds(kinds["T"])
        events = {name: self._event(where, name, columns) for where, name, columns in kinds["E"]}
        triggers = {event.trigger: name for name, event in reversed(events.items())}
        for name, event in list(events.items()):
            if event.trigger in refused:
                self._say(event.where, f"event {name} goes with its trigger {event.trigger}")
                refused.add(name)
                del events[name]
            elif event.trigger not in texts:
                raise DocumentError(
                    f"{event.where}: event {name} has the trigger {event.trigger}, which is not there",
                    hint="take the event out, or put its trigger back",
                )
            elif texts[event.trigger][1].label != event.label:
                raise DocumentError(
                    f"{event.where}: event {name} is {event.label}, its trigger {texts[event.trigger][1].label}",
                    hint="give both the same label",
                )
        found = {name: one for name, one in texts.items() if name not in triggers}
        found |= {
            name: (texts[event.trigger][0], texts[event.trigger][1].model_copy(update={"id": name}))
            for name, event in events.items()
        }

        def target(given: str, where: str) -> str | None:
            given = triggers.get(given, given)
            if given in found:
                return given
            if given not in refused:
                raise DocumentError(f"{where}: {quoted(given)} is not in the file", hint="take out what points to it")
            self._say(where, f"loses what points to {given}, which was refused")
            return None

        arguments: dict[str, list[Argument]] = {name: [] for name in found}
        for name, event in events.items():
            for role, to in event.arguments:
                if (there := target(to, event.where)) is not None:
                    arguments[name].append(Argument(role=self._role(role, event.where), target=there))
        for where, name, columns in kinds["R"]:
            role, ends = self._relation(where, name, columns)
            first, second = (target(end, where) for end in ends)
            if first is not None and second is not None:
                arguments[first].append(Argument(role=role, target=second))
        attributes = self._attributes([*kinds["A"], *kinds["M"]], target)
        for there, said in self._values(kinds["#"], target).items():
            attributes[there] = {**attributes.get(there, {}), **said}
        norms = self._norms(kinds["N"], kinds["#"], target)
        return [
            (
                layer,
                span.model_copy(
                    update={
                        "arguments": tuple(arguments[name]),
                        "attributes": attributes.get(name, {}),
                        "norm": norms.get(name),
                    }
                ),
            )
            for name, (layer, span) in found.items()
        ]

    def _say(self, where: str, message: str) -> None:
        self.remarks.append(Remark(where=where, message=message))

    def _label(self, given: str, where: str) -> tuple[str, str]:
        return checked.layer_of(self.names.label_back.get(given, given), self.scheme, where)

    def _role(self, given: str, where: str) -> str:
        if (found := self.names.role_back(given)) is None:
            raise DocumentError(
                f"{where}: role {quoted(given)} is not in the label scheme; known: {', '.join(self.names.role)}",
                hint=checked.RENAME,
            )
        return found

    def _bounds(self, lines: list[tuple[str, str, list[str]]]) -> tuple[dict[str, tuple[str, Span]], set[str]]:
        """The spans of the T lines with their layers, and the names of those that were refused."""
        found: dict[str, tuple[str, Span]] = {}
        refused: set[str] = set()
        for where, name, columns in lines:
            label, _, offsets = columns[0].partition(" ")
            pieces = [_piece(one, where) for one in offsets.split(";")]
            layer, label = self._label(label, where)
            start, end = pieces[0][0], pieces[-1][1]
            gaps = [self.content[a:b] for (_, a), (b, _) in pairwise(pieces)]
            ordered = all(a <= b for (_, a), (b, _) in pairwise(pieces))
            if not ordered or any(gap.strip() for gap in gaps):
                refused.add(name)
                self._say(where, f"{name} ({label} {offsets}) is discontiguous, and was refused")
                continue
            says = "\t".join(columns[1:]) if len(columns) > 1 and columns[1] else None
            found[name] = layer, checked.span(name, label, start, end, self.content, where, says=says)
        return found, refused

    def _event(self, where: str, name: str, columns: list[str]) -> _Event:
        pairs = [tuple(one.split(":")) for one in columns[0].split()]
        if not pairs or any(len(pair) != 2 for pair in pairs):
            raise DocumentError(
                f"{where}: event {name} is not TYPE:TRIGGER ROLE:ARGUMENT …: {quoted(columns[0])}",
                hint="mend the line, or take it out of the file",
            )
        (label, trigger), *arguments = [(pair[0], pair[1]) for pair in pairs]
        _, label = self._label(label, where)
        return _Event(label, trigger, arguments, where)

    def _relation(self, where: str, name: str, columns: list[str]) -> tuple[str, tuple[str, str]]:
        parts = columns[0].split()
        ends = [part.partition(":")[2] for part in parts[1:]]
        if len(ends) != 2 or not all(ends):
            raise DocumentError(
                f"{where}: relation {name} is not TYPE Arg1:ID Arg2:ID: {quoted(columns[0])}",
                hint="mend the line, or take it out of the file",
            )
        return self._role(parts[0], where), (ends[0], ends[1])

    def _attributes(
        self, lines: list[tuple[str, str, list[str]]], target: _Target
    ) -> dict[str, dict[str, AttributeValue]]:
        found: dict[str, dict[str, AttributeValue]] = {}
        for where, name, columns in lines:
            parts = columns[0].split()
            if len(parts) not in (2, 3):
                raise DocumentError(
                    f"{where}: attribute {name} is not NAME ID [VALUE]: {quoted(columns[0])}",
                    hint="mend the line, or take it out of the file",
                )
            attribute = self.names.attribute_back.get(parts[0])
            if len(parts) == 2:
                self._say(where, f"{parts[0]} has no value, which an attribute of ours has, and was left out")
                continue
            if attribute is None:
                raise DocumentError(
                    f"{where}: attribute {quoted(parts[0])} is not in the label scheme; "
                    f"known: {', '.join(self.names.attribute) or 'none'}",
                    hint=checked.RENAME,
                )
            if (there := target(parts[1], where)) is None:
                continue
            value = self.names.value_back[attribute].get(parts[2], parts[2])
            of = found.setdefault(there, {})
            before = of.get(attribute, ())
            of[attribute] = (*map(str, values_of(before)), value) if before else value
        return found

    def _norms(
        self,
        references: list[tuple[str, str, list[str]]],
        notes: list[tuple[str, str, list[str]]],
        target: _Target,
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for where, name, columns in references:
            parts = columns[0].split()
            if len(parts) != 3 or len(columns) < 2:
                raise DocumentError(
                    f"{where}: {name} is not Reference ID DATABASE:ENTRY and a text",
                    hint="mend the line, or take it out of the file",
                )
            if (there := target(parts[1], where)) is not None:
                found[there] = columns[1]
        for where, _, columns in notes:
            parts, said = columns[0].split(), "\t".join(columns[1:])
            if len(parts) == 2 and said.startswith(NORM):
                if (there := target(parts[1], where)) is not None:
                    found[there] = _plain(said.removeprefix(NORM))
            elif not said.startswith(VALUE):
                self._say(where, f"a note was left out: {quoted(said)}")
        return found

    def _values(self, notes: list[tuple[str, str, list[str]]], target: _Target) -> dict[str, dict[str, AttributeValue]]:
        """The texts and numbers that notes say of spans."""
        found: dict[str, dict[str, AttributeValue]] = {}
        for where, _, columns in notes:
            parts, said = columns[0].split(), "\t".join(columns[1:])
            if not said.startswith(VALUE):
                continue
            try:
                read = _Said.model_validate_json(said.removeprefix(VALUE))
            except ValidationError:
                self._say(where, f"a note was left out: {quoted(said)}")
                continue
            attribute, value = read.root
            if attribute not in self.names.attribute:
                raise DocumentError(
                    f"{where}: attribute {quoted(attribute)} is not in the label scheme; "
                    f"known: {', '.join(self.names.attribute) or 'none'}",
                    hint=checked.RENAME,
                )
            if len(parts) == 2 and (there := target(parts[1], where)) is not None:
                found.setdefault(there, {})[attribute] = value
        return found


def _piece(given: str, where: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,12}) ([0-9]{1,12})", given)
    if found is None:
        raise DocumentError(
            f"{where}: {quoted(given)} is not START END",
            hint="offsets are two numbers with a blank between them, and a semicolon before the next two",
        )
    return int(found[1]), int(found[2])


def _escaped(norm: str) -> str:
    """The text on one line."""
    return norm.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _plain(given: str) -> str:
    known: Mapping[str, str] = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[1]), given)


def _texts(path: Path) -> list[Path]:
    """The text files that are meant, in order; one that only has notes is not there.

    Raises:
        DocumentError: there is none.
    """
    if path.is_dir():
        found = sorted({*path.rglob("*.txt"), *(one.with_suffix(".txt") for one in path.rglob("*.ann"))})
    else:
        found = [path.with_suffix(".txt")]
    if not found:
        raise DocumentError(f"{path} holds no .txt file", hint="brat has a .txt and an .ann file a document")
    return found
