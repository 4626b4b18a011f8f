"""Demonstration accounts: one for each kind of work, so that a new installation can be tried.

Their passwords are generated and stand in a file that only its owner may read. None of these
people exists.
"""

import os
from pathlib import Path
from typing import Final

from api.accounts import password as passwords
from api.accounts.book import AccountBook, Draft
from api.accounts.permission import Role
from api.record import Asker
from api.store import Store

PHONE: Final = "0769-0000000{}"
DEMO: Final = (
    Draft("hall", "何示例", Role.CLERK, "dg-amr", "市民中心综合窗口1号", PHONE.format(1)),
    Draft("company", "康示例", Role.CLERK, "dg-amr", "企业登记窗口", PHONE.format(2)),
    Draft("land", "梁示例", Role.CLERK, "dg-nr", "自然资源窗口", PHONE.format(3)),
    Draft("building", "庄示例", Role.CLERK, "dg-hcb", "工程建设窗口", PHONE.format(4)),
    Draft("marriage", "马示例", Role.CLERK, "dg-civil", "婚姻登记窗口", PHONE.format(5)),
    Draft("vehicle", "车示例", Role.CLERK, "dg-vmo", "车管业务窗口", PHONE.format(6)),
    Draft("legal", "方示例", Role.LEGAL, "dg-justice", "法制科", PHONE.format(7)),
    Draft("auditor", "申示例", Role.AUDITOR, "", "政务服务监督科", PHONE.format(8)),
    Draft("admin", "安示例", Role.ADMIN, "", "信息科", PHONE.format(9)),
)


def demo_lines(store: Store, path: Path) -> list[str]:
    """Return a line for each demonstration account that is as it was made.

    They are made first where there is no account at all.
    """
    book = AccountBook(store)
    if not book.any():
        _make(book, path)
    if not path.exists():
        return []
    made = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    kept = {one.login: one for one in book.all() if one.active}
    return [
        f"  {login:<10} {password}  {kept[login].role:<8} {kept[login].office}"
        for login, password, digest in made
        if login in kept and kept[login].password == digest
    ]


def _make(book: AccountBook, path: Path) -> None:
    lines = []
    path.unlink(missing_ok=True)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        for draft in DEMO:
            password = passwords.generate()
            book.new(draft, password, Asker(door="cli", why="demonstration"))
            account = book.active(draft.login)
            lines.append(f"{draft.login}\t{password}\t{account.password}\n")
        file.writelines(lines)
