"""Flowcharts: the processes of the bundled pack, drawn and told."""

import re
import xml.etree.ElementTree as ET
from functools import cache
from typing import Any

import pytest

from api.bundled import load_pack
from api.cases.pages.flowchart import EM, Flowchart, FlowStep, flowchart, wrapped
from api.naming import Naming
from api.page import rendered
from api.speech import LANGS, Lang, speech
from rules.pack import Pack


@cache
def pack() -> Pack:
    return load_pack(None)


def chart(process: str, lang: Lang = "zh", done: int = 1, **words: Any) -> Flowchart:
    names, found = Naming(pack(), speech(lang)), pack().catalogue.processes[process]
    steps = [
        FlowStep(
            id=key,
            name=names.step(process, key),
            organ=names.organ(pack().catalogue.items[found.by_id[key].item].organ),
            state="done" if place < done else "later",
            after=found.by_id[key].after,
            **words,
        )
        for place, key in enumerate(found.order)
    ]
    return flowchart(names.entry(found), steps, speech(lang))


def html(drawn: Flowchart, lang: Lang = "zh") -> str:
    return rendered("flow.html", lang, chart=drawn)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("process", sorted(load_pack(None).catalogue.processes))
def test_each_process_is_well_formed_and_says_everything_twice(
    process: str, lang: Lang
) -> None:
    drawn = chart(process, lang, papers=2, inherited=1, link="/x")
    text = html(drawn, lang)

    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        root = ET.fromstring(svg)  # noqa: S314 (our own text)
        assert len(root.findall(".//rect")) == len(drawn.rows)
        assert root.find("title") is not None
    for told in drawn.rows:
        assert f'<th scope="row"><a href="/x">{told.step.name}' in text.replace("&#39;", "'")
    assert "style=" not in text


def test_the_same_steps_are_drawn_the_same() -> None:
    assert html(chart("build")) == html(chart("build"))


def test_steps_that_run_side_by_side_stand_side_by_side() -> None:
    drawn = chart("vehicle").wide
    at = {box.step.id: (box.x, box.y) for box in drawn.boxes}

    assert at["inspection"][1] == at["modify"][1] == at["mortgage"][1]
    assert at["register"][1] < at["inspection"][1] < at["unmortgage"][1] < at["deregister"][1]


def test_what_follows_from_other_steps_is_told_but_not_drawn() -> None:
    drawn = chart("open_netcafe")
    last = next(told for told in drawn.rows if told.step.id == "licence")

    assert set(last.step.after) == {"prepare", "fire"}
    assert len(drawn.wide.arrows) == 4  # prepare to licence goes by way of fire


@pytest.mark.parametrize(
    ("papers", "inherited", "says"),
    [
        (None, 0, "份数待定"),
        (0, 0, "不用交材料"),
        (3, 2, "要交 3 份、沿用 2 份"),
    ],
)
def test_a_box_says_what_the_step_needs_and_inherits(
    papers: int | None, inherited: int, says: str
) -> None:
    drawn = chart("vehicle", papers=papers, inherited=inherited)

    assert all(says in box.label for box in (*drawn.wide.boxes, *drawn.narrow.boxes))


def test_states_are_words_and_marks_not_colours_alone() -> None:
    words = [words for words, kind in chart("vehicle").wide.boxes[0].words if kind == "state"]

    assert words == ["✓ 已办"]


def test_a_phone_shows_it_without_shrinking() -> None:
    assert chart("build").narrow.width <= 390 - 2 * 16 - 4


def test_long_names_break_and_nothing_is_lost() -> None:
    name = "建设工程规划许可证核发 and the Regional-Assessment-Of-Everything 暨“一件事”"
    lines = list(wrapped(name, 12 * EM))

    assert len(lines) > 3
    assert "".join("".join(lines).split()) == "".join(name.split())
    assert list(wrapped("", 100)) == []


def test_hostile_names_stay_text() -> None:
    step = FlowStep("a", "<script>", '"><b>', "current", link="/a")
    text = html(flowchart("<i>", [step], speech("zh")))

    assert "<script>" not in text
    assert "<b>" not in text
    assert "<i>" not in text
