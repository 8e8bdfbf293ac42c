import json
import os
import stat
from pathlib import Path

import pytest

from workbench.errors import LabelStudioError, SettingsError
from workbench.labelstudio.server import accounts, login, private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022])
def _umask(request: pytest.FixtureRequest):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_written_files_are_closed_to_others(tmp_path: Path):
    private.write(tmp_path / "new" / "file.json", {"a": 1})

    assert mode(tmp_path / "new" / "file.json") == 0o600
    assert mode(tmp_path / "new") == 0o700
    assert private.read(tmp_path / "new" / "file.json") == {"a": 1}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file.json"]


def test_a_file_that_others_can_read_is_refused(tmp_path: Path):
    private.write(tmp_path / "x" / "file.json", {})
    (tmp_path / "x" / "file.json").chmod(0o640)

    with pytest.raises(SettingsError, match="can be read by others") as caught:
        private.read(tmp_path / "x" / "file.json")
    assert "chmod 600" in caught.value.hint


def test_a_damaged_file_is_named(tmp_path: Path):
    path = tmp_path / "file.json"
    path.touch(0o600)
    path.write_bytes(b"\xff{")

    with pytest.raises(SettingsError, match="is damaged"):
        private.read(path)


def test_the_owner_is_made_once(tmp_path: Path):
    first = login.ensure(tmp_path / "ls")

    assert login.ensure(tmp_path / "ls") == first
    assert len(first.password) >= 20
    assert len(first.token) >= 40
    assert first.password not in repr(first)
    assert first.token not in repr(first)


def test_a_lost_login_gives_a_second_owner(tmp_path: Path):
    first = login.ensure(tmp_path)
    (tmp_path / login.DATABASE).touch()
    (tmp_path / login.FILE).unlink()

    second = login.ensure(tmp_path)

    assert second.email != first.email
    assert second.password != first.password


def test_a_login_of_another_shape_is_damaged(tmp_path: Path):
    for content in ({"email": "x"}, ["x"], {"email": 1, "password": 2, "token": 3}):
        private.write(tmp_path / login.FILE, content)
        with pytest.raises(SettingsError, match="is damaged"):
            login.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Anna", "anna@workbench.local"),
        ("b.c-d_e", "b.c-d_e@workbench.local"),
        ("Ben@Example.org", "ben@example.org"),
    ],
)
def test_a_name_becomes_an_address(name: str, email: str):
    assert accounts.address(name) == email


@pytest.mark.parametrize("name", ["", "a b", "@", "a@", "a@b", "a@b.", "@b.c", "é", ".a", "a\n", "a@b .c"])
def test_what_is_no_name_is_refused(name: str):
    with pytest.raises(LabelStudioError):
        accounts.address(name)


def test_passwords_are_kept_by_server(tmp_path: Path):
    private.write(tmp_path / accounts.FILE, {"embedded": {"a@b.c": "one"}, "http://x": {"a@b.c": "two"}})

    assert accounts.passwords(tmp_path, "http://x") == {"a@b.c": "two"}
    assert accounts.passwords(tmp_path, "http://y") == {}


def test_a_list_in_place_of_the_accounts_is_damaged(tmp_path: Path):
    private.write(tmp_path / accounts.FILE, json.loads("[]"))

    with pytest.raises(SettingsError, match="is damaged"):
        accounts.passwords(tmp_path, "embedded")


def test_a_file_that_was_left_open_is_closed(tmp_path: Path):
    (tmp_path / "left").touch(0o644)
    private.close_to_others(tmp_path / "left")
    private.close_to_others(tmp_path / "nothing")

    assert mode(tmp_path / "left") == 0o600
    assert not (tmp_path / "nothing").exists()


@pytest.mark.usefixtures("_umask")
def test_a_folder_of_secrets_is_never_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made: list[int] = []
    real = Path.mkdir

    def mkdir(path: Path, *arguments: object, **options: object) -> None:
        real(path, *arguments, **options)
        made.append(mode(path))

    monkeypatch.setattr(Path, "mkdir", mkdir)
    private.make_folder(tmp_path / "ls")

    assert made == [0o700]
    (tmp_path / "ls").chmod(0o755)
    private.make_folder(tmp_path / "ls")
    assert mode(tmp_path / "ls") == 0o700


def test_a_file_that_cannot_be_written_is_said_in_a_line_and_the_old_one_stays(tmp_path: Path):
    private.write(tmp_path / "x" / "file.json", {"a": 1})
    with pytest.raises(SettingsError, match="cannot be written"):
        private.write(tmp_path / "x" / ("n" * 300), {})
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be made"):
        private.write(tmp_path / "file" / "x.json", {})

    assert private.read(tmp_path / "x" / "file.json") == {"a": 1}
