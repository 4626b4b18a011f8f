"""Batches: cases in, canonical decisions out, for the command line."""

from collections.abc import Iterable
from typing import Any, BinaryIO

from api.answer import Answer, Answerer, MatchersDifferError, read_text
from evaluator.plan import plan
from knowledge.canonical import canonical
from knowledge.fault import Fault, FaultsError
from knowledge.strict_json import StrictJsonError, read_json
from rules.pack import Pack


def decide_one(pack: Pack, text: bytes) -> bytes:
    """Return the canonical decision of a case, or raise `FaultsError`."""
    answerer = Answerer(pack)
    try:
        case = read_text(answerer.decider, text)
        if isinstance(case, FaultsError):
            raise case
        return answerer.answer(case).encoded
    except MatchersDifferError as error:
        raise FaultsError([_refusal(error)]) from error
    finally:
        answerer.close()


def decide_lines(pack: Pack, lines: Iterable[bytes], out: BinaryIO) -> None:
    """Write one decision a line, in order; faults on the line of a bad case."""
    answerer = Answerer(pack)
    try:
        cases = (read_text(answerer.decider, line) for line in lines if line.strip())
        out.writelines(_line(answer) + b"\n" for answer in answerer.answer_all(cases))
        out.flush()
    finally:
        answerer.close()


def _line(answer: Answer | Exception) -> bytes:
    if isinstance(answer, Answer):
        return answer.encoded
    faults = answer.faults if isinstance(answer, FaultsError) else [_refusal(answer)]
    return canonical({"error": [fault.as_dict() for fault in faults]})


def _refusal(error: Exception) -> Fault:
    what, _, cure = str(error).partition("; ")
    return Fault("", 0, "case", what, cure)


def plan_text(pack: Pack, process: str, text: bytes) -> bytes:
    """Return the canonical decisions of all steps of a process, or raise `FaultsError`.

    Each step is matched by both matchers, like every live decision.
    """
    answerer = Answerer(pack)
    try:
        raw = read_json(text)
        steps = plan(
            answerer.decider, process, raw, lambda case: answerer.answer(case).decision
        )
    except StrictJsonError as error:
        raise FaultsError([_refusal(error)]) from error
    except MatchersDifferError as error:
        raise FaultsError([_refusal(error)]) from error
    finally:
        answerer.close()
    rows: list[dict[str, Any]] = [{"step": step, "decision": made} for step, made in steps]
    return canonical({"steps": rows})
