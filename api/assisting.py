"""Assisting: what runs in the process of an assistant."""

import gc
import signal
import socket
from base64 import b64decode
from typing import Final

import orjson

from api.answer import Answer, Answerer, MatchersDifferError
from api.assistant import CASE, DIFFERS, FILES, READY, REFUSED, TOLD
from evaluator.rete_frame import frame, frames
from knowledge.fault import FaultsError
from knowledge.strict_json import read_json
from rules.pack import Reader

_STDIN: Final = 0


def serve() -> None:
    """Read a pack, then answer one case after another, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the service, not before it
    answerer: Answerer | None = None
    came = bytearray()
    with socket.socket(fileno=_STDIN) as channel:
        while data := channel.recv(1 << 18):
            came += data
            for sort, text in frames(came):
                if sort == FILES:
                    answerer = _answerer(text)
                    pack = answerer.decider.pack
                    digests = f"{pack.rules.digest}\n{pack.catalogue.digest}"
                    channel.sendall(frame(READY, digests))
                elif sort == CASE and answerer is not None:
                    channel.sendall(frame(*answered(answerer, text)))


def _answerer(text: str) -> Answerer:
    files = {name: b64decode(body) for name, body in orjson.loads(text).items()}
    answerer = Answerer(Reader(files).pack())
    gc.collect()
    gc.freeze()  # a pack is large and stays
    return answerer


def answered(answerer: Answerer, text: str) -> tuple[bytes, str]:
    """Return the frame that answers a case."""
    try:
        answer = answerer.answer_stated(read_json(text))
    except FaultsError:
        return REFUSED, ""
    except MatchersDifferError as error:
        keys = [view.program.key for view in answerer.decider.views(error.case)]
        view = keys.index(error.program.key)
        return DIFFERS, orjson.dumps([view, error.live, error.reference]).decode()
    return TOLD, _told(answerer, answer)


def _told(answerer: Answerer, answer: Answer) -> str:
    head = [
        answer.matchers,
        answer.engine_fault,
        answer.items,
        answer.persons,
        answerer.statutory(answer),
    ]
    return f"{orjson.dumps(head).decode()}\n{answer.form.decode()}\n{answer.encoded.decode()}"
