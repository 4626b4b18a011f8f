"""Flowcharts of any process: no two boxes overlap, lines run down and through no box."""

import re
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.cases.pages.flowchart import EM, Box, Drawing, FlowStep, flowchart, wrapped
from api.speech import speech


@st.composite
def processes(draw: st.DrawFn) -> list[FlowStep]:
    names = [f"s{place}" for place in range(draw(st.integers(1, 9)))]
    steps = []
    for place, name in enumerate(names):
        after = draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else []
        title = draw(st.text("甲乙丙 abcWM（）", max_size=40))
        steps.append(FlowStep(name, title, "某局", "later", tuple(after)))
    return steps


def overlap(one: Box, other: Box) -> bool:
    apart = (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )
    return not apart


def corners(path: str) -> list[tuple[int, int]]:
    """Return the corners of a path of right angles."""
    found: list[tuple[int, int]] = []
    for kind, numbers in re.findall(r"([MVH])([-0-9 ]+)", path):
        x, y = found[-1] if found else (0, 0)
        values = [int(one) for one in numbers.split()]
        match kind:
            case "M":
                x, y = values
            case "V":
                y = values[0]
            case "H":
                x = values[0]
        found.append((x, y))
    return found


def crossed(drawing: Drawing, path: str) -> Iterator[Box]:
    """Yield the boxes through whose inside a line runs."""
    line = corners(path)
    for (x1, y1), (x2, y2) in pairwise(line):
        for box in drawing.boxes:
            inside_x = max(x1, x2) > box.x and min(x1, x2) < box.x + box.width
            inside_y = max(y1, y2) > box.y and min(y1, y2) < box.y + box.height
            if inside_x and inside_y:
                yield box


@given(steps=processes())
def test_boxes_and_lines_keep_clear_of_each_other(steps: list[FlowStep]) -> None:
    chart = flowchart("程", steps, speech("zh"))

    for drawing in (chart.wide, chart.narrow):
        boxes = drawing.boxes
        assert len(boxes) == len(steps)
        for at, one in enumerate(boxes):
            assert 0 <= one.x <= one.x + one.width <= drawing.width
            assert 0 <= one.y <= one.y + one.height <= drawing.height
            assert not any(overlap(one, other) for other in boxes[:at])
        for path, _ in drawing.arrows:
            assert list(crossed(drawing, path)) == []
            assert corners(path)[-1][1] > corners(path)[0][1]


@given(steps=processes())
def test_every_step_stands_below_those_it_waits_for(steps: list[FlowStep]) -> None:
    chart = flowchart("程", steps, speech("zh"))

    for drawing in (chart.wide, chart.narrow):
        y = {box.step.id: (box.y, box.y + box.height) for box in drawing.boxes}
        for one in steps:
            assert all(y[before][1] < y[one.id][0] for before in one.after)


@given(text=st.text("甲乙 abcWM·（）-", max_size=80), room=st.integers(2 * EM, 20 * EM))
def test_lines_fit_and_lose_no_sign(text: str, room: int) -> None:
    lines = list(wrapped(text, room))

    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert sum(EM if sign in "甲乙（）·" else EM // 2 for sign in line) <= room
