"""The client can be copied into somebody else's system: it needs nothing of this service."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import infrastructure.client

FOLDER = Path(infrastructure.client.__file__).parent
MODULES = sorted(path.name for path in FOLDER.glob("*.py"))
FURTHER = {"webhooks.py": {"standardwebhooks"}, "broker.py": {"nats"}}


@pytest.mark.parametrize("module", MODULES)
def test_it_imports_the_standard_library_and_httpx_alone(module: str) -> None:
    named: set[str] = set()
    for node in ast.walk(ast.parse((FOLDER / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            named.add(str(node.module))
    outside = {name.partition(".")[0] for name in named} - sys.stdlib_module_names
    assert outside <= {"httpx"} | FURTHER.get(module, set())


def test_a_copy_of_it_works_under_any_name(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "following", ignore=shutil.ignore_patterns("__pycache__"))
    asks = "import following, following.webhooks, following.broker, sys; print('infrastructure' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_no_module_is_long() -> None:
    assert all(len((FOLDER / module).read_text(encoding="utf-8").splitlines()) < 250 for module in MODULES)
