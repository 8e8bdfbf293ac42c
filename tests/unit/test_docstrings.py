"""Public functions say what their arguments are and what they raise."""

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workbench
from workbench import Workspace, errors

ROOT = Path(workbench.__file__).parent
METHODS = sorted(name for name, _ in inspect.getmembers(Workspace, callable) if not name.startswith("_"))
ERRORS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.WorkbenchError) and kind.__module__ == errors.__name__
}


def method(name: str) -> Callable[..., object]:
    found = inspect.getattr_static(Workspace, name)
    return getattr(found, "__func__", found)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_of_a_workspace_says_what_its_arguments_are(name: str) -> None:
    told = inspect.getdoc(method(name)) or ""
    named = [one for one in inspect.signature(method(name)).parameters if one not in ("self", "cls")]
    assert [one for one in named if f"\n    {one}: " not in told] == []


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every public function with a docstring, but for commands, whose errors end them."""
    for path in sorted(ROOT.rglob("*.py")):
        where = path.relative_to(ROOT)
        if where.parts[0] != "cli":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and ast.get_docstring(node):
                    yield f"{where}:{node.lineno} {node.name}", node


def raised(function: ast.FunctionDef) -> set[str]:
    calls = [node.exc for node in ast.walk(function) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    return {one.func.id for one in calls if isinstance(one.func, ast.Name)} & ERRORS


def test_every_public_function_that_raises_an_error_says_so() -> None:
    known = list(functions())
    assert sum(bool(raised(one)) for _, one in known) > 100
    silent = {
        name: error
        for name, one in known
        for error in raised(one)
        if f"    {error}: " not in (ast.get_docstring(one) or "").partition("Raises:")[2]
    }
    assert silent == {}
