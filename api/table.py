"""Tables: what the record holds. Rows are added, never changed or removed."""

from datetime import date, datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class Content(SQLModel, table=True):
    """Bytes stored once, by their digest: the files of released packs."""

    digest: str = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class Release(SQLModel, table=True):
    """A pack in force from a day; `files` is the digest of its content."""

    id: int | None = Field(default=None, primary_key=True)
    pack: str
    from_day: date = Field(index=True)
    files: str = Field(foreign_key="content.digest")
    ruleset: str
    catalogue: str
    recorded_at: datetime


class StoredDecision(SQLModel, table=True):
    """A decision as its canonical bytes, with the case that it decides.

    `matchers` is `both`, or `reference` where the engine gave no answer (`engine_fault`).
    """

    __tablename__ = "decision"

    number: str = Field(primary_key=True)
    recorded_at: datetime = Field(index=True)
    release: int = Field(foreign_key="release.id")
    as_of: date
    digest: str = Field(index=True)
    body: bytes = Field(sa_type=LargeBinary)
    case: bytes = Field(sa_type=LargeBinary)
    matchers: str
    engine_fault: str | None = None
    program: str


class Incident(SQLModel, table=True):
    """What must not happen and did: two matchers that differ, with both answers."""

    id: int | None = Field(default=None, primary_key=True)
    recorded_at: datetime
    kind: str
    body: bytes = Field(sa_type=LargeBinary)
