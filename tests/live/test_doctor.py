import json
from pathlib import Path

import pytest
from contexts import PartsContext
from typer.testing import CliRunner

from workbench import settings
from workbench.cli.app import app
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.server import checks
from workbench.labelstudio.server.checks import Check
from workbench.labelstudio.server.embedded import Server
from workbench.store import Store, projects
from workbench.workflows.doctor import Diagnosis, examine

CONFIG = """
<View><Labels name="layer" toName="text"><Label value="A" hotkey="1"/></Labels>
<Text name="text" value="$text"/></View>
"""


class BesideServer(PartsContext):
    """A workspace whose own server is another one's, which runs."""

    def __init__(self, root: Path, server: Server, client: LabelStudioClient) -> None:
        super().__init__(root, client=client)
        self._server = server

    @property
    def server(self) -> Server:
        return self._server


class Setup:
    """A workspace beside the running server, with a project that was pushed."""

    def __init__(self, root: Path, server: Server, client: LabelStudioClient, title: str) -> None:
        (root / "label_config.xml").write_text(CONFIG, encoding="utf-8")
        (root / "workbench.toml").write_text(f'[label_studio]\nproject = "{title}"\n', encoding="utf-8")
        self.settings = settings.load(root, {})
        self.context = BesideServer(root, server, client)
        self.client = client
        self.store = Store.open(self.settings.database_url)
        self.project_id = client.create_project({"title": title, "label_config": CONFIG})["id"]
        result: list[dict[str, object]] = []
        client.import_tasks(
            self.project_id,
            [{"data": {"text": "Hello"}, "predictions": [{"model_version": "m 1", "result": result}]}],
        )
        with self.store.transaction() as session:
            project = projects.add(
                session, server=client.server, project_id=self.project_id, title=title, scheme_digest="", config=CONFIG
            )
            projects.set_model_version(session, project.id, "m 1")

    def examine(self) -> Diagnosis:
        return examine(self.context)

    def suggestions(self) -> Check:
        return next(check for check in self.examine().checks if check.name == "suggestions")


@pytest.fixture
def setup(tmp_path: Path, embedded: Server, label_studio: LabelStudioClient, request: pytest.FixtureRequest):
    made = Setup(tmp_path, embedded, label_studio, request.node.name[-40:])
    yield made
    label_studio.delete_project(made.project_id)


def test_a_sound_set_up(setup: Setup):
    diagnosis = setup.examine()

    assert [check for check in diagnosis.checks if check.state == "fail"] == []
    assert diagnosis.healthy
    assert setup.suggestions().message == "annotators see the suggestions of m 1, on every task"
    assert {check.name for check in diagnosis.checks} >= {"python", "store", "API key", "sign-up", "version", "project"}


def test_suggestions_that_nobody_sees(setup: Setup):
    def after(**fields: object) -> Check:
        setup.client.update_project(setup.project_id, fields)
        return setup.suggestions()

    hidden = after(show_collab_predictions=False)
    assert (hidden.state, "does not show predictions" in hidden.message) == ("fail", True)
    assert "workbench push" in hidden.hint
    # Switching them off has emptied the model version, so that switching them on again shows nothing yet.
    still = after(show_collab_predictions=True)
    assert (still.state, "no model version" in still.message) == ("fail", True)
    assert after(model_version="m 1").state == "ok"
    assert "draw a box" in after(reveal_preannotations_interactively=True).message
    after(reveal_preannotations_interactively=False)

    setup.client.delete_model_version(setup.project_id, "m 1")
    assert setup.suggestions().state == "fail"


def test_a_label_config_that_somebody_changed(setup: Setup):
    changed = CONFIG.replace("</Labels>", '<Label value="B" hotkey="2"/></Labels>')
    setup.client.update_project(setup.project_id, {"label_config": changed})

    edited = next(check for check in setup.examine().checks if check.state == "fail")
    assert edited.message.endswith("was edited in Label Studio: label B of layer added")
    assert "`workbench scheme pull`" in edited.hint
    assert "`workbench scheme push`" in edited.hint

    setup.client.update_project(setup.project_id, {"label_config": CONFIG.replace('hotkey="1"', 'hotkey="3"')})
    assert next(check for check in setup.examine().checks if check.name == "project").state == "warn"

    setup.client.update_project(setup.project_id, {"label_config": CONFIG})
    setup.context.__dict__["scheme"] = LabelScheme.from_xml(changed)
    ours = next(check for check in setup.examine().checks if check.state == "fail")
    assert ours.message.startswith("label_config.xml was changed")
    assert "`workbench scheme push`" in ours.hint


def test_a_project_that_is_gone(setup: Setup, label_studio: LabelStudioClient):
    label_studio.delete_project(setup.project_id)

    faults = [check for check in setup.examine().checks if check.state == "fail"]

    assert [check.name for check in faults] == ["project"]
    assert "is gone" in faults[0].message
    setup.project_id = label_studio.create_project({"title": "Another", "label_config": CONFIG})["id"]


def test_open_secrets(setup: Setup):
    (setup.settings.label_studio_folder).mkdir(mode=0o700)
    path = setup.settings.label_studio_folder / "annotators.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)

    [fault] = [check for check in setup.examine().checks if check.state == "fail"]

    assert fault.hint == f"chmod 600 {path}"


def test_an_open_server_with_a_wrong_key(open_server: str, embedded: Server):
    owner = embedded.owner()
    assert owner is not None
    [version, key, sign_up] = checks.reachable_server(connect(open_server, owner.token))
    assert (version.state, key.state, sign_up.state) == ("ok", "ok", "warn")
    assert "DISABLE_SIGNUP_WITHOUT_LINK" in sign_up.hint

    [version, key] = checks.reachable_server(connect(open_server, "0" * 40))
    assert (key.name, key.state) == ("API key", "fail")


def test_the_command_on_a_workspace_whose_server_does_not_run(tmp_path: Path):
    (tmp_path / "workbench.toml").write_text("", encoding="utf-8")
    (tmp_path / "label_config.xml").write_text("<View/>", encoding="utf-8")

    ran = CliRunner().invoke(app, ["--workspace", str(tmp_path), "doctor", "--json"])

    assert ran.exit_code == 1
    found = {check["name"]: check for check in json.loads(ran.stdout)["checks"]}
    assert found["label config"]["state"] == "fail"
    assert (found["server"]["state"], found["server"]["hint"]) == ("fail", "`workbench server start`")


def test_the_commands_of_the_server(embedded: Server, live_workspace: Path):
    running = embedded.status()
    assert running is not None
    (live_workspace / "workbench.toml").write_text(f"[label_studio]\nport = {running.port}\n", encoding="utf-8")
    owner = embedded.owner()
    assert owner is not None

    def run(*words: str):
        return CliRunner().invoke(app, ["--workspace", str(live_workspace), *words])

    shown = run("server", "status")
    assert shown.exit_code == 0
    for word in (running.url, str(running.pid), "1.23.2", owner.email, str(embedded.log)):
        assert word in shown.stdout
    assert owner.password not in shown.stdout
    assert owner.token not in shown.stdout
    with_login = run("server", "status", "--show-login").stdout
    assert owner.password in with_login
    assert owner.token in with_login
    assert running.url in run("server", "start").stdout

    added = run("annotators", "add", "greta")
    assert added.exit_code == 0
    password = added.stdout.split("greta@workbench.local")[1].split()[0]
    assert password not in run("annotators", "list").stdout
    assert password in run("annotators", "list", "--passwords").stdout
    again = run("annotators", "add", "greta")
    assert "has an account already" in again.stdout
    assert password not in again.stdout
    assert run("annotators", "add", "no name").exit_code == 1
