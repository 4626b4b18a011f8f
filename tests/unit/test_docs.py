"""The documentation: links lead somewhere, commands print what is shown, words are in the code.

`JIANZHENG_DOCS=write` puts outputs and generated pages right instead of failing.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from api.bundled import load_pack
from api.cli import app
from api.contesting import page
from tests.console import ROOT, Command, Session, Written, acts, agrees, refreshed

WRITE = os.environ.get("JIANZHENG_DOCS") == "write"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SHOWING = [
    path
    for path in PAGES
    # What the Chinese README shows is what the English one shows: see below.
    if path.name != "README.zh-CN.md" and "```console" in path.read_text(encoding="utf-8")
]
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = ("knowledge", "rules", "evaluator", "audit", "api")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    return BLOCK.sub("", path.read_text(encoding="utf-8"))


def headings(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(path: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        file, _, anchor = link.partition("#")
        if "://" in file:
            continue
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in headings(target)):
            yield link


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    assert [*broken(path)] == []


@pytest.mark.parametrize("path", SHOWING, ids=name)
def test_every_command_prints_what_the_page_shows(path: Path, tmp_path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    if "curl " in page and shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")

    differences = []
    with Session(tmp_path) as session:
        for act in acts(page):
            if isinstance(act, Written):
                session.write(act)
                continue
            printed = session.run(act.text)
            if not agrees(act.shown, printed):
                differences.append((act, printed))

    if WRITE:
        path.write_text(put_right(page, differences), encoding="utf-8")
    else:
        assert [(act.text, act.shown, printed) for act, printed in differences] == []


def put_right(page: str, differences: list[tuple[Command, str]]) -> str:
    """Return a page with what was printed in the place of what it showed, from the end up."""
    for act, printed in reversed(differences):
        page = (
            page[: act.place]
            + refreshed(act.shown, printed)
            + page[act.place + len(act.shown) :]
        )
    return page


def test_both_readmes_show_the_same() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    wanted = BLOCK.findall(english.read_text(encoding="utf-8"))
    if WRITE:
        blocks = iter(wanted)
        text = BLOCK.sub(lambda _: next(blocks), chinese.read_text(encoding="utf-8"))
        chinese.write_text(text, encoding="utf-8")

    assert BLOCK.findall(chinese.read_text(encoding="utf-8")) == wanted


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = (
        [len(marks) for marks in re.findall(r"^(#+) ", prose(ROOT / file), re.MULTILINE)]
        for file in ("README.md", "README.zh-CN.md")
    )

    assert english == chinese


def test_every_command_has_its_part_in_the_page_of_the_command_line() -> None:
    commands = typer.main.get_group(app).commands

    assert commands.keys() - headings(ROOT / "docs" / "cli.md") == set()


def test_every_setting_is_told_to_the_operator() -> None:
    told = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    sources = [path for folder in (*CODE, "tests") for path in ROOT.glob(f"{folder}/**/*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*sources, ROOT / "Makefile"])

    settings = set(re.findall(r"\bJIANZHENG_[A-Z_]+", code))

    assert {setting for setting in settings if f"`{setting}`" not in told} == set()


def test_every_design_decision_is_in_the_list_of_them() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", prose(folder / "README.md"))

    assert sorted(listed) == sorted({path.name for path in folder.iterdir()} - {"README.md"})


def test_each_test_that_a_page_names_is_there() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    there = set(re.findall(r"^def (test_\w+)\(", tests, re.MULTILINE))
    named = {
        word for path in PAGES for word in re.findall(r"`(test_\w+)`", path.read_text("utf-8"))
    }

    # Files of tests are named too.
    files = {path.stem for path in ROOT.glob("tests/**/test_*.py")}
    assert named - there - files == set()
    assert named & there


def glossary() -> list[tuple[str, str]]:
    """Return the terms of the glossary with their names in code."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in prose(ROOT / "docs" / "glossary.md").splitlines()
        if line.startswith("| ") and not line.startswith("| term")
    ]
    return [(row[0], row[2]) for row in rows]


def test_a_term_stands_in_the_glossary_once() -> None:
    counts = Counter(term for term, _ in glossary())

    assert [term for term, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(("term", "names"), glossary(), ids=[term for term, _ in glossary()])
def test_the_names_of_the_glossary_are_those_of_the_code(term: str, names: str) -> None:
    placed = re.findall(r"`(\w+)` \((\w+/[\w/]+\.py)\)", names)
    words = re.findall(r"`(\w+)`", names)

    assert words, term
    assert [place for place in placed if place[0] not in words_in(place[1])] == []
    assert [word for word in words if word not in words_of("**/*.py")] == []


def words_in(file: str) -> frozenset[str]:
    """Return the words of one file of the code."""
    return frozenset(re.findall(r"\w+", (ROOT / file).read_text(encoding="utf-8")))


@cache
def words_of(pattern: str) -> frozenset[str]:
    """Return the words of the code in the files of a pattern, in every package."""
    files = [path for folder in CODE for path in (ROOT / folder).glob(pattern)]
    return frozenset(
        word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    )


def test_what_lawyers_may_contest_is_what_the_pack_strikes() -> None:
    path = ROOT / "docs" / "packs" / "contested.md"
    wanted = page(load_pack(None))
    if WRITE:
        path.write_text(wanted, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == wanted
