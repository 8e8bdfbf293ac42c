"""A DocBin as spaCy lays it out, packed from tokens and offsets without a Span, or a look at each token in Python.

The file is a msgpack map under zlib: the attributes of all tokens as one array, and lists with an entry a Doc. spaCy packs
the same with `DocBin.add`, in twice the time: it looks up nine strings a token, and asks the installed packages for
encoders whenever a group is packed.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, DocBin

from workbench.pipeline.alignment import Placed

_ATTRS = cast("list[int | str]", cast(Any, DocBin()).attrs)
_COLUMN: dict[str, int] = {
    name: _ATTRS.index(number) for name, number in import_module("spacy.attrs").IDS.items() if number in _ATTRS
}
_OUTSIDE, _BEGINS, _INSIDE = 2, 3, 1
_LEVEL = 3
"""Of compression: half the time of the usual 6, and a file that is a twelfth larger."""
_SPAN = struct.Struct(">QQQllll")
_BIN32, _ARRAY32 = struct.Struct(">BI"), struct.Struct(">BI")


class PackedDoc(NamedTuple):
    """What a DocBin holds of a Doc. `strings` are those whose numbers it has."""

    tokens: NDArray[np.uint64]
    spaces: NDArray[np.bool_]
    cats: dict[str, float]
    groups: bytes
    user_data: bytes
    strings: set[str]

    @property
    def size(self) -> int:
        """About how many bytes it takes in a file before that is compressed."""
        return self.tokens.nbytes + self.spaces.nbytes + len(self.groups) + len(self.user_data)


def packed(
    doc: Doc,
    groups: Mapping[str, Sequence[Placed]],
    attrs: Mapping[str, Mapping[str, Any]],
    ents: Iterable[Placed],
    *,
    cats: dict[str, float],
    user_data: Mapping[str, str],
) -> PackedDoc:
    """The Doc, with these span groups with their `attrs`, and entities, which may not overlap, packed."""
    number = doc.vocab.strings.__getitem__
    tokens = cast("NDArray[np.uint64]", doc.to_array(_ATTRS).reshape(len(doc), len(_ATTRS)))
    tokens[:, _COLUMN["ENT_IOB"]] = _OUTSIDE
    for one in ents:
        inside = slice(one.first, one.last)
        tokens[inside, _COLUMN["ENT_IOB"]] = _INSIDE
        tokens[one.first, _COLUMN["ENT_IOB"]] = _BEGINS
        tokens[inside, _COLUMN["ENT_TYPE"]] = number(one.span.label)
        tokens[inside, _COLUMN["ENT_ID"]] = number(one.span.id)
    several: dict[bytes, list[str]] = {}
    texts = doc.vocab.strings
    strings = {texts[number] for number in set(tokens[:, [_COLUMN["ORTH"], _COLUMN["NORM"]]].ravel().tolist())} | {""}
    for name, placed in groups.items():
        spans = [
            _SPAN.pack(number(one.span.id), 0, number(one.span.label), one.first, one.last, *one.taken)
            for one in placed
        ]
        several.setdefault(_pack({"name": name, "attrs": attrs[name], "spans": spans}), []).append(name)
        strings.update(one.span.id for one in placed)
        strings.update(one.span.label for one in placed)
    spaces = doc.to_array("SPACY").astype(bool)
    return PackedDoc(tokens, spaces, cats, _pack(several), _pack(user_data), strings)


class DocBinFile:
    """Packed Docs that become a file."""

    def __init__(self) -> None:
        self._docs: list[PackedDoc] = []
        self._strings: set[str] = set()
        self.size = 0
        """About how many bytes the file has before it is compressed."""

    def add(self, doc: PackedDoc) -> None:
        """Takes one more."""
        self._strings |= doc.strings
        self._docs.append(doc._replace(strings=set()))
        self.size += doc.size

    def write(self, path: Path) -> None:
        """Writes what `DocBin().from_disk` reads."""
        docs = self._docs
        lengths = np.asarray([len(one.tokens) for one in docs], dtype="int32")
        packer = zlib.compressobj(_LEVEL)
        with path.open("wb") as file:

            def put(piece: bytes | memoryview) -> None:
                file.write(packer.compress(piece))

            put(bytes([0x80 + 10]))  # a map of ten
            put(_pack("version") + _pack("0.1") + _pack("attrs") + _pack(_ATTRS))
            put(_pack("tokens") + _BIN32.pack(0xC6, sum(one.tokens.nbytes for one in docs)))
            for one in docs:
                put(np.ascontiguousarray(one.tokens).data.cast("B"))
            put(_pack("spaces") + _BIN32.pack(0xC6, sum(one.spaces.nbytes for one in docs)))
            for one in docs:
                put(one.spaces.tobytes())
            put(_pack("lengths") + _pack(lengths.tobytes()))
            put(_pack("strings") + _pack(sorted(self._strings)))
            for name, values in (
                ("cats", (_pack(one.cats) for one in docs)),
                ("flags", (_pack({"has_unknown_spaces": False}) for _ in docs)),
                ("span_groups", (_pack(one.groups) for one in docs)),
                ("user_data", (_pack(one.user_data) for one in docs)),
            ):
                put(_pack(name) + _ARRAY32.pack(0xDD, len(docs)))
                for value in values:
                    put(value)
            file.write(packer.flush())


_pack = import_module("srsly.msgpack").Packer(use_bin_type=True).pack
