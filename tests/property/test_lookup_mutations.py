"""No change to an answer makes it say what its registry did not sign."""

import copy
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from knowledge.lookup.answer_form import read_rows
from knowledge.lookup.failure import NotAuthorisedError, UnavailableError
from knowledge.lookup.hearing import hear
from knowledge.lookup.order import Heard, of_all
from tests.registering import SECRET, Json, document_of, order_of, row_of, signed, source_of

REQUEST = "0123456789abcdef" * 2
ORDER = order_of()
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["status", "data", "lx", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
WORDS = ("正常", "注销", "甄示例", "甄另人", "kp", "sf", "甲类", "乙类", "12.50", "", "长期")
CELLS = st.sampled_from(WORDS) | st.none() | st.integers(0, 9)
ROWS = st.lists(
    st.builds(
        lambda code, other: row_of(code, **other),
        st.sampled_from(["kp", "permit", "sf"]),
        st.dictionaries(st.sampled_from(["zjhm", "xm", "zt", "lb", "mj"]), CELLS, max_size=2),
    ),
    max_size=4,
)


def heard(raw: bytes) -> Heard:
    """Return what an answer says, as a look-up takes it."""
    interface = ORDER.source.lookup
    assert interface is not None
    now = datetime.now(UTC)
    try:
        rows, moment = read_rows(
            raw, signature="hmac-sm3", secret=SECRET, request_id=REQUEST, now=now
        )
        return hear(rows, ORDER, interface, moment)
    except UnavailableError as error:
        return Heard(of_all(ORDER, "unavailable", error.reason, now.date()))
    except NotAuthorisedError:
        return Heard(of_all(ORDER, "not_authorised", "registry", now.date()))


def settled(said: Heard) -> dict[str, str]:
    """Return what is told by evidence: found and not found, by material and claim."""
    return {
        name: finding.verdict
        for finding in said.findings
        if finding.verdict in {"found_match", "not_found"}
        for name in (*finding.materials, *finding.claims)
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to everything inside a document."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [path, *(one for key, part in inner for one in places(part, (*path, key)))]


def holder(document: Json, path: tuple[Any, ...]) -> Any:
    """Return what holds the place at the end of a path."""
    found: Any = document
    for step in path[:-1]:
        found = found[step]
    return found


@given(rows=ROWS, data=st.data())
def test_a_changed_document_says_nothing_new(rows: list[Json], data: st.DataObject) -> None:
    original = document_of(REQUEST, rows)
    changed = copy.deepcopy(original)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(changed)[1:]))
        place = holder(changed, path)
        act = data.draw(st.sampled_from(["set", "drop", "twice"]))
        if act == "set":
            place[path[-1]] = data.draw(VALUES | CELLS)
        elif act == "drop":
            del place[path[-1]]
        elif isinstance(place, list):
            place.append(copy.deepcopy(place[path[-1]]))
        if len(places(changed)) == 1:
            break

    said = heard(orjson.dumps(changed))

    if changed == original and orjson.dumps(changed) == orjson.dumps(original):
        assert said == heard(orjson.dumps(original))
    else:
        assert settled(said) == {}
        assert (said.facts, said.licences, said.shown) == ({}, (), ())


@given(rows=ROWS, data=st.data())
def test_changed_bytes_say_the_same_or_nothing(rows: list[Json], data: st.DataObject) -> None:
    raw = bytearray(orjson.dumps(document_of(REQUEST, rows)))
    original = heard(bytes(raw))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        act = data.draw(st.sampled_from(["flip", "drop", "insert", "cut"]))
        if act == "flip":
            raw[place] ^= 1 << data.draw(st.integers(0, 7))
        elif act == "drop":
            del raw[place]
        elif act == "insert":
            raw.insert(place, data.draw(st.sampled_from(list(b' "0,{}[]:x'))))
        else:
            del raw[max(place, 1) :]

    said = heard(bytes(raw))

    # White space and the case of the signature's digits say nothing; all else is signed.
    assert said == original or settled(said) == {}


@given(rows=ROWS, other=ROWS)
def test_a_signature_cannot_be_moved_to_another_answer(
    rows: list[Json], other: list[Json]
) -> None:
    one, two = document_of(REQUEST, rows), document_of(REQUEST, other)

    if one != two:
        assert settled(heard(orjson.dumps(two | {"sign": one["sign"]}))) == {}


@given(rows=ROWS)
def test_an_answer_to_another_request_says_nothing(rows: list[Json]) -> None:
    assert settled(heard(orjson.dumps(document_of("f" * 32, rows)))) == {}


@given(rows=ROWS)
def test_a_signed_answer_about_another_person_is_never_a_match(rows: list[Json]) -> None:
    for row in rows:
        row["zjhm"] = "110105194912310038"

    told = settled(heard(orjson.dumps(document_of(REQUEST, rows))))

    assert "found_match" not in told.values()


@given(rows=ROWS, head=st.dictionaries(st.sampled_from(["status", "timestamp"]), LEAVES))
def test_a_signed_answer_is_a_match_only_with_a_good_row_and_nothing_against_it(
    rows: list[Json], head: Json
) -> None:
    document = document_of(REQUEST, rows)
    document = signed(document | {"head": document["head"] | head})
    codes = {"card": "kp", "permit": "permit", "identity": "sf"}

    for name, verdict in settled(heard(orjson.dumps(document))).items():
        about = [row for row in rows if row["lx"] == codes[name]]
        good = [row_of(codes[name], lb=row["lb"], mj=row["mj"]) for row in about]
        assert about == good, "right person, in force"
        assert verdict == ("found_match" if about else "not_found")


def test_the_interface_of_these_tests_is_the_usual_one() -> None:
    assert ORDER.source == source_of()
