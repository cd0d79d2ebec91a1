"""The order of the apps: Python imports point left."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ["shop", "accounts", "catalog", "cart", "orders", "reviews"]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("app", ORDER)
def test_an_app_imports_only_the_apps_to_its_left(app):
    to_the_right = set(ORDER[ORDER.index(app) + 1 :])
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / app).rglob("*.py"))
        for name in imports_of(path)
        if name in to_the_right
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["services", "utils", "helpers", "common", "core"])
def test_a_module_is_named_for_what_it_holds(name):
    assert [
        p for app in ORDER for p in (ROOT / app).rglob(f"{name}*") if p.suffix in {"", ".py"}
    ] == []
