import stat
from pathlib import Path

import pytest
from unprivileged import Nobody

from workbench import settings
from workbench.errors import SchemeError, SettingsError, StoreUnavailable
from workbench.samples import shipped
from workbench.workflows.init import init, without_password

ROOT = Path(__file__).parents[3]


def test_a_new_workspace_has_settings_scheme_and_store(tmp_path: Path) -> None:
    root = tmp_path / "news room"
    report = init(root)
    assert set(report.made) == {"workbench.toml", "label_config.xml", ".gitignore"}
    assert {path.name for path in root.iterdir()} == {*report.made, "workbench.db"}
    assert (root / "label_config.xml").read_text(encoding="utf-8") == shipped.label_config()
    assert "secrets.toml" in (root / ".gitignore").read_text()


def test_the_settings_that_are_written_are_the_defaults(tmp_path: Path) -> None:
    init(tmp_path)
    assert settings.load(tmp_path, {}) == settings.Settings(root=tmp_path)
    text = (tmp_path / "workbench.toml").read_text(encoding="utf-8")
    for section, field in settings.Settings.model_fields.items():
        if isinstance(field.default, settings.BaseModel):
            assert f"[{section}]" in text
            assert [key for key in type(field.default).model_fields if f"\n{key} = " not in text] == []


def test_a_workspace_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / "workbench.toml").write_text("[label_studio]\nport = 9000\n")
    (tmp_path / "label_config.xml").unlink()
    before = (tmp_path / "workbench.db").read_bytes()
    report = init(tmp_path)
    assert report.made == ("label_config.xml",)
    assert set(report.kept) == {"workbench.toml", ".gitignore"}
    assert settings.load(tmp_path, {}).label_studio.port == 9000
    assert (tmp_path / "workbench.db").read_bytes() == before
    with pytest.raises(SettingsError, match="with another database"):
        init(tmp_path, f"sqlite:///{tmp_path}/other.db")


def test_a_workspace_with_a_label_scheme_of_ones_own(tmp_path: Path) -> None:
    config = (Path(__file__).parents[2] / "data" / "ward.xml").read_text(encoding="utf-8")
    own = tmp_path / "ward.xml"
    own.write_text("\ufeff" + config, encoding="utf-8")
    report = init(tmp_path / "ward", label_config=own)
    place = tmp_path / "ward" / "label_config.xml"
    assert "label_config.xml" in report.made
    assert place.read_text(encoding="utf-8") == config
    assert init(tmp_path / "ward", label_config=own).kept
    with pytest.raises(SettingsError, match="is there already, with another label config"):
        init(tmp_path / "ward", label_config=ROOT / "label_config.xml")
    assert place.read_text(encoding="utf-8") == config


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"no XML", b"<View/>"])
def test_a_label_scheme_that_is_none_makes_no_workspace(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "own.xml"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(SchemeError, match=r"own\.xml"):
        init(tmp_path / "new", label_config=own)
    assert not (tmp_path / "new").exists()


def test_a_password_goes_where_only_its_owner_can_read_it(tmp_path: Path, postgres_url: str) -> None:
    url = postgres_url.replace("workbench@", "workbench:s3cret%21@")
    report = init(tmp_path, url)
    assert "secrets.toml" in report.made
    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600
    for path in tmp_path.iterdir():
        if path.name != "secrets.toml":
            assert b"s3cret" not in path.read_bytes()
    assert "s3cret" not in report.database
    assert settings.load(tmp_path, {}).database_url == url
    assert not (tmp_path / "workbench.db").exists()


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("postgresql+psycopg://me:pw@host:5432/db", "postgresql+psycopg://me@host:5432/db"),
        ("postgresql+psycopg://me:p@w@host/db?sslmode=require", "postgresql+psycopg://me@host/db?sslmode=require"),
        ("postgresql+psycopg://me@host/db?password=pw", "postgresql+psycopg://me@host/db"),
        ("postgresql+psycopg://me@host/db?password=pw&x=1", "postgresql+psycopg://me@host/db?x=1"),
    ],
)
def test_passwords_are_found_in_a_url(url: str, public: str) -> None:
    assert without_password(url) == (public, url)
    assert without_password(public) == (public, "")


def test_a_database_that_does_not_answer_leaves_no_half_workspace(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="does not answer") as caught:
        init(tmp_path / "ws", "postgresql+psycopg://me:pw@127.0.0.1:1/db")
    assert "pw" not in str(caught.value)
    assert list((tmp_path / "ws").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_so(nobody: Nobody) -> None:
    nobody.folder.chmod(0o500)
    with nobody.acting(), pytest.raises(SettingsError, match="cannot be made a workspace"):
        init(nobody.folder / "ws")
