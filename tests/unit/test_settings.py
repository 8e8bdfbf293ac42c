"""Where settings come from, which of several wins, and what is said of one that cannot be used."""

from pathlib import Path

import pytest

from workbench import settings
from workbench.errors import SettingsError
from workbench.settings import Settings


def write(root: Path, text: str, secrets: str | None = None, mode: int = 0o600) -> None:
    (root / "workbench.toml").write_text(text, encoding="utf-8")
    if secrets is not None:
        (root / "secrets.toml").touch(mode)
        (root / "secrets.toml").write_text(secrets, encoding="utf-8")


def test_variables_win_over_secrets_and_secrets_over_the_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[label_studio]\nport = 1\nproject = "File"\nhost = "a"\nurl = "http://file"\n',
        '[label_studio]\nproject = "Secret"\nhost = "b"\n',
    )
    found = settings.load(tmp_path, {"WORKBENCH_LABEL_STUDIO_HOST": "c"}).label_studio
    assert (found.port, found.project, found.host, found.url) == (1, "Secret", "c", "http://file")
    both = {"WORKBENCH_LABEL_STUDIO_URL": "http://one", "LABEL_STUDIO_URL": " http://two\n"}
    assert settings.load(tmp_path, both).label_studio.url == "http://two"
    assert settings.load(tmp_path, {"LABEL_STUDIO_URL": ""}).label_studio.url == "http://file"
    assert settings.load(tmp_path, {"WORKBENCH_LABEL_STUDIO_URL": ""}).label_studio.url == ""


def test_every_key_can_be_set_by_a_variable(tmp_path: Path) -> None:
    values = {"int": "7", "float": "0.5", "str": "some thing"}
    for section, kind in settings._sections():
        for key, field in kind.model_fields.items():
            given = values.get(getattr(field.annotation, "__name__", ""), "a.example,b.example")
            found = getattr(
                getattr(settings.load(tmp_path, {f"WORKBENCH_{section}_{key}".upper(): given}), section), key
            )
            assert str(found) == given or found == ("a.example", "b.example"), (section, key)


def test_a_variable_that_is_no_key_and_the_environment_of_the_process_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_LABEL_STUDIO_PORT", "9")
    monkeypatch.setenv("ROOT", "/elsewhere")
    monkeypatch.setenv("STORE", "{}")
    others = {"WORKBENCH_CACHE": "x", "WORKBENCH_STORE": "{", "WORKBENCH_STORE_X": "1", "WORKBENCH_API_KEY": "k"}
    assert settings.load(tmp_path, others) == Settings(root=tmp_path)
    assert Settings(root=tmp_path).label_studio.port == 8080
    assert settings.load(tmp_path).label_studio.port == 9
    assert type(settings.load(tmp_path, {})) is Settings


def test_the_api_key_is_cleaned_and_shown_nowhere(tmp_path: Path) -> None:
    found = settings.load(tmp_path, {"LABEL_STUDIO_API_KEY": " hunter2\r\n"})
    assert found.api_key == "hunter2"
    assert "hunter2" not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("text", "variables", "said"),
    [
        ("[label_studio]\nport = 'x'", {}, "workbench.toml: label_studio.port: Input should be a valid integer"),
        ("[label_studio]\nprot = 1", {}, "workbench.toml: label_studio.prot: Extra inputs are not permitted"),
        ("store = 1", {}, "workbench.toml: store: Input should be"),
        ("[shop]", {}, "workbench.toml: shop: there is no such section"),
        ("api_key = 'hunter2'", {}, "workbench.toml: api_key: there is no such section"),
        ("root = '/'", {}, "workbench.toml: root: there is no such section"),
        ("[label_studio", {}, "workbench.toml is not valid TOML"),
        ("", {"WORKBENCH_LABEL_STUDIO_PORT": "hunter2"}, "workbench.toml: label_studio.port: Input should be"),
        ("", {"WORKBENCH_SPLIT_TRAIN": "2"}, "workbench.toml: split.train: Input should be less than 1"),
    ],
)
def test_a_wrong_value_is_said_with_file_and_key_and_not_quoted(
    tmp_path: Path, text: str, variables: dict[str, str], said: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        settings.load(tmp_path, variables)
    assert str(tmp_path) in caught.value.message
    assert said in caught.value.message
    assert "hunter2" not in str(caught.value)


def test_a_wrong_secret_is_looked_for_in_its_own_file(tmp_path: Path) -> None:
    write(tmp_path, "", "[preannotate]\nllm_key = 31415\n")
    with pytest.raises(SettingsError, match=r"secrets\.toml: preannotate\.llm_key") as caught:
        settings.load(tmp_path, {})
    assert "31415" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_secrets_that_others_can_read_are_refused(tmp_path: Path, mode: int) -> None:
    write(tmp_path, "", "")
    (tmp_path / "secrets.toml").chmod(mode)
    with pytest.raises(SettingsError, match="can be read by others") as caught:
        settings.load(tmp_path, {})
    assert "chmod 600" in caught.value.hint


def test_files_that_are_none_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        settings.load(tmp_path, {})
    (tmp_path / "workbench.toml").unlink()
    (tmp_path / "secrets.toml").mkdir()
    with pytest.raises(SettingsError, match="it is no file"):
        settings.load(tmp_path, {})
