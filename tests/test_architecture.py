"""Promises about the code itself: who imports whom, who speaks SQL, where configuration is read."""

import ast
import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("tracker/**/*.py"), *ROOT.glob("admin/**/*.py"), ROOT / "wsgi.py"])
SQL = re.compile(r"\b(select\s.+\sfrom|insert\s+(or \w+ )?into|update\s+\w+\s+set|delete\s+from|pragma)\b", re.I | re.S)


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def relative(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.is_relative_to(ROOT / "tracker")], ids=relative)
def test_tracker_never_imports_admin(path):
    assert [name for name in imports(path) if name.split(".")[0] in ("admin", "wsgi")] == []


def test_only_the_collectors_blueprints_import_flask_in_tracker():
    found = [
        relative(path) for path in SOURCES if relative(path).startswith("tracker/") and "flask" in set(imports(path))
    ]
    assert found == ["tracker/feedback/endpoint.py", "tracker/operation.py"]


def strings(path):
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_only_the_store_speaks_sql():
    elsewhere = [path for path in SOURCES if not relative(path).startswith("tracker/store/")]
    assert [(relative(path), text) for path in elsewhere for text in strings(path) if SQL.search(text)] == []


def test_the_environment_is_read_in_config_only():
    readers = [relative(path) for path in SOURCES if re.search(r"os\.(environ|getenv)", path.read_text("utf-8"))]
    assert set(readers) <= {"tracker/config.py", "tracker/commands/serve.py", "tracker/commands/demo.py"}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_modules_stay_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_wsgi_has_no_logic():
    assert len((ROOT / "wsgi.py").read_text("utf-8").splitlines()) < 20


def test_every_package_is_installed():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", "utf-8")
    listed = set(settings["options"]["packages"].split())
    paths = [path.parent for top in ("tracker", "admin") for path in ROOT.glob(f"{top}/**/__init__.py")]
    found = {path.relative_to(ROOT).as_posix().replace("/", ".") for path in paths}
    assert found | {"zaehlwerk_static"} == listed
