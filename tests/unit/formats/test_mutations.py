"""Changed files of every format are read or refused by name; `make torture` tries many more."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import mutations
import pytest
from annotation_sets import SCHEME

from workbench import formats
from workbench.errors import DocumentError
from workbench.formats import docbin

RUNS = 40


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return mutations.seeds(tmp_path_factory.mktemp("seeds"))


def test_every_format_that_is_read_is_tried(seeds: dict[str, Path]) -> None:
    written_only = {
        *("conllu", "web-annotation", "gliner", "gliner2"),
        *("events-csv", "events-parquet", "stances-csv", "stances-parquet"),
    }
    assert {name.split()[0] for name in seeds} == formats.BUILT_IN.keys() - written_only


@pytest.mark.filterwarnings("error")
def test_changed_files_are_read_or_refused_by_name(seeds: dict[str, Path]) -> None:
    for name, path in seeds.items():
        counts = mutations.try_format(name, path, RUNS)
        assert counts["refused"]
        assert counts["read"] or name in ("spacy", "huggingface")


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux tells the most memory since a moment"
)
def test_a_file_that_takes_too_much_memory_is_named(seeds: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object) -> Iterator[str]:
        yield f"{len(bytearray(mutations.MEMORY + (1 << 24)))} bytes"

    monkeypatch.setattr(mutations, "outcome", greedy)
    with pytest.raises(AssertionError, match=r"jsonl, seed 0: took \d+ MB"):
        mutations.try_format("jsonl", seeds["jsonl"], 1)
    assert mutations.highest() - mutations.resident() > mutations.MEMORY


def test_changed_label_configs_are_read_or_refused() -> None:
    assert mutations.try_config(RUNS).keys() == {"read", "refused"}


@pytest.mark.parametrize(("magic", "kind"), [(b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2")])
def test_packed_files_are_refused_by_name(seeds: dict[str, Path], tmp_path: Path, magic: bytes, kind: str) -> None:
    for name, seed in seeds.items():
        if seed.is_dir():
            continue
        path = tmp_path / f"packed{seed.suffix}"
        path.write_bytes(magic + b"\x08\x00" * 40)
        form = formats.choose(formats.registry(), name.split()[0])
        with pytest.raises(DocumentError, match=f"is packed with {kind}"):
            list(form.read(path, SCHEME))


def test_a_bomb_is_refused_by_its_real_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docbin, "LARGEST_UNPACKED", 1 << 25)
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(64)) + packer.flush()
    assert len(bomb) < 100_000
    (tmp_path / "bomb.spacy").write_bytes(bomb)
    with pytest.raises(DocumentError, match=r"has more than 33,554,432 bytes when it is decompressed"):
        list(docbin.DocBinFormat().read(tmp_path / "bomb.spacy", SCHEME))


def test_a_line_and_a_file_have_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.foreign.reading.LARGEST", 1000)
    (tmp_path / "long.jsonl").write_bytes(b"x" * 1001)
    (tmp_path / "long.json").write_bytes(b'[{"data": {"text": "' + b"x" * 3_000_000)
    (tmp_path / "long.txt").write_bytes(b"x" * 1001)
    (tmp_path / "long.ann").write_bytes(b"")
    known = formats.registry()
    for name, file in (("jsonl", "long.jsonl"), ("prodigy", "long.jsonl"), ("brat", "long.ann")):
        with pytest.raises(DocumentError, match="1,000 bytes"):
            list(known[name].read(tmp_path / file, SCHEME))
    with pytest.raises(DocumentError, match="longer than 1,000 characters"):
        list(known["label-studio"].read(tmp_path / "long.json", SCHEME))
