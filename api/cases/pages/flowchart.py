"""Flowcharts: the steps of a process drawn in order, in whole units, the same every time.

Two drawings of the same steps: `wide` has a row for each rank and parallel steps side by side;
`narrow`, for a phone, has one step below the other and lines that skip steps along the left.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from api.speech import Speech

State = Literal["done", "current", "next", "later"]

WIDTH: Final = 224
NARROW: Final = 300
GAP: Final = 28
"""Between boxes of a rank, and the width that a passing line is given."""
FALL: Final = 44
"""Between ranks."""
LINE: Final = 20
"""The height of a line of text; a full-width sign is `EM` wide."""
EM: Final = 14
PAD: Final = 10
LANE: Final = 14
RISE: Final = 15
"""From the top of a line of text to the line that its letters stand on."""
MARKS: Final[Mapping[State, str]] = {"done": "✓", "current": "●", "next": "○", "later": "·"}


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step: `papers` to hand in (None: not known yet), `inherited` from earlier steps."""

    id: str
    name: str
    organ: str
    state: State
    after: tuple[str, ...] = ()
    papers: int | None = None
    inherited: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A step where it is drawn; `words` are its lines, each with what it tells."""

    step: FlowStep
    x: int
    y: int
    width: int
    height: int
    words: tuple[tuple[str, str], ...]
    label: str
    pad: int = PAD

    @property
    def texts(self) -> Iterator[tuple[str, str, int]]:
        """Yield (words, what they say, y of the line they stand on)."""
        for place, (words, kind) in enumerate(self.words):
            yield words, kind, self.y + PAD + LINE * place + RISE


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: boxes, and lines as SVG paths, each with whether it leads from a done step."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A step as a row of the table."""

    step: FlowStep
    state: str
    after: str
    needs: str
    inherits: str


@dataclass(frozen=True, slots=True)
class Flowchart:
    """The drawings of a process, and the same told as a table."""

    title: str
    desc: str
    wide: Drawing
    narrow: Drawing
    rows: tuple[Told, ...]


def flowchart(name: str, steps: Sequence[FlowStep], speech: Speech) -> Flowchart:
    """Return the flowchart of steps; each comes after those that it waits for."""
    names = {one.id: one.name for one in steps}
    edges = list(_direct(steps))
    return Flowchart(
        title=speech.say("flow.title", name=name),
        desc=speech.say(
            "flow.desc", n=len(steps), done=sum(one.state == "done" for one in steps)
        ),
        wide=_wide(steps, edges, speech),
        narrow=_narrow(steps, edges, speech),
        rows=tuple(
            Told(
                step=one,
                state=speech.say(f"flow.state.{one.state}"),
                after=speech.join([names[each] for each in one.after])
                or speech.say("flow.first"),
                needs=_papers(one, speech),
                inherits=str(one.inherited),
            )
            for one in steps
        ),
    )


def _papers(step: FlowStep, speech: Speech) -> str:
    if step.papers is None:
        return speech.say("flow.papers_unknown")
    return speech.say("flow.papers" if step.papers else "flow.papers_none", n=step.papers)


def _direct(steps: Sequence[FlowStep]) -> Iterator[tuple[str, str]]:
    """Yield (before, after) without what follows from other pairs."""
    ancestors: dict[str, frozenset[str]] = {}
    for one in steps:
        above = [ancestors[each] for each in one.after]
        ancestors[one.id] = frozenset(one.after).union(*above)
        for before in one.after:
            if not any(before in ancestors[other] for other in one.after):
                yield before, one.id


# the wide drawing


def _wide(
    steps: Sequence[FlowStep], edges: Sequence[tuple[str, str]], speech: Speech
) -> Drawing:
    ranks, chains = _ranks(steps, edges)
    by_id = {one.id: one for one in steps}
    boxes = {one.id: _box(one, WIDTH, speech) for one in steps}
    rows = _ordered(ranks, chains)
    spans = [sum(WIDTH if one in by_id else GAP for one in row) for row in rows]
    totals = [span + GAP * (len(row) - 1) for span, row in zip(spans, rows, strict=True)]
    width, y = max(totals), 0
    middles: dict[str, int] = {}
    tops: list[tuple[int, int]] = []
    placed: list[Box] = []
    for row, total in zip(rows, totals, strict=True):
        x = (width - total) // 2
        height = max((boxes[one].height for one in row if one in by_id), default=0)
        for one in row:
            wide = WIDTH if one in by_id else GAP
            middles[one] = x + wide // 2
            if one in by_id:
                placed.append(replace(boxes[one], x=x, y=y, height=height))
            x += wide + GAP
        tops.append((y, height))
        y += height + FALL
    heights = {box.step.id: box.y + box.height for box in placed}
    arrows = tuple(
        (_path(chain, ranks, middles, tops, heights), by_id[chain[0]].state == "done")
        for chain in chains
    )
    return Drawing(width, y - FALL, tuple(placed), arrows)


def _ranks(
    steps: Sequence[FlowStep], edges: Sequence[tuple[str, str]]
) -> tuple[dict[str, int], list[tuple[str, ...]]]:
    """Return the rank of each step and of each place that a long line passes; the lines."""
    ranks: dict[str, int] = {}
    for one in steps:
        ranks[one.id] = max((ranks[each] + 1 for each in one.after), default=0)
    chains = []
    for before, after in edges:
        passing = [
            f"{before} > {after} {rank}" for rank in range(ranks[before] + 1, ranks[after])
        ]
        ranks |= {name: ranks[before] + 1 + place for place, name in enumerate(passing)}
        chains.append((before, *passing, after))
    return ranks, chains


def _ordered(ranks: Mapping[str, int], chains: Iterable[tuple[str, ...]]) -> list[list[str]]:
    """Return the rows, each ordered by the middle of what lies above it."""
    above: dict[str, list[str]] = {}
    for chain in chains:
        for before, after in pairwise(chain):
            above.setdefault(after, []).append(before)
    rows: list[list[str]] = [[] for _ in range(max(ranks.values()) + 1)]
    for name, rank in ranks.items():
        rows[rank].append(name)
    place: dict[str, Fraction] = {}
    for row in rows:
        wish = {
            one: Fraction(sum((place[each] for each in above.get(one, ())), Fraction(0)))
            / max(1, len(above.get(one, ())))
            for one in row
        }
        row.sort(key=lambda one: (wish[one], one))
        place |= {one: Fraction(2 * at + 1, 2 * len(row)) for at, one in enumerate(row)}
    return rows


def _path(
    chain: Sequence[str],
    ranks: Mapping[str, int],
    middles: Mapping[str, int],
    tops: Sequence[tuple[int, int]],
    bottoms: Mapping[str, int],
) -> str:
    """Return a line that leaves a box below, turns in the gaps, and ends above another."""
    x, y = middles[chain[0]], bottoms[chain[0]]
    path = f"M{x} {y}"
    for one in chain[1:]:
        top = tops[ranks[one]][0]
        if middles[one] != x:
            x = middles[one]
            path += f"V{top - FALL // 2}H{x}"
        path += f"V{top if one in bottoms else top + tops[ranks[one]][1]}"
    return path


# the narrow drawing


def _narrow(
    steps: Sequence[FlowStep], edges: Sequence[tuple[str, str]], speech: Speech
) -> Drawing:
    place = {one.id: at for at, one in enumerate(steps)}
    long = [pair for pair in edges if place[pair[1]] - place[pair[0]] > 1]
    lanes = _lanes([(place[before], place[after]) for before, after in long])
    left = LANE * (max(lanes, default=-1) + 1)
    boxes: dict[str, Box] = {}
    y = 0
    for one in steps:
        box = _box(one, NARROW - left, speech)
        boxes[one.id] = replace(box, x=left, y=y)
        y += box.height + FALL
    arrows = []
    for before, after in edges:
        start, end = boxes[before], boxes[after]
        if (before, after) in long:
            x = left - LANE * (lanes[long.index((before, after))] + 1)
            low, high = start.y + start.height - PAD, end.y + PAD
            path = f"M{left} {low}H{x}V{high}H{left}"
        else:
            x = left + (NARROW - left) // 2
            path = f"M{x} {start.y + start.height}V{end.y}"
        arrows.append((path, start.step.state == "done"))
    return Drawing(NARROW, y - FALL, tuple(boxes.values()), tuple(arrows))


def _lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return for each line that skips steps the innermost lane that is free on its way."""
    lanes: list[int] = []
    for at, (first, last) in enumerate(spans):
        taken = {
            lanes[other]
            for other in range(at)
            if spans[other][0] <= last and first <= spans[other][1]
        }
        lanes.append(next(lane for lane in range(at + 1) if lane not in taken))
    return lanes


# boxes


def _box(step: FlowStep, width: int, speech: Speech) -> Box:
    room = width - 2 * PAD
    state, needs = speech.say(f"flow.state.{step.state}"), [_papers(step, speech)]
    if step.inherited:
        needs.append(speech.say("flow.inherited", n=step.inherited))
    parts = (
        (step.name, "name"),
        (step.organ, "organ"),
        (speech.join(needs), "needs"),
        (f"{MARKS[step.state]} {state}", "state"),
    )
    words = tuple((line, kind) for text, kind in parts for line in wrapped(text, room))
    label = speech.join([step.name, step.organ, state, *needs])
    return Box(step, 0, 0, width, 2 * PAD + LINE * len(words), words, label)


def wrapped(text: str, room: int) -> Iterator[str]:
    """Yield the lines of a text in `room` units; Latin words stay whole where they fit."""
    line, free = "", room
    for word in _words(text):
        if line and sum(map(_width, word)) > free:
            yield line.rstrip()
            line, free = "", room
        for sign in word if line else word.lstrip():
            if _width(sign) > free:
                yield line
                line, free = "", room
            line, free = line + sign, free - _width(sign)
    if line:
        yield line


def _words(text: str) -> Iterator[str]:
    """Yield the parts between which a line may break: full-width signs, and Latin words."""
    word = ""
    for sign in text:
        if sign == " " or _width(sign) == EM:
            yield word
            word = ""
        word += sign
        if _width(sign) == EM:
            yield word
            word = ""
    yield word


def _width(sign: str) -> int:
    """Return the width of a sign in units, for letters of every font rather too much."""
    if unicodedata.east_asian_width(sign) in "WFA":
        return EM
    return EM * 3 // 4 if sign.isupper() else EM * 2 // 3
