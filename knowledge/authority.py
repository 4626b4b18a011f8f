"""Authority profiles: which levels of law may demand a class of material (设定权限)."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from knowledge.day import Day, check_period, holds
from knowledge.entry import Entry, Text, Word
from knowledge.law import Basis, Level
from knowledge.material import MaterialClass

PersonKind = Literal["natural", "legal"]


class Authority(Entry):
    """Papers of `class` may be demanded of `applicant` in `region` only by these levels.

    Source: 优化营商环境条例 arts. 43, 44; 东府办〔2016〕59号 三(四), 三(七).
    """

    material_class: Word[MaterialClass] = Field(alias="class")
    levels: tuple[Word[Level], ...] = Field(min_length=1)
    region: Text
    since: Day
    basis: Basis = Field(min_length=1)
    applicant: Literal["natural", "legal", "any"] = "any"
    until: Day | None = None

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        check_period(self.since, self.until)
        return self

    def live(self, day: date) -> bool:
        """Return whether the profile holds on a day."""
        return holds(self.since, self.until, day)
