import tomllib
from contextlib import nullcontext
from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench import formats
from workbench.core.annotations import AnnotatedArticle
from workbench.errors import DocumentError, FormatError

ROOT = Path(__file__).parents[3]


def package(folder: Path, entry: str) -> None:
    """A package as pip would have put it there, with the format that docs/formats.md shows."""
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    module = page.split("```python\n")[1].split("```")[0]
    (folder / "headlines.py").write_text(module, encoding="utf-8")
    info = folder / "headlines-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: headlines\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[workbench.formats]\n{entry}\n", encoding="utf-8")


def test_our_formats_are_the_entry_points_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][formats.ENTRY_POINTS] == formats.BUILT_IN
    assert [*formats.BUILT_IN] == [*formats.registry()]


def test_a_format_of_another_package_is_found_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "headlines = headlines:Headlines")
    monkeypatch.syspath_prepend(tmp_path)
    form = formats.choose(formats.registry(), "headlines")
    (tmp_path / "in.headlines").write_text("Oslo met Minsk.\nBern waits.\n", encoding="utf-8")
    read = [one for one in form.read(tmp_path / "in.headlines", SCHEME) if isinstance(one, AnnotatedArticle)]
    assert [one.article.text for one in read] == ["Oslo met Minsk.", "Bern waits."]
    report = form.write(read, tmp_path, "out", SCHEME)
    assert (report.articles, report.files) == (2, ("out.headlines",))
    assert (tmp_path / "out.headlines").read_text(encoding="utf-8") == "Oslo met Minsk.\nBern waits.\n"
    assert formats.by_suffix(formats.registry(), Path("x.headlines")).name == "headlines"


@pytest.mark.parametrize("entry", ["x = headlines:Nothing", "x = no_such_module:X", "x = headlines:Headlines.name"])
def test_a_format_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    package(tmp_path, entry)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FormatError, match=r"the format x .* cannot be loaded"):
        formats.registry()


def test_what_a_format_does_in_one_direction_only_is_known(tmp_path: Path) -> None:
    known = formats.registry()
    for name, form in known.items():
        only_read, only_written = name not in formats.names(known, "written"), name not in formats.names(known, "read")
        (tmp_path / name).mkdir()
        with pytest.raises(FormatError) if only_read else nullcontext():
            form.write([], tmp_path / name, "x", SCHEME)
        with pytest.raises(FormatError if only_written else DocumentError) as caught:
            list(form.read(tmp_path / "none", SCHEME))
        assert caught.value.hint or not only_written


def test_a_name_that_is_no_format_is_refused_with_those_that_are() -> None:
    with pytest.raises(FormatError, match="no format 'jsnol'; known: argilla, ") as caught:
        formats.choose(formats.registry(), "jsnol", "read", "--from")
    assert caught.value.hint == "name one of them, as in `--from jsonl`"
    assert "conllu" not in caught.value.message
