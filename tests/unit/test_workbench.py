"""The workbench: acts one at a time; one that waits lets another go on."""

import asyncio
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from api.turn import Turns
from api.workbench import Pause, Workbench, pause
from tests.looping import run


@pytest.fixture
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


def test_acts_are_worked_out_one_at_a_time(bench: Workbench) -> None:
    working: list[int] = []
    most = [0]

    def act(number: int) -> int:
        working.append(number)
        time.sleep(0.002)
        most[0] = max(most[0], len(working))
        working.remove(number)
        return number * 2

    async def ask() -> list[int]:
        return await asyncio.gather(*(bench.done(partial(act, n)) for n in range(20)))

    assert run(ask()) == [2 * number for number in range(20)]
    assert most == [1]


def test_an_act_that_waits_lets_the_next_go_on(bench: Workbench) -> None:
    told: list[str] = []
    waiting: list[Pause] = []

    def first() -> None:
        waiting.append(pause())
        told.append("first waits")
        waiting[0].wait()
        told.append("first goes on")

    def second() -> None:
        told.append("second")
        waiting[0].over()

    async def ask() -> None:
        await asyncio.gather(bench.done(first), bench.done(second))

    run(ask())
    assert told == ["first waits", "second", "first goes on"]


def test_a_pause_that_is_over_before_it_begins_takes_no_time(bench: Workbench) -> None:
    def act() -> str:
        rest = pause()
        rest.over()
        rest.wait()
        return "done"

    assert run(bench.done(act)) == "done"


def test_what_an_act_raises_reaches_who_asked_and_nobody_else(bench: Workbench) -> None:
    def fails() -> None:
        raise KeyError("lost")

    async def ask() -> list[object]:
        both = bench.done(fails), bench.done(lambda: "done")
        return list(await asyncio.gather(*both, return_exceptions=True))

    failed, done = run(ask())
    assert isinstance(failed, KeyError)
    assert done == "done"


def test_who_no_longer_waits_is_not_told(bench: Workbench) -> None:
    began, end = threading.Event(), threading.Event()

    def long() -> None:
        began.set()
        end.wait(10)

    async def ask() -> str:
        asked = asyncio.create_task(bench.done(long))
        await asyncio.to_thread(began.wait, 10)
        asked.cancel()
        end.set()
        return await bench.done(lambda: "the next")

    assert run(ask()) == "the next"


def test_the_bench_outlives_a_loop_that_ended_before_its_act(bench: Workbench) -> None:
    end = threading.Event()

    async def ask() -> None:
        asked = asyncio.create_task(bench.done(lambda: end.wait(10)))
        await asyncio.sleep(0)
        asked.cancel()

    run(ask())
    end.set()
    assert run(bench.done(lambda: "the next")) == "the next"


def test_a_thread_sleeps_through_its_pause() -> None:
    rest = pause()
    threading.Timer(0.05, rest.over).start()
    assert rest.wait() is True


def test_turns_on_one_case_come_one_after_another_and_others_go_on(bench: Workbench) -> None:
    turns, told, waiting = Turns(), [], list[Pause]()

    def slow() -> None:
        with turns.alone("a"):
            waiting.append(pause())
            told.append("slow begins")
            waiting[0].wait()
            told.append("slow ends")

    def same() -> None:
        with turns.alone("a"):
            told.append("same")

    def other() -> None:
        with turns.alone("b"):
            told.append("other")
        waiting[0].over()

    async def ask() -> None:
        await asyncio.gather(bench.done(slow), bench.done(same), bench.done(other))

    run(ask())
    assert told == ["slow begins", "other", "slow ends", "same"]


def test_a_thread_and_an_act_wait_for_each_others_turn(bench: Workbench) -> None:
    turns, counts = Turns(), [0]

    def add() -> None:
        with turns.alone("a"):
            seen = counts[0]
            rest = pause()
            threading.Timer(0.001, rest.over).start()
            rest.wait()
            counts[0] = seen + 1

    threads = [threading.Thread(target=add) for _ in range(10)]
    for one in threads:
        one.start()

    async def ask() -> None:
        await asyncio.gather(*(bench.done(add) for _ in range(10)))

    run(ask())
    for one in threads:
        one.join()
    assert counts == [20]


def test_who_waits_longest_is_next() -> None:
    turns, told = Turns(), list[int]()
    threads = [threading.Thread(target=lambda n=n: waiting(n)) for n in range(5)]

    def waiting(number: int) -> None:
        with turns.alone("a"):
            told.append(number)

    with turns.alone("a"):
        for number, one in enumerate(threads):
            one.start()
            while turns.waiting("a") <= number:
                time.sleep(0.001)
    for one in threads:
        one.join()
    assert told == [0, 1, 2, 3, 4]


def test_a_turn_ends_with_what_goes_wrong_in_it() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns.alone("a"):
        raise KeyError
    with turns.alone("a"):
        pass
