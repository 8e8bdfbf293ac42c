"""Files of every format with bytes changed by a seed: each is read, or refused with an error that names it.

`python -m mutations --runs 10000` (in tests/; `make torture` does it) tries so many of each format and of the label config.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import srsly
from annotation_sets import SCHEME
from format_cases import one_article
from pyarrow import parquet

from workbench import formats
from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import ByDocument, Format, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError, SchemeError, WorkbenchError

DATA = Path(__file__).parent / "data"
SECONDS = 10.0
"""How many seconds of the processor the reading of one of these small files takes at the most."""
MEMORY = 1 << 28
"""How many bytes the reading of one of these small files takes at the most, and how many all of them may leave behind."""
_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
TOKENS = [
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n", b"\t", b'"', b"{", b"}", b"[", b"]", b"null", b"true", b"-1", b"1e999",
    b"99999999999999999999", b"0", b"<", b">", b"&lol;", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"\\ud800", b"\xf0\x9f\x98\x80",
    b"[" * 300, b"{\"a\":" * 300, b"NaN", b"../../x", b";", b"|", b":", b"T1", b"E1", b"R1", b"B-", b"I-X", b"\xe2\x80\xa8",
    b"PK\x03\x04", b"\x1f\x8b",
]  # fmt: skip
OTHERS = {
    "doccano": '{"id": 1, "text": "Oslo met Minsk.", "entities": [{"id": 1, "label": "GPE", "start_offset": 0, '
    '"end_offset": 4}, {"id": 2, "label": "CONSULT", "start_offset": 5, "end_offset": 8}], "relations": '
    '[{"id": 1, "from_id": 2, "to_id": 1, "type": "actor"}], "Comments": []}\n'
    '{"text": "Oslo", "label": [[0, 4, "GPE"]]}\n',
    "argilla": '[{"id": "1", "fields": {"text": "Oslo met."}, "metadata": {"a": 1}, "responses": {"spans": [{"value": '
    '[{"start": 0, "end": 4, "label": "GPE"}], "user_id": "u", "status": "submitted"}]}, "suggestions": {}}]',
}
"""Files of formats that are read alone."""


def seeds(folder: Path) -> dict[str, Path]:
    """A file or folder of each format that is read."""
    one = one_article(
        "👩‍👩‍👧 Oslo met Minsk.\nBern praised Lima.",
        ("GPE", "Oslo"),
        ("GPE", "Minsk"),
        ("CONSULT", "met"),
        ("GPE", "Bern"),
        ("SUPPORT", "praised"),
        ("FOR", "praised"),
        roles=((2, "actor", 0), (2, "recipient", 1), (4, "actor", 3), (5, "holder", 3)),
    )
    found: dict[str, Path] = {}
    for name, form in formats.registry().items():
        inside = folder / name
        inside.mkdir()
        if name in OTHERS:
            found[name] = inside / "f.jsonl"
            found[name].write_text(OTHERS[name], encoding="utf-8")
            continue
        report = form.write([one, one_article("Rome slept.", ("GPE", "Rome"))], inside, "f", SCHEME)
        path = inside / report.files[0]
        try:
            list(form.read(path, SCHEME))
        except FormatError:
            continue
        found[name] = path
    for name in ("export", "export-min"):
        found[f"label-studio {name}"] = folder / f"{name}.json"
        found[f"label-studio {name}"].write_bytes((DATA / "label-studio" / f"{name}.json").read_bytes())
    found["webanno inception"] = folder / "inception.tsv"
    found["webanno inception"].write_bytes((DATA / "inception.tsv").read_bytes())
    return found


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with one to four changes."""
    body = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(7):
            case 0 if body:
                body[min(at, len(body) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del body[at : at + chance.choice((1, 2, 8, 64))]
            case 2:
                body[at:at] = chance.choice(TOKENS)
            case 3:
                body[at : at + chance.choice((1, 4, 16))] = chance.choice(TOKENS)
            case 4:
                body[at:at] = body[at : at + chance.choice((4, 32, 256))] * chance.choice((1, 2, 20))
            case 5:
                del body[at:]
            case _:
                other = chance.randrange(len(body) + 1)
                length = chance.choice((1, 8, 40))
                body[at : at + length], body[other : other + length] = (
                    body[other : other + length],
                    body[at : at + length],
                )
    return bytes(body)


def _changed(content: bytes, file: Path, chance: random.Random) -> bytes:
    """The content of the file with changes; those of a DocBin and of Parquet are mostly in what they pack."""
    how = chance.random()
    if file.suffix == ".spacy" and how < 0.5:
        return _changed_docs(content, chance)
    if file.suffix == ".spacy" and how < 0.9:
        return zlib.compress(mutated(zlib.decompress(content), chance))
    if file.suffix == ".parquet" and how < 0.7:
        return _changed_rows(content, chance)
    return mutated(content, chance)


def _changed_docs(content: bytes, chance: random.Random) -> bytes:
    """A DocBin with changes in the bytes of one of its fields, and the frame around it as it was."""
    packed = cast("dict[str, Any]", srsly.msgpack_loads(zlib.decompress(content)))
    name = chance.choice(("tokens", "spaces", "lengths", "strings", "span_groups", "user_data", "cats", "attrs"))
    field = packed[name]
    if isinstance(field, bytes):
        packed[name] = mutated(field, chance)
    elif name in ("span_groups", "user_data"):
        at = chance.randrange(len(field))
        field[at] = mutated(field[at], chance)
    elif name == "strings":
        at = chance.randrange(len(field))
        field[at] = mutated(field[at].encode(), chance).decode("utf-8", "replace")
    elif name == "cats":
        field[chance.randrange(len(field))] = chance.choice(({}, {"a": 1.0}, {"relevance=relevant": None}, [], 3, "x"))
    else:
        field[chance.randrange(len(field))] = chance.choice((0, 1, 65, 99999, "ORTH", None))
    return zlib.compress(srsly.msgpack_dumps(packed))


def _changed_rows(content: bytes, chance: random.Random) -> bytes:
    """Parquet of the same schema, with one to four values changed."""
    table = parquet.read_table(pa.BufferReader(content))
    rows = table.to_pylist()
    for _ in range(chance.randint(1, 4)):
        at: Any = chance.choice(rows)
        while at:
            key: Any = chance.choice([*at]) if isinstance(at, dict) else chance.randrange(len(at))
            if not isinstance(at[key], dict | list) or not at[key] or chance.random() < 0.1:
                at[key] = _other(at[key], chance)
                break
            at = at[key]
    to = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(rows, schema=table.schema), to)
    return to.getvalue().to_pybytes()


def _other(value: Any, chance: random.Random) -> Any:
    """Another value of the same type, or none."""
    if isinstance(value, str) and chance.random() < 0.9:
        return mutated(value.encode(), chance).decode("utf-8", "replace")
    if isinstance(value, int | float) and chance.random() < 0.9:
        return type(value)(chance.choice((-1, 0, 1, value + 1, 2**31, 10**15)))
    return None


def outcome(form: Format, path: Path) -> Iterator[str]:
    """What became of each document of the file: "read", "remark" or "refused".

    Raises:
        AssertionError: an error does not name the file.
    """
    try:
        several = form.documents(path, SCHEME) if isinstance(form, ByDocument) else [("", form.read(path, SCHEME))]
        for _, reading in several:
            try:
                for one in reading:
                    assert isinstance(one, AnnotatedArticle | Remark)
                    yield "read" if isinstance(one, AnnotatedArticle) else "remark"
            except WorkbenchError as error:
                yield _refused(error, path)
    except WorkbenchError as error:
        yield _refused(error, path)


def _refused(error: WorkbenchError, path: Path) -> str:
    if path.name not in error.message:
        raise AssertionError(f"the error does not name {path.name}: {error.message}")
    return "refused"


def resident() -> int:
    """How many bytes the process holds; where the system doesn't tell that, how many it held at the most."""
    return _memory("VmRSS")


def highest() -> int:
    """How many bytes it held at the most since `forget_highest`; where the system can't forget, since it began."""
    return _memory("VmHWM")


def forget_highest() -> None:
    """Begins anew to look for the highest; without Linux's /proc nothing happens."""
    try:
        _FORGET.write_text("5")
    except OSError:
        return


def _memory(key: str) -> int:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:"))


def try_format(name: str, path: Path, runs: int, first: int = 0) -> Counter[str]:
    """What became of so many changed files.

    Raises:
        AssertionError: one led to another error than a typed one that names the file, or took too long or too much memory.
    """
    form = formats.choose(formats.registry(), name.split()[0])
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    whole = {one: one.read_bytes() for one in files}
    counts: Counter[str] = Counter()
    for seed in range(first, first + runs):
        chance = random.Random(f"{name} {seed}")
        file = chance.choice(files)
        file.write_bytes(_changed(whole[file], file, chance))
        forget_highest()
        held, began = resident(), time.process_time()
        try:
            counts.update(outcome(form, path))
        except Exception as error:
            raise AssertionError(f"{name}, seed {seed}: {type(error).__name__}: {error}") from error
        assert time.process_time() - began < SECONDS, f"{name}, seed {seed}: took too long"
        assert (took := highest() - held) < MEMORY, f"{name}, seed {seed}: took {took / 1e6:,.0f} MB"
        file.write_bytes(whole[file])
    return counts


def try_config(runs: int, first: int = 0) -> Counter[str]:
    """What became of so many changed label configs.

    Raises:
        AssertionError: one led to another error than a typed one.
    """
    texts = [(Path(__file__).parents[1] / "label_config.xml").read_bytes(), (DATA / "ward.xml").read_bytes()]
    counts: Counter[str] = Counter()
    for seed in range(first, first + runs):
        chance = random.Random(f"config {seed}")
        xml = mutated(chance.choice(texts), chance).decode("utf-8", "replace")
        try:
            LabelScheme.from_xml(xml)
            counts["read"] += 1
        except SchemeError:
            counts["refused"] += 1
        except Exception as error:
            raise AssertionError(f"label config, seed {seed}: {type(error).__name__}: {error}") from error
    return counts


def main() -> None:
    """Tries every format, and says what became of the files."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=10_000)
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--format", default="")
    given = arguments.parse_args()
    failed: list[str] = []
    first = 0
    with tempfile.TemporaryDirectory() as name:
        tries: dict[str, Callable[[], Counter[str]]] = {
            one: lambda one=one, path=path: try_format(one, path, given.runs, given.first)
            for one, path in seeds(Path(name)).items()
        }
        tries["label config"] = lambda: try_config(given.runs, given.first)
        for one, run in tries.items():
            if given.format in one:
                began, held = time.monotonic(), resident()
                first = first or held
                try:
                    told = ", ".join(f"{number} {what}" for what, number in sorted(run().items()))
                except AssertionError as error:
                    traceback.print_exception(error)
                    failed.append(one)
                    continue
                more = f"{(resident() - held) / 1e6:+.0f} MB"
                print(f"{one}: {given.runs} files: {told} ({time.monotonic() - began:.0f} s, {more})", flush=True)
    grown = resident() - first
    print(
        f"memory: {grown / 1e6:+.0f} MB after all of them (at most {MEMORY / 1e6:.0f} MB, and as much while a file is read)"
    )
    if failed:
        print(f"failed: {', '.join(failed)}")
    sys.exit(bool(failed) or grown > MEMORY)


if __name__ == "__main__":
    main()
