"""The article that the lines of WebAnno TSV tell, and what of them is left out."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, cast

from workbench.core.annotations import Argument, AttributeValue, Producer, Span
from workbench.core.counted import counted
from workbench.core.ports import Reading, Remark
from workbench.core.scheme import Attribute, LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError
from workbench.foreign import checked, reading
from workbench.formats.webanno_writing import FORMAT
from workbench.formats.xmi import CUSTOM, features, layer_types

_UNIT = re.compile(r"(\d{1,7})-(\d{1,7})(?:\.(\d{1,5}))?")
_VALUE = re.compile(r"((?:\\.|[^\\\[\]])*)(?:\[(\d{1,9})\])?", re.DOTALL)
_TARGET = re.compile(r"(\d{1,7}-\d{1,7}(?:\.\d{1,5})?)(?:\[(\d{1,9})\])?")
_SOURCE = re.compile(r"(\d{1,7}-\d{1,7}(?:\.\d{1,5})?)(?:\[(\d{1,9})_(\d{1,9})\])?")
_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
SPAN, CHAIN, RELATION = "span", "chain", "relation"
ANY = ("uima.tcas.Annotation", "uima.cas.TOP")
_WIDEST_GAP = 100_000


@dataclass
class _Layer:
    """A type of the header with its columns; a relation has a source in the place of slots."""

    type: str
    layer: str | None
    columns: list[str]
    kind: str

    @property
    def width(self) -> int:
        """How many columns a line has for it: one at least, and beside the source of a relation another."""
        return max(2 if self.kind == RELATION else 1, len(self.columns))


@dataclass
class _Mark:
    """An annotation as its lines tell it."""

    layer: _Layer
    values: dict[str, str | None]
    where: str
    units: list[str] = field(default_factory=list[str])
    slots: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    target_type: str = ""


class _Relation(NamedTuple):
    """A relation as its line tells it: each end as a unit and a number, which is empty where nothing else begins there."""

    where: str
    layer: _Layer
    label: str | None
    source: tuple[str, str]
    target: tuple[str, str]


@dataclass
class Reader:
    """One file."""

    path: Path
    scheme: LabelScheme
    given: Mapping[str, str]
    layers: list[_Layer] = field(default_factory=list[_Layer])
    units: dict[str, tuple[int, int, str, str]] = field(default_factory=dict[str, tuple[int, int, str, str]])
    marks: dict[tuple[int, str], _Mark] = field(default_factory=dict[tuple[int, str], _Mark])
    relations: list["_Relation"] = field(default_factory=list["_Relation"])
    text: list[str] = field(default_factory=list[str])
    length: int = 0
    empty: set[str] = field(default_factory=set[str])
    said: list[Remark] = field(default_factory=list[Remark])

    def read(self) -> Reading:
        """The article of the file.

        Raises:
            DocumentError: a line is malformed or does not fit.
        """
        self._lines()
        if not self.units:
            yield Remark(where=str(self.path), message="has no tokens", left_out=True)
            return
        for one in self.layers:
            if one.layer is None and one.kind != RELATION and one.type != _ENTITY:
                what = "chain" if one.kind == CHAIN else "type"
                self._say(str(self.path), f"the {what} {one.type} is no layer, and was left out")
        content = "".join(self.text)
        back = _code_points(content)
        for begin, stop, token, where in self.units.values():
            a, b = back(begin), back(stop)
            if a is None or b is None or content[a:b] not in (token, _plain(token)):
                raise DocumentError(
                    f"{where}: {quoted(token)} does not stand at {begin}-{stop}", hint="offsets count UTF-16 code units"
                )
        self._leave_out_empty()
        arguments: dict[str, list[Argument]] = {}
        names = {key: f"w{number}" for number, key in enumerate(self.marks, start=1)}
        begins = _Begins()
        for key, mark in self.marks.items():
            begins.add(mark, key[1].partition("#")[0], names[key])
        for key, mark in self.marks.items():
            for role, unit, number in mark.slots:
                if unit in self.empty:
                    self._say(mark.where, f"a slot points to {unit}, which has no length, and was left out")
                    continue
                if unit not in self.units:
                    raise DocumentError(f"{mark.where}: a slot points to {unit}, which is no token of the file")
                target = begins.find(unit, number, mark.target_type)
                if target is None or role == "*":
                    why = "has no role" if role == "*" else "is filled by no annotation of a layer"
                    self._say(mark.where, f"a slot that points to {unit} {why}, and was left out")
                    continue
                arguments.setdefault(names[key], []).append(
                    Argument(role=self._role(_plain(role), mark.where), target=target)
                )
        no_roles: Counter[tuple[str, str]] = Counter()
        first: dict[tuple[str, str], str] = {}
        for one in self.relations:
            base = one.layer.columns[-1].removeprefix("BT_")
            head, filler = begins.find(*one.source, base), begins.find(*one.target, base)
            role = self.scheme.role_now.get(one.label or "", one.label or "")
            if role not in self.scheme.role_by_name or head is None or filler is None:
                kind = one.layer.type, quoted(one.label) if one.label else "without a label"
                no_roles[kind] += 1
                first.setdefault(kind, one.where)
            else:
                arguments.setdefault(head, []).append(Argument(role=role, target=filler))
        for (name, label), number in no_roles.items():
            several = f"{number} relations" if number > 1 else "the relation"
            message = f"{several} {label} of the type {name} " + ("are" if number > 1 else "is")
            self._say(first[name, label], f"{message} no role between spans: left out")
        spans = [
            self._span(mark, names[key], tuple(arguments.get(names[key], ())), content, back)
            for key, mark in self.marks.items()
        ]
        article = checked.article(content, name=self.path.stem, source=self.path.name)
        folders = self.path.parts[-3:-1]
        named = len(folders) == 2 and folders[0] in ("annotation", "curation")
        producer = Producer(kind="person", name=self.path.stem if named else "")
        yield from self.said
        yield from checked.annotated(article, spans, self.scheme, str(self.path), producer=producer)

    def _say(self, where: str, message: str) -> None:
        self.said.append(Remark(where=where, message=message))

    def _leave_out_empty(self) -> None:
        """Leaves out the annotations that mark a place between two characters."""
        for key, mark in [*self.marks.items()]:
            begin, stop = self.units[mark.units[0]][0], self.units[mark.units[-1]][1]
            if begin == stop:
                self._say(mark.where, f"an annotation of the type {mark.layer.type} has no length, and was left out")
                self.empty.update(mark.units)
                del self.marks[key]

    def _lines(self) -> None:
        sentence: list[str] = []
        fresh = False
        for number, (where, line) in enumerate(reading.lines(self.path)):
            if number == 0:
                if not line.startswith(FORMAT):
                    raise DocumentError(
                        f"{where}: no WebAnno TSV 3: {quoted(line)}", hint="export it as WebAnno TSV v3.3"
                    )
            elif line.startswith("#Text="):
                sentence = [*sentence, line[6:]] if fresh else [line[6:]]
                fresh = True
            elif line.startswith(("#T_SP=", "#T_RL=", "#T_CH=")):
                self._header(line, where)
            elif line and not line.startswith("#"):
                columns = line.split("\t")
                if fresh:
                    self._sentence(_plain("\n".join(sentence)), columns, where)
                    fresh = False
                self._row(columns, where)

    def _header(self, line: str, where: str) -> None:
        name, *columns = line[6:].split("|")
        if line.startswith("#T_CH="):
            self.layers.append(_Layer(name, None, columns, CHAIN))
            return
        short = name.rpartition(".")[2]
        layer = next((self.given[one] for one in (name, short) if one in self.given), None)
        if layer and layer not in self.scheme.layer_by_name:
            raise DocumentError(
                f"{where}: the type {name} cannot be the layer {layer!r}, which the scheme lacks",
                hint=f"layers: {', '.join(self.scheme.layer_by_name)}",
            )
        known = {called.lower(): own for own, called in layer_types(self.scheme).items()}
        known |= {f"{CUSTOM}{own}".lower(): own for own in self.scheme.layer_by_name}
        if layer is None:
            layer = known.get(name.lower())
        self.layers.append(_Layer(name, layer or None, columns, RELATION if line.startswith("#T_RL=") else SPAN))

    def _sentence(self, content: str, columns: list[str], where: str) -> None:
        """Puts the sentence where its first token says."""
        begin, _, token = self._unit(columns, where)
        lead = content.find(token if token in content else _plain(token))
        if lead < 0:
            raise DocumentError(f"{where}: the token {quoted(token)} is not in its sentence {quoted(content)}")
        gap = begin - _length16(content[:lead]) - self.length
        if not 0 <= gap <= _WIDEST_GAP:
            raise DocumentError(
                f"{where}: the sentence begins at {begin}, and the text before it ends at {self.length}"
            )
        self.text += [" " * gap, content]
        self.length += gap + _length16(content)

    def _unit(self, columns: list[str], where: str) -> tuple[int, int, str]:
        bounds = re.fullmatch(r"(\d{1,9})-(\d{1,9})", columns[1]) if len(columns) > 2 else None
        if not _UNIT.fullmatch(columns[0]) or bounds is None:
            raise DocumentError(f"{where}: no line of a token: {quoted(' '.join(columns))}")
        return int(bounds[1]), int(bounds[2]), columns[2]

    def _row(self, columns: list[str], where: str) -> None:
        unit = columns[0]
        begin, end, token = self._unit(columns, where)
        if unit in self.units:
            raise DocumentError(f"{where}: a second line is called {unit}")
        self.units[unit] = begin, end, token, where
        place = 3
        for number, layer in enumerate(self.layers):
            own = columns[place : place + layer.width]
            place += layer.width
            if len(own) < layer.width:
                raise DocumentError(f"{where}: has {len(columns)} columns, fewer than the header says")
            if layer.kind == RELATION:
                self._relation(layer, own, unit, where)
            elif layer.kind == SPAN and (layer.layer is not None or layer.type == _ENTITY) and {*own} != {"_"}:
                self._mark(number, layer, own, unit, where)

    def _mark(self, number: int, layer: _Layer, cells: list[str], unit: str, where: str) -> None:
        several = [_parts(cell, "|") for cell in cells]
        for place in range(max(len(cell) for cell in several)):
            values: dict[str, str | None] = {}
            slots: tuple[str, str] | None = None
            name = ""
            for column, (called, cell) in enumerate(zip(layer.columns, several, strict=True)):
                if place >= len(cell):
                    raise DocumentError(f"{where}: the column {called!r} has fewer annotations than the first one")
                if column and layer.columns[column - 1].startswith("ROLE_"):
                    continue
                found = _VALUE.fullmatch(cell[place])
                if found is None:
                    raise DocumentError(f"{where}: {quoted(cell[place])} is no value with its number")
                name = name or found[2] or ""
                if called.startswith("ROLE_"):
                    slots = (
                        found[1],
                        several[column + 1][place]
                        if len(several) > column + 1 and place < len(several[column + 1])
                        else "",
                    )
                else:
                    values[called] = None if found[1] in ("*", "_") else _plain(found[1])
            key = number, name or f"#{unit} {place}"
            mark = self.marks.get(key)
            if mark is None:
                mark = self.marks[key] = _Mark(layer, values, where)
                if slots and slots[0] != "_" and slots != ("*", "*"):
                    roles = _parts(slots[0], ";")
                    targets = _TARGET.findall(slots[1])
                    if len(roles) != len(targets):
                        raise DocumentError(
                            f"{where}: {counted(len(roles), 'roles')}, but {counted(len(targets), 'tokens')} that fill them"
                        )
                    mark.slots = [(role, *target) for role, target in zip(roles, targets, strict=True)]
                    mark.target_type = next(
                        (layer.columns[at + 1] for at, one in enumerate(layer.columns[:-1]) if one.startswith("ROLE_")),
                        "",
                    )
            mark.units.append(unit)

    def _relation(self, layer: _Layer, cells: list[str], unit: str, where: str) -> None:
        if not layer.columns or not layer.columns[-1].startswith("BT_"):
            raise DocumentError(f"{where}: the header does not say what the relation {layer.type} is between")
        if cells[-1] == "_":
            return
        features = layer.columns[:-1]
        column = next((features.index(one) for one in ("label", "role", "value") if one in features), 0)
        labels, sources = _parts(cells[column], "|"), _parts(cells[-1], "|")
        if len(labels) != len(sources):
            raise DocumentError(f"{where}: {len(labels)} relations of {layer.type}, but {len(sources)} sources")
        for label, source in zip(labels, sources, strict=True):
            value, found = _VALUE.fullmatch(label), _SOURCE.fullmatch(source)
            if value is None or found is None:
                raise DocumentError(f"{where}: {quoted(label)} from {quoted(source)} is no relation")
            one, other = (number if number not in (None, "0") else "" for number in (found[2], found[3]))
            says = None if value[1] in ("*", "_") else _plain(value[1])
            self.relations.append(_Relation(where, layer, says, (found[1], one), (unit, other)))

    def _role(self, given: str, where: str) -> str:
        role = self.scheme.role_now.get(given, given)
        if role not in self.scheme.role_by_name:
            known = ", ".join(self.scheme.role_by_name)
            raise DocumentError(
                f"{where}: role {quoted(role)} is not in the label scheme; known: {known}", hint=checked.RENAME
            )
        return role

    def _span(
        self,
        mark: _Mark,
        name: str,
        arguments: tuple[Argument, ...],
        content: str,
        back: Callable[[int], int | None],
    ) -> tuple[str, Span]:
        first, last = (self.units[mark.units[place]] for place in (0, -1))
        start, end = back(first[0]), back(last[1])
        assert start is not None
        assert end is not None
        given = next((mark.values[one] for one in ("label", "value") if mark.values.get(one)), None)
        if given is None and len(mark.values) == 1:
            given = next(iter(mark.values.values()))
        if given is None:
            raise DocumentError(
                f"{mark.where}: an annotation of the type {mark.layer.type} has no label",
                hint="give it a label, or take it out",
            )
        own, label = checked.layer_of(given, self.scheme, mark.where)
        layer = mark.layer.layer or own
        if own != layer:
            raise DocumentError(
                f"{mark.where}: label {quoted(label)} is of the layer {own}, not {layer}", hint="rename it in the file"
            )
        known = {one.name: one for one in self.scheme.attributes_of(layer)}
        attributes = {
            name: _value(value, known[name], mark.where)
            for name, column in features(self.scheme, layer).items()
            if (value := mark.values.get(column)) is not None
        }
        norm = mark.values.get("norm") or mark.values.get("identifier")
        made = checked.span(name, label, start, end, content, mark.where)
        return layer, made.model_copy(update={"arguments": arguments, "attributes": attributes, "norm": norm})


class _Begins:
    """The spans by the unit that they begin at, with their number, and with their type, by which they are referred to."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], str] = {}

    def add(self, mark: _Mark, number: str, name: str) -> None:
        """Takes in a span."""
        for numbered in {number, ""}:
            for kind in (mark.layer.type, ""):
                self._found.setdefault((mark.units[0], numbered, kind), name)

    def find(self, unit: str, number: str, kind: str) -> str | None:
        """The span; by its number where it has one, which is its own in the file, else by its type."""
        return self._found.get((unit, number, "") if number or kind in ANY else (unit, "", kind))


def _plain(cell: str) -> str:
    known = {"t": "\t", "n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[1]), cell, flags=re.DOTALL)


def _parts(cell: str, sign: str) -> list[str]:
    """The pieces of a cell between signs that are not escaped."""
    return re.findall(rf"(?:\\.|[^\\{re.escape(sign)}])+", cell)


def _value(given: str, attribute: Attribute, where: str) -> AttributeValue:
    if attribute.kind in ("number", "rating"):
        try:
            return int(given) if re.fullmatch(r"-?\d{1,15}", given) else float(given)
        except ValueError as error:
            raise DocumentError(
                f"{where}: {attribute.name} is {quoted(given)}, no number", hint="write a number, or take the value out"
            ) from error
    if attribute.multiple and given.startswith("["):
        several = cast("list[object]", reading.json_value(given, f"{where}: {attribute.name}"))
        return tuple(str(one) for one in several)
    return given


def _length16(text: str) -> int:
    return len(text) + sum(ord(one) > 0xFFFF for one in text)


def _code_points(text: str) -> Callable[[int], int | None]:
    """What gives the code point that begins at an offset in UTF-16 code units; None within one, or beyond the text."""
    wide = [place + number for number, place in enumerate(p for p, one in enumerate(text) if ord(one) > 0xFFFF)]
    length = _length16(text)

    def back(offset: int) -> int | None:
        before = bisect_left(wide, offset)
        if offset > length or (before and wide[before - 1] == offset - 1):
            return None
        return offset - before

    return back
