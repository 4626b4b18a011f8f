"""The doors, on a real server: who is let in, whose forms are taken, how often one may try."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import orjson
import pytest

from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.record import Asker
from api.search import Search, find
from audit.entry import Entry
from tests.reception import BY, OFFICES, PASSWORD, Staffed, open_staffed, served
from tests.small_pack import sound_case

FORM = {"content-type": "application/x-www-form-urlencoded"}
BROWSER = {"accept": "text/html"}
CASE = {"as_of": "2026-11-23"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    with served(open_staffed(tmp_path_factory.mktemp("staffed"))) as office:
        yield office


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Staffed]:
    """Serve an office without any account."""
    with served(open_staffed(tmp_path, ())) as office:
        yield office


def sign_in(
    office: Staffed, login: str, password: str = PASSWORD, **more: str
) -> httpx2.Response:
    with office.visitor() as client:
        return client.post("/login", data={"login": login, "password": password, **more})


@contextmanager
def without_token(office: Staffed, login: str) -> Iterator[tuple[httpx2.Client, str]]:
    """Yield a client whose requests do not carry the token of its session, and that token."""
    with office.client(login) as client:
        yield client, client.headers.pop("x-csrf-token")


# signing in


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(
    office: Staffed,
) -> None:
    answer = sign_in(office, "clerk")
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()

    assert answer.status_code == 303
    assert cookie.key == "session"
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert cookie["max-age"] == cookie["expires"] == cookie["domain"] == ""
    assert len(cookie.value) >= 43


def test_behind_tls_the_cookie_is_bound_to_the_host(office: Staffed) -> None:
    with office.visitor() as client:
        data = {"login": "clerk", "password": PASSWORD}
        answer = client.post("/login", data=data, headers={"x-forwarded-proto": "https"})
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()

    assert cookie.key == "__Host-session"
    assert cookie["secure"]
    assert cookie["path"] == "/"


@pytest.mark.parametrize(
    ("role", "home"),
    [("clerk", "/queue"), ("legal", "/desk"), ("auditor", "/audit"), ("admin", "/accounts")],
)
def test_everybody_lands_where_their_work_is(office: Staffed, role: str, home: str) -> None:
    assert sign_in(office, role).headers["location"] == home
    with office.client(role) as client:
        assert client.get("/").headers["location"] == home


def test_whoever_wanted_a_page_comes_to_it_after_signing_in(office: Staffed) -> None:
    with office.visitor() as client:
        sent = client.get("/audit/decisions?item=f.divorce", headers=BROWSER)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=/audit/decisions%3Fitem%3Df.divorce"

    wanted = "/audit/decisions?item=f.divorce"
    assert sign_in(office, "auditor", next=wanted).headers["location"] == wanted
    assert sign_in(office, "auditor", next="//evil.example").headers["location"] == "/audit"


@pytest.mark.parametrize(
    "login", ["clerk", "nobody", "anonymous", "", "x" * 999, "' OR 1=1 --"]
)
def test_wrong_logins_and_wrong_passwords_are_told_in_the_same_words(
    office: Staffed, login: str
) -> None:
    with office.visitor() as client:
        data = {"login": login, "password": "wrong"}
        answer = client.post("/login", data=data, headers=BROWSER)

    assert answer.status_code == 403
    assert "账号或者密码不对" in answer.text
    assert "set-cookie" not in answer.headers


def test_after_too_many_failures_the_page_says_how_long_to_wait(empty: Staffed) -> None:
    empty.reception.book.new(Draft("clerk", "示例", Role.CLERK), PASSWORD, BY)
    answers = [sign_in(empty, "clerk", "wrong") for _ in range(5)]
    late = sign_in(empty, "clerk")

    assert {one.status_code for one in answers} == {403}
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 900
    assert "请过 15 分钟再试" in late.text


def test_signing_out_ends_the_session_on_both_sides(office: Staffed) -> None:
    with office.client("clerk") as client:
        assert client.get("/account").status_code == 200
        answer = client.post("/logout")
        client.cookies.set("session", client.cookies.get("session") or "gone")
        assert client.get("/account").status_code == 401

    assert answer.headers["location"] == "/login"
    assert "Max-Age=0" in answer.headers["set-cookie"]


# forms


def test_a_form_without_the_token_of_its_session_is_not_carried_out(office: Staffed) -> None:
    with without_token(office, "clerk") as (_, of_another):
        pass
    with without_token(office, "clerk") as (client, csrf):
        for sent in ({}, {"csrf": ""}, {"csrf": of_another}, {"csrf": csrf[:-1]}):
            answer = client.post("/desk/list", data={"item": "b.company_setup", **sent})
            assert answer.status_code == 403
            assert "reload the page" in answer.json()["detail"]
        token = {"label": "x", "days": "1"}
        page = client.post("/account/tokens", data=token, headers=BROWSER)

    assert page.status_code == 403
    assert "这个页面已经过时" in page.text
    assert office.reception.tokens.all("clerk") == []


def test_the_body_that_was_read_for_its_token_comes_whole_to_every_kind_of_route(
    office: Staffed,
) -> None:
    with without_token(office, "clerk") as (client, csrf):
        fields = urlencode({"csrf": csrf, "item": "b.company_setup", "do": "update"})
        raw = client.post("/desk/list", content=fields, headers=FORM | BROWSER)
        pieces = (fields[at : at + 7].encode() for at in range(0, len(fields), 7))
        streamed = client.post("/desk/list", content=pieces, headers=FORM | BROWSER)
        assert "公司设立登记" in raw.text
        assert "公司设立登记" in streamed.text

        token = {"csrf": csrf, "label": "扫描系统", "days": "7"}
        declared = client.post("/account/tokens", data=token)
        parts = {key: (None, value) for key, value in token.items()}
        in_parts = client.post("/account/tokens", files=parts)
    assert declared.status_code == in_parts.status_code == 200
    assert [one.label for one in office.reception.tokens.all("clerk")] == ["扫描系统"] * 2


def test_a_script_of_ours_sends_the_token_in_a_header(office: Staffed) -> None:
    case, kind = orjson.dumps(CASE), {"content-type": "application/json"}
    with without_token(office, "legal") as (client, csrf):
        bare = client.post("/api/v1/decisions", content=case, headers=kind)
        sent = kind | {"x-csrf-token": csrf}
        with_it = client.post("/api/v1/decisions", content=case, headers=sent)

    assert bare.status_code == 403
    assert with_it.status_code == 422  # the case itself is too small


def test_what_another_site_sends_is_refused_even_with_the_token(office: Staffed) -> None:
    with office.client("clerk") as client:
        for site in ("cross-site", "same-site"):
            sent = {"sec-fetch-site": site}
            assert client.post("/account/tokens", headers=sent).status_code == 403
            assert client.post("/login", headers=sent).status_code == 403


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("body", [b"&".join([b"a=b"] * 2500), b"\xff\xfe%%%=&&="])
def test_a_body_that_is_no_form_of_ours_is_refused_before_it_gets_in(
    office: Staffed, kind: str, body: bytes
) -> None:
    sent = {"content-type": f"{kind}; boundary=x"}
    with without_token(office, "clerk") as (client, _):
        assert client.post("/desk/list", content=body, headers=sent).status_code == 403


# programs


def test_a_program_decides_by_its_token_and_the_record_says_who(office: Staffed) -> None:
    with office.program("clerk") as program:
        answer = program.post("/api/v1/decisions", content=orjson.dumps(case_now()))
    assert answer.status_code == 415
    with office.program("clerk") as program:
        answer = program.post("/api/v1/decisions", json=case_now())
        assert answer.status_code == 201, answer.text
    number = answer.json()["receipt"]["number"]
    (line,) = find(office.store, Search(number=number)).lines
    kept = office.store.decision(number)

    assert kept is not None
    assert (kept.row.user, kept.row.office) == ("clerk", OFFICES[Role.CLERK][1])
    assert line.number == number


def case_now() -> dict[str, object]:
    """Return the example of the documentation, which the bundled pack decides."""
    path = Path(__file__).parents[2] / "docs" / "examples" / "company.json"
    case: dict[str, object] = orjson.loads(path.read_bytes())
    assert case.keys() <= sound_case().keys() | {"channel"}
    return case


@pytest.mark.parametrize("token", ["-", "nonsense", "jz_" + "A" * 43])
def test_a_bad_token_gets_no_further_and_is_told_how_to_get_one(
    office: Staffed, token: str
) -> None:
    with office.visitor() as client:
        answer = client.get("/api/v1/accounts", headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "jianzheng token new" in answer.json()["detail"]


def test_a_token_opens_no_pages_and_a_session_is_no_token(office: Staffed) -> None:
    with office.program("admin") as program:
        assert program.get("/accounts").status_code == 401
    secret, _ = office.session("admin")
    with office.visitor() as client:
        sent = {"authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/accounts", headers=sent).status_code == 401


def test_an_auditor_looks_by_name(office: Staffed) -> None:
    with office.client("auditor") as client:
        assert client.get("/audit").status_code == 200
    with office.store.log() as log:
        office.store.keys.log.sequence(log, office.store.milliseconds())
        looks = [Entry.parse(one).body["asked"] for one in log.placed_of_kind("look")]

    named = Asker(user="auditor", office=OFFICES[Role.AUDITOR][1], door="audit", why="audit")
    assert named.as_dict() in looks


def test_the_wrong_role_is_told_which_one_is_needed(office: Staffed) -> None:
    with office.client("clerk") as client:
        page = client.get("/accounts", headers=BROWSER)
        english = client.get("/accounts?lang=en", headers=BROWSER)
        document = client.get("/api/v1/accounts")

    assert page.status_code == document.status_code == 403
    assert "需要「管理员」的角色" in page.text
    assert "needs the role: administrator" in english.text
    assert document.json()["detail"].startswith("this needs the role admin")


# while there is no account


def test_until_there_is_an_account_this_machine_works_and_no_other(empty: Staffed) -> None:
    with empty.visitor() as client:
        assert client.get("/desk").status_code == 200
        assert client.get("/audit").status_code == 200
        for path in ("/account", "/accounts", "/api/v1/accounts"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert "jianzheng account new" in answer.json()["detail"]
        for sent in (
            {"x-forwarded-for": "127.0.0.1"},
            {"x-forwarded-for": "10.0.0.9"},
            {"forwarded": "for=127.0.0.1"},
            {"x-real-ip": "127.0.0.1"},
            {"host": "rebound.example"},
        ):
            assert client.get("/desk", headers=sent).status_code == 401, sent
            assert client.get("/audit", headers=sent).status_code == 401, sent
        page = client.get("/desk", headers=BROWSER | {"x-real-ip": "10.0.0.9"})
    assert page.status_code == 401
    assert "jianzheng account new" in page.text


def test_from_the_first_account_on_this_machine_signs_in_too(empty: Staffed) -> None:
    with empty.visitor() as client:
        assert client.get("/desk").status_code == 200
        empty.reception.book.new(Draft("first", "示例", Role.ADMIN), PASSWORD, BY)
        assert client.get("/desk").status_code == 401
        assert client.get("/audit").status_code == 401
        assert client.get("/api/v1/log/keys").status_code == 200


# administration


def test_an_administrator_makes_resets_and_closes_accounts_on_pages_and_over_rest(
    office: Staffed,
) -> None:
    book = AccountBook(office.store)
    with office.client("admin") as client:
        made = client.post(
            "/accounts",
            data={"login": "chen", "name": "陈示例", "role": "clerk", "organ": "dg-nr"},
        )
        assert book.active("chen").organ == "dg-nr"
        assert sign_in(office, "chen", shown_password(made.text)).status_code == 303
        reset = client.post("/accounts/chen/password")
        assert sign_in(office, "chen", shown_password(made.text)).status_code == 403
        assert sign_in(office, "chen", shown_password(reset.text)).status_code == 303
        client.post("/accounts/chen/close")
        assert sign_in(office, "chen", shown_password(reset.text)).status_code == 403
        assert "没有这个部门" in client.post("/accounts", data={"organ": "mars"}).text
    with office.program("admin") as program:
        wanted = {"login": "zhou", "name": "周示例", "role": "legal"}
        made = program.post("/api/v1/accounts", json=wanted)
        assert made.status_code == 201
        assert program.post("/api/v1/accounts", json=wanted).status_code == 409
        assert sign_in(office, "zhou", made.json()["password"]).status_code == 303
        assert program.post("/api/v1/accounts/zhou/close").status_code == 200
        assert program.post("/api/v1/accounts/zhou/close").status_code == 404
        assert program.post("/api/v1/accounts/admin/close").status_code == 409
        listed = program.get("/api/v1/accounts").json()["accounts"]
    assert {"login": "zhou", "active": False}.items() <= listed[-1].items()
    assert "password" not in listed[-1]


def shown_password(page: str) -> str:
    return page.partition("<code>")[2].partition("</code>")[0]


def test_changing_ones_password_needs_the_present_one(empty: Staffed) -> None:
    empty.reception.book.new(Draft("clerk", "示例", Role.CLERK), PASSWORD, BY)
    new = "another-long-word"
    with empty.client("clerk") as client, empty.client("clerk") as elsewhere:
        wrong = {"present": "wrong-password", "new": new, "again": new}
        assert "现在的密码不对" in client.post("/account/password", data=wrong).text
        mistyped = {"present": PASSWORD, "new": new, "again": new + "x"}
        assert "不一样" in client.post("/account/password", data=mistyped).text
        done = client.post("/account/password", data={**wrong, "present": PASSWORD})
        assert "密码改好了" in done.text
        assert client.get("/account").status_code == 200
        assert elsewhere.get("/account").status_code == 401
    assert sign_in(empty, "clerk", new).status_code == 303
