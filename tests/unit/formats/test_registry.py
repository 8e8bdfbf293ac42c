import tomllib
from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench import formats
from workbench.core.annotations import AnnotatedArticle
from workbench.errors import FormatError

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
