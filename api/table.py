"""Tables: what the doors look up. Rows are added, never changed or removed.

What is sealed lies in the log (`audit.table`); these rows point into it, and hold nothing
personal.
"""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel


class Release(SQLModel, table=True):
    """A pack in force from a day; `files` is the digest of its content in the log."""

    id: int | None = Field(default=None, primary_key=True)
    pack: str
    from_day: date = Field(index=True)
    files: str
    ruleset: str
    catalogue: str
    recorded_at: datetime


class StoredDecision(SQLModel, table=True):
    """A kept decision; `decision_box` and `case_box` are digests of its boxes in the log.

    `matchers` is `both`, or `reference` where the engine gave no answer (`engine_fault`).
    """

    __tablename__ = "decision"

    number: str = Field(primary_key=True)
    recorded_at: datetime = Field(index=True)
    release: int = Field(foreign_key="release.id")
    as_of: date
    leaf: bytes = Field(sa_type=LargeBinary)
    promise: str
    decision_box: str
    case_box: str
    matchers: str
    engine_fault: str | None = None
    program: str
    user: str
    office: str

    __table_args__ = (
        Index("decision_by_day", "as_of", "recorded_at", "number"),
        Index("decision_by_office", "office", "as_of", "recorded_at", "number"),
    )


class DecisionItem(SQLModel, table=True):
    """An item that a decision is about, and the organ that it belongs to.

    `as_of` and `recorded_at` are those of the decision: they are found in its order.
    """

    __tablename__ = "decision_item"

    number: str = Field(foreign_key="decision.number", primary_key=True)
    item: str = Field(primary_key=True)
    organ: str
    as_of: date
    recorded_at: datetime

    __table_args__ = (
        Index("decision_item_by_item", "item", "as_of", "recorded_at", "number"),
        Index("decision_item_by_organ", "organ", "as_of", "recorded_at", "number"),
    )


class DecisionGround(SQLModel, table=True):
    """A ground that some paper of a decision was taken off on; in its order, as items are."""

    __tablename__ = "decision_ground"

    number: str = Field(foreign_key="decision.number", primary_key=True)
    ground: str = Field(primary_key=True)
    as_of: date
    recorded_at: datetime

    __table_args__ = (
        Index("decision_ground_by_ground", "ground", "as_of", "recorded_at", "number"),
    )
