"""README and docs name only commands, options, methods and pages that exist."""

import ast
import inspect
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from workbench import Workspace
from workbench.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "reference" not in page.parts]
GENERATED = {f"reference/{name}.md" for name in ("commands", "notebook", "workspace", "types")}


def blocks(page: Path, *languages: str) -> list[str]:
    return re.findall(rf"^```(?:{'|'.join(languages)})\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def command_lines(page: Path) -> list[list[str]]:
    """Every `workbench …` of the page's shell blocks and of its sentences, in words."""
    shell = [line for block in blocks(page, "sh") for line in block.splitlines()]
    prose = re.findall(r"`(workbench [^`\n]+)`", re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S))
    found = []
    for line in (*shell, *prose):
        for part in re.split(r"&&|\|\||;", line.partition(" #")[0]):
            words = shlex.split(part, posix=True)
            if words and words[0] == "workbench":
                found.append(words[1:])
    return found


def unknown_words(words: list[str]) -> list[str]:
    """What no command line of ours takes: a command or an option that is not there."""
    command, wrong, takes_value = get_command(app), [], False
    for word in words:
        options = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts)}
        if takes_value:
            takes_value = False
        elif word.startswith("-") and len(word) > 1:
            name, equals, _ = word.partition("=")
            if name in ("--help", "-h", "--"):
                continue
            if name not in options:
                wrong.append(word)
                continue
            takes_value = not equals and not getattr(options[name], "is_flag", False)
        elif inner := getattr(command, "commands", None):
            if "|" in word or word.isupper():
                break  # a placeholder: `workbench COMMAND`, `workbench scheme diff|push`
            if word not in inner:
                return [*wrong, word]
            command = inner[word]
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_exist(page):
    assert [(words, wrong) for words in command_lines(page) if (wrong := unknown_words(words))] == []


def test_commands_are_found_and_wrong_ones_seen():
    assert len(command_lines(ROOT / "README.md")) > 30
    assert unknown_words(["pusch"]) == ["pusch"]
    assert unknown_words(["push", "--blindly", "10%"]) == ["--blindly"]
    assert unknown_words(["--workspace", "ws", "scheme", "diff", "--json"]) == []


@pytest.mark.parametrize(
    "code", [code for page in PAGES for code in blocks(page, "python") if "Workspace" in code], ids=lambda _: "code"
)
def test_the_methods_of_a_page_take_what_it_gives_them(code):
    called = 0
    for node in ast.walk(ast.parse(code)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, name = node.func.value, node.func.attr
        if not (isinstance(owner, ast.Name) and owner.id in ("workspace", "Workspace")):
            continue
        bound = [] if owner.id == "Workspace" else [None]
        given = {word.arg: None for word in node.keywords if word.arg}
        inspect.signature(getattr(Workspace, name)).bind(*bound, *(None for _ in node.args), **given)
        called += 1
    assert called


def test_the_python_of_the_pages_is_looked_at():
    assert any("Workspace" in code for code in blocks(ROOT / "README.md", "python"))


def pages_of(nav: object) -> set[str]:
    if isinstance(nav, str):
        return {nav}
    return {page for entry in (nav.values() if isinstance(nav, dict) else nav) for page in pages_of(entry)}


def test_every_page_is_in_the_navigation_and_the_other_way_round():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    there = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if "docs" in page.relative_to(ROOT).parts}
    assert pages_of(nav) == there | GENERATED


def test_the_generated_pages_hold_every_command_and_every_report(tmp_path):
    subprocess.run([sys.executable, ROOT / "tools" / "reference.py", tmp_path], check=True, cwd=ROOT)
    assert {page.name for page in tmp_path.iterdir()} == {Path(name).name for name in GENERATED}
    commands = (tmp_path / "commands.md").read_text("utf-8")
    for words in (name for name, one in get_command(app).commands.items() if not one.hidden):
        assert re.search(rf"^### workbench {words}$", commands, re.MULTILINE), words
    assert "#### workbench scheme diff\n" in commands
    assert "`--blind SHARE`" in commands
    types = (tmp_path / "types.md").read_text("utf-8")
    for name in ("AddReport", "PullReport", "Comparison", "AnnotatedArticle", "TrainOptions"):
        assert re.search(rf"^::: workbench\.[a-z_.]+\.{name}$", types, re.MULTILINE), name


@pytest.mark.parametrize("page", [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_the_files_that_a_page_links_to_are_there(page):
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    generated = {ROOT / "docs" / name for name in GENERATED}
    there = [link for link in links if link and (page.parent / link).resolve() not in generated]
    assert [link for link in there if not (page.parent / link).exists()] == []


def test_what_the_embedded_server_changes_is_told():
    """Whatever of Label Studio's own `serve.py` puts something else in the place of is named in the docs."""
    tree = ast.parse((ROOT / "workbench/labelstudio/server/serve.py").read_text("utf-8"))
    theirs = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("data_manager", "webhooks")
        for alias in node.names
    }
    changed = {
        target.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in theirs
    }
    told = (ROOT / "docs/how-to/servers.md").read_text("utf-8")
    assert changed
    assert [name for name in changed if name not in told] == []
