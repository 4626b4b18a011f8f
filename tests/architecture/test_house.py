"""The house: who may import whom, whose the names are, how large things grow."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "audit", "evaluator", "knowledge", "rules")
DOMAIN = ("evaluator", "knowledge", "rules")
LIVE_ENGINE = "rete_"
"""The modules that run the live engine in processes of its own: they wait and they kill."""
LOOK_UPS = ROOT / "knowledge" / "lookup"
"""The adapter to the registries: it waits for them, by the clock and in parts of a second."""

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_CHECKER = 400, 50, 150
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "models", "services"}
BUILT_IN = {"open", "print", "input", "eval", "exec", "hash"}
EXACT = {"comb", "gcd", "lcm", "prod"}
"""What of `math` gives whole numbers for whole numbers."""
CLOCKS = {"now", "today", "utcnow", "environ", "getenv", "fromtimestamp"}


def modules(*packages: str) -> list[Path]:
    return sorted(path for name in packages for path in (ROOT / name).rglob("*.py"))


def pure_modules() -> list[Path]:
    return [
        path
        for path in modules(*DOMAIN)
        if not path.stem.startswith(LIVE_ENGINE) and not path.is_relative_to(LOOK_UPS)
    ]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def settings() -> dict[str, object]:
    parsed: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return parsed


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def test_every_import_goes_down() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 (a tool of this checkout)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_tests_folder_is_a_package_that_would_hide_the_real_one() -> None:
    assert [name_of(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_installed_distribution_owns_the_name(package: str) -> None:
    assert set(packages_distributions().get(package, [])) <= {"jianzheng"}


def test_the_project_cannot_be_uploaded_and_names_its_pythons() -> None:
    project = settings()["project"]

    assert isinstance(project, dict)
    assert "Private :: Do Not Upload" in project["classifiers"]
    assert project["requires-python"] == ">=3.11,<3.13"


def floats(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"{name_of(path)}:{node.lineno}: a float"
            case ast.Name(id="float"):
                yield f"{name_of(path)}:{node.lineno}: `float`"
            case ast.BinOp(op=ast.Div(), left=left) if ast.unparse(left) != "folder":
                yield f"{name_of(path)}:{node.lineno}: a division"
            case ast.Import() | ast.ImportFrom():
                names = {one.name for one in node.names}
                of_math = getattr(node, "module", None) == "math" and not names <= EXACT
                if of_math or "math" in names:
                    yield f"{name_of(path)}:{node.lineno}: `math`"


def test_no_float_enters_the_domain() -> None:
    assert [trouble for path in pure_modules() for trouble in floats(path)] == []


def clocks(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield f"{name_of(path)}:{node.lineno}: `{node.attr}`"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in BUILT_IN:
            yield f"{name_of(path)}:{node.lineno}: `{ast.unparse(node.func)}()`"


def test_the_domain_reads_no_clock_environment_or_file_and_runs_no_text() -> None:
    troubles = [trouble for path in pure_modules() for trouble in clocks(path)]

    assert troubles == []


def test_the_gate_would_see_a_float_and_a_clock(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import math\nx = 0.5\ny = float(x) / len('a')\nz = d.today()\neval('1')\n")

    assert len(list(floats(bad))) == 4
    assert len(list(clocks(bad))) == 2


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name_of)
def test_a_file_is_one_noun_with_a_definition_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert path.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(ast.parse(text)), "the first line defines the noun"
    assert len(text.splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_a_function_is_a_short_paragraph(folder: str) -> None:
    long = [
        f"{name_of(path)}: {node.name}"
        for path in modules(folder)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == []


def test_the_checker_is_small_and_shares_nothing_with_the_product() -> None:
    path = ROOT / "evaluator" / "checker.py"
    imported = {
        name
        for node in ast.walk(tree(path))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }

    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_CHECKER
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
