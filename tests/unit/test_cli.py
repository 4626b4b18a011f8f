"""The command line: right answers, and refusals with their exit codes, never a trace."""

import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from evaluator.checker import verify
from tests.bad_cases import HUGE, UNREADABLE, UNSOUND
from tests.small_pack import sound_case, sound_pack, write

BAD = UNREADABLE | UNSOUND
SOME = ["half a case", "a key twice", "not a number", "deep nesting", "an unknown item"]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(sound_pack(), tmp_path_factory.mktemp("small"))


def run(*arguments: object) -> Result:
    """Run the command line inside this process."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


def case_file(folder: Path, text: bytes) -> Path:
    path = folder / "case.json"
    path.write_bytes(text)
    return path


def test_decide_prints_the_canonical_decision_with_a_witness_that_holds(
    pack: Path, tmp_path: Path
) -> None:
    done = run("decide", "--pack", pack, case_file(tmp_path, orjson.dumps(sound_case())))

    decision = json.loads(done.stdout)
    assert done.exit_code == 0
    assert decision["submit"] == ["lease", "spouse:id_card"]
    assert verify(decision["submit"], decision["witness"]) == []
    assert done.stdout == orjson.dumps(decision, option=orjson.OPT_SORT_KEYS).decode() + "\n"


def test_decide_without_a_pack_uses_the_bundled_one(tmp_path: Path) -> None:
    case = {"as_of": "2026-11-23", "items": ["b.company_setup"]}
    applicant = {"kind": "natural", "id": "甲"}
    done = run("decide", case_file(tmp_path, orjson.dumps(case | {"applicant": applicant})))

    assert json.loads(done.stdout)["open"]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_ends_with_two_and_its_faults(pack: Path, tmp_path: Path, name: str) -> None:
    text, word = BAD[name]
    done = run("decide", "--pack", pack, case_file(tmp_path, text))

    assert (done.exit_code, done.stdout) == (2, "")
    assert word in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_case_ends_with_two_and_few_words(pack: Path, tmp_path: Path, name: str) -> None:
    done = run("decide", "--pack", pack, case_file(tmp_path, HUGE[name]()))

    assert done.exit_code == 2
    assert len(done.stderr) < 5000


@pytest.mark.parametrize("name", SOME)
def test_the_installed_program_ends_the_same_way(pack: Path, tmp_path: Path, name: str) -> None:
    text, word = BAD[name]
    program = Path(sys.executable).parent / "jianzheng"
    done = subprocess.run(  # noqa: S603 (our own program)
        [program, "decide", "--pack", pack, case_file(tmp_path, text)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_batch_answers_each_line_in_order_and_a_bad_one_does_not_stop_the_rest(
    pack: Path, tmp_path: Path
) -> None:
    texts = [text for text, _ in BAD.values() if text.strip() and b"\n" not in text]
    good = orjson.dumps(sound_case())
    lines = [line for text in texts for line in (good, b"", text)]
    batch = tmp_path / "cases.ndjson"
    batch.write_bytes(b"\n".join(lines) + b"\n\n")
    done = run("decide", "--pack", pack, "--batch", batch)

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert len(answers) == 2 * len(texts)
    assert all("submit" in answer for answer in answers[::2])
    assert all(answer.keys() == {"error"} and answer["error"] for answer in answers[1::2])


def test_an_empty_batch_gives_nothing(pack: Path, tmp_path: Path) -> None:
    batch = tmp_path / "cases.ndjson"
    batch.write_bytes(b"\n \n")
    done = run("decide", "--pack", pack, "--batch", batch)

    assert (done.exit_code, done.stdout) == (0, "")


@pytest.mark.parametrize("arguments", [(), ("a.json", "--batch", "b.ndjson")], ids=str)
def test_decide_wants_one_case_or_one_batch(pack: Path, arguments: tuple[str, ...]) -> None:
    done = run("decide", "--pack", pack, *arguments)

    assert done.exit_code == 2
    assert "not both" in done.stderr


def test_a_file_that_is_not_there_is_named(pack: Path, tmp_path: Path) -> None:
    for option in ([], ["--batch"]):
        done = run("decide", "--pack", pack, *option, tmp_path / "nothing.json")

        assert done.exit_code == 2
        assert "nothing.json" in done.stderr


def test_a_bad_pack_ends_with_one_and_all_its_faults(tmp_path: Path) -> None:
    spoilt = sound_pack()
    spoilt["requirements"][0]["item"] = "nowhere"
    spoilt["laws"][0]["level"] = "custom"
    folder = write(spoilt, tmp_path / "bad")
    case = case_file(tmp_path, orjson.dumps(sound_case()))

    for command in (["decide", "--pack", folder, case], ["check", folder]):
        done = run(*command)
        assert done.exit_code == 1
        assert "nowhere" in done.output
        assert "level" in done.output


def test_check_tells_the_size_of_a_sound_pack_as_text_and_as_json(pack: Path) -> None:
    report = json.loads(run("check", "--json", pack).stdout)

    assert "no fault" in run("check", pack).stdout
    assert report["faults"] == []
    assert report["size"]["requirements"] == 3


def test_check_refuses_an_example_that_comes_out_otherwise(tmp_path: Path) -> None:
    spoilt = sound_pack()
    spoilt["cases"][0]["want"]["submit"] = ["title"]
    done = run("check", "--json", write(spoilt, tmp_path))

    (fault,) = json.loads(done.stdout)["faults"]
    assert done.exit_code == 1
    assert fault["file"] == "cases/all.yaml"
    assert "lease" in fault["what"]


def test_plan_decides_every_step_and_never_asks_twice(pack: Path, tmp_path: Path) -> None:
    case = sound_case() | {"facts": {"premises": "owned"}}
    path = case_file(tmp_path, orjson.dumps(case))
    done = run("plan", "--pack", pack, "--process", "path", path)

    steps = json.loads(done.stdout)["steps"]
    assert [step["step"] for step in steps] == ["one", "two"]
    assert steps[1]["decision"]["submit"] == []


def test_plan_refuses_a_process_that_is_not_there(pack: Path, tmp_path: Path) -> None:
    path = case_file(tmp_path, orjson.dumps(sound_case()))
    done = run("plan", "--pack", pack, "--process", "nowhere", path)

    assert done.exit_code == 2
    assert "no process `nowhere`" in done.stderr


@pytest.mark.parametrize("name", SOME)
def test_plan_refuses_a_bad_case(pack: Path, tmp_path: Path, name: str) -> None:
    text, _ = BAD[name]
    path = case_file(tmp_path, text)
    done = run("plan", "--pack", pack, "--process", "path", path)

    if name != "an unknown item":  # the case's own items are ignored
        assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_explain_tells_the_same_decision_to_a_person(
    pack: Path, tmp_path: Path, lang: str
) -> None:
    path = case_file(tmp_path, orjson.dumps(sound_case()))
    done = run("explain", "--pack", pack, "--lang", lang, path)

    assert done.exit_code == 0
    assert "租赁合同" in done.stdout
    assert "某法" in done.stdout


def test_a_release_of_a_day_that_does_not_exist_is_refused(pack: Path) -> None:
    done = run("release", pack, "--from", "2026-02-30")

    assert done.exit_code == 2
    assert "2026-02-30" in done.stderr
