"""Writes the generated pages of the documentation: `python tools/reference.py [DIR]`, docs/reference by default.

commands.md comes from the command line itself, notebook.md from the notebook with what it showed; workspace.md and types.md name what mkdocstrings is to render: the
public interface, and every type that its methods take or return.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from workbench.cli.app import app
from workbench.cli.groups import GROUPS

ROOT = Path(__file__).parents[1]
WORKSPACE = ROOT / "workbench" / "workspace.py"
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def command_pages() -> str:
    """The command reference as Markdown: every command with its usage, its description and its options."""
    top: Any = get_command(app)
    lines = ["# Commands", "", top.help, "", "These options stand before the command.", "", *_options(top)]
    for heading, names in GROUPS.items():
        lines += [f"## {heading}", ""]
        for name in names:
            for path, command in _walk(top.commands[name], ("workbench", name)):
                lines += _command(path, command)
    return "\n".join(lines).rstrip() + "\n"


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A command and, where it is a group, the commands in it."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from _walk(inner, (*path, name))


def _command(path: tuple[str, ...], command: Any) -> list[str]:
    lines = [f"{'#' * (len(path) + 1)} {' '.join(path)}", "", _text(command.help), ""]
    if hasattr(command, "commands"):
        return lines
    usage = " ".join([*path, *command.collect_usage_pieces(_context(command))])
    return [*lines, "```text", usage, "```", "", *_options(command)]


def _context(command: Any) -> Any:
    return command.context_class(command)


def _options(command: Any) -> list[str]:
    """A table of the arguments and options, in the words of --help."""
    records = (one.get_help_record(_context(command)) for one in command.params)
    rows = [f"| {_code(record[0])} | {_text(record[1])} |" for record in records if record]
    return ["| | |", "|---|---|", *rows, ""] if rows else []


def _code(words: str) -> str:
    """Code in a table, where | would begin the next column."""
    return f"`{words}`".replace("|", "\\|")


def _text(help: str) -> str:
    """A help text with its paragraphs kept, and with nothing that Markdown or a table would take for its own."""
    paragraphs = [" ".join(part.split()) for part in (help or "").split("\n\n")]
    return "\n\n".join(paragraphs).replace("|", "\\|").replace("<", "&lt;")


def workspace_page() -> str:
    """The page of the public interface, for mkdocstrings to fill."""
    return (
        "# Workspace\n\n`from workbench import Workspace`: the public interface. Each method does what the command of "
        "its name does; [Use the workbench from Python](../how-to/python.md) shows how they go together.\n\n"
        "::: workbench.workspace.Workspace\n    options:\n      inherited_members: true\n"
    )


def types_page() -> str:
    """The page of the types that the methods of Workspace take and return, and of the errors they raise."""
    found = interface_types(WORKSPACE.read_text(encoding="utf-8"))
    lines = ["# Reports and other types", "", "What the methods of `Workspace` take, return and raise.", ""]
    for name, module in sorted(found.items()):
        lines += [f"::: {module}.{name}", ""]
    return "\n".join([*lines, "## Errors", "", "::: workbench.errors", "    options:", "      heading_level: 3", ""])


def interface_types(source: str) -> dict[str, str]:
    """The types of this package that annotations of public methods name, with the modules they are imported from."""
    tree = ast.parse(source)
    modules = {
        alias.asname or alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workbench.")
        for alias in node.names
    }
    (workspace,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Workspace")
    found: dict[str, str] = {}
    for method in workspace.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            arguments = [one.annotation for one in (*method.args.args, *method.args.kwonlyargs)]
            for annotation in filter(None, (method.returns, *arguments)):
                for name in _names(annotation):
                    if module := modules.get(name):
                        found[name] = module
    return found


def _names(annotation: ast.expr) -> Iterator[str]:
    """The names in an annotation, also where it is written as a string."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _names(ast.parse(node.value, mode="eval").body)


def notebook_page() -> str:
    """The notebook as a page, with what its cells showed when it was last run."""
    lines: list[str] = []
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            lines += [source, ""]
            continue
        lines += ["```python", source, "```", ""]
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "text/html" in data:
                lines += ["".join(data["text/html"]).replace("\n\n", "\n"), ""]
            elif text := "".join(data.get("text/plain", output.get("text", ""))).rstrip():
                lines += ["```text", text, "```", ""]
    return "\n".join(lines)


PAGES = {
    "notebook.md": notebook_page,
    "commands.md": command_pages,
    "workspace.md": workspace_page,
    "types.md": types_page,
}


def main(folder: Path) -> None:
    """Writes the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "reference")
