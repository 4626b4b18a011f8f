"""Service items (事项; CPSV-AP PublicService) and the organs that they belong to."""

from pydantic import Field, ValidationInfo, field_validator

from knowledge.deadline import Deadline
from knowledge.entry import Entry, Id, Text

APPLICANT = "applicant"


class Organ(Entry):
    """A government organ; `system` is its vertical line (本系统), null if it has none."""

    id: Id
    name: Text
    system: Text | None = None


class Item(Entry):
    """What is applied for. `roles` names the persons besides the applicant (role to name)."""

    id: Id
    name: Text
    organ: Id
    outputs: tuple[Id, ...] = ()
    roles: dict[Id, Text] = Field(default_factory=dict)
    roles_en: dict[Id, Text] = Field(default_factory=dict)
    excluded_from_commitment: bool = False
    no_materials: bool = False
    deadline: Deadline | None = None

    @field_validator("roles")
    @classmethod
    def _applicant_is_no_role(cls, roles: dict[str, str]) -> dict[str, str]:
        if APPLICANT in roles:
            raise ValueError("`applicant` is always there; give the other person a role name")
        return roles

    @field_validator("roles_en")
    @classmethod
    def _only_roles_in_english(
        cls, english: dict[str, str], entry: ValidationInfo
    ) -> dict[str, str]:
        roles = entry.data.get("roles")
        if roles is None:
            return english
        for key in sorted(english.keys() - roles):
            known = ", ".join(f"`{one}` ({name})" for one, name in roles.items())
            cure = f"write {known}" if known else "leave it out"
            raise ValueError(f"`{key}` is no role of `roles`; {cure}")
        return english
