"""Breakers and retry budgets, against a plain model, whatever the order of events."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from knowledge.lookup.breaker import Breaker, Pass
from knowledge.lookup.budget import Budget
from knowledge.lookup.hub import Limits

LIMITS = Limits(in_a_row=5, window=20, rest=10)


class BreakerMachine(RuleBasedStateMachine):
    """Calls begin, end well, end badly or never; the clock goes on as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(LIMITS, lambda: self.now)
        self.out: list[Pass] = []
        self.probes: list[Pass] = []
        self.outcomes: list[bool] = []
        self.opened_at: float | None = None

    @rule(seconds=st.sampled_from([0.1, 1, 9.9, 10, 60]))
    def time_passes(self, seconds: float) -> None:
        """Let time go on."""
        self.now += seconds

    @rule()
    def a_call_begins(self) -> None:
        """Ask for leave: while it rests there is none, then for one probe."""
        leave = self.breaker.admit()
        if self.opened_at is None:
            assert leave is not None
            self.out.append(leave)
        elif self.probes or self.now - self.opened_at < LIMITS.rest:
            assert leave is None, "it rests, or one probe is out"
        else:
            assert leave is not None
            self.probes.append(leave)

    @precondition(lambda self: self.out)
    @rule(failed=st.booleans(), data=st.data())
    def a_call_ends(self, failed: bool, data: st.DataObject) -> None:  # noqa: FBT001 (drawn)
        """End a call: enough failures of this spell open it, and nothing else."""
        leave = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        state = self.breaker.state
        self._end(leave, failed=failed)
        if self.opened_at is not None or leave.spell != self.spell:
            assert self.breaker.state == state, "a call of an earlier spell changes nothing"
            return
        self.outcomes.append(failed)
        last = self.outcomes[-LIMITS.window :]
        in_a_row = self.outcomes[-LIMITS.in_a_row :] == [True] * LIMITS.in_a_row
        if in_a_row or (len(last) == LIMITS.window and sum(last) >= LIMITS.window // 2):
            if failed:
                self.opened_at, self.outcomes = self.now, []
            assert self.breaker.state == ("open" if failed else "closed")
        else:
            assert self.breaker.state == "closed"

    spell = 0

    @precondition(lambda self: self.probes)
    @rule(failed=st.booleans())
    def the_probe_ends(self, failed: bool) -> None:  # noqa: FBT001 (drawn)
        """End the probe: it alone decides."""
        leave = self.probes.pop()
        self._end(leave, failed=failed)
        if failed:
            self.opened_at = self.now
            assert self.breaker.state == "open"
        else:
            self.opened_at, self.outcomes = None, [False]
            self.spell = leave.spell + 1
            assert self.breaker.state == "closed"

    def _end(self, leave: Pass, *, failed: bool) -> None:
        if failed:
            self.breaker.failed(leave, "server")
        else:
            self.breaker.succeeded(leave)

    @invariant()
    def at_most_one_probe_is_out(self) -> None:
        """Half open means: one probe is out."""
        assert len(self.probes) <= 1
        assert (self.breaker.state == "half_open") == bool(self.probes)

    @invariant()
    def it_is_open_when_the_model_is(self) -> None:
        """Nothing else opens or closes it."""
        assert (self.breaker.state != "closed") == (self.opened_at is not None)


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(stateful_step_count=120)


@given(st.lists(st.booleans(), max_size=300), st.integers(2, 20))
def test_calls_are_repeated_for_a_tenth_of_them_at_most(
    wishes: list[bool], calls_per_retry: int
) -> None:
    budget = Budget(calls_per_retry)
    calls = again = since = 0
    for wish in wishes:
        budget.called()
        calls, since = calls + 1, since + 1
        if wish and budget.take():
            assert since >= calls_per_retry, "none is saved up beyond one"
            again, since = again + 1, 0
        assert again * calls_per_retry <= calls
    assert again == 0 or any(wishes)


def test_in_a_total_outage_one_call_in_ten_is_repeated() -> None:
    budget = Budget(10)
    again = 0
    for _ in range(1000):
        budget.called()
        again += budget.take()

    assert again == 100
