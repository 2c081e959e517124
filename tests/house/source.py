"""The source of the package as syntax trees, for tests about every file there is and will be."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every file of the package: its path under corridor/ and its syntax tree."""
    for path in sorted((ROOT / "corridor").rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT / "corridor")), ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module that the file imports, `from a import b` as a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
