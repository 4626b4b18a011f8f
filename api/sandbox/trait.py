"""Traits: what a resident has or is, and of what that lets registers speak."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from api.sandbox.chance import Chance
from api.sandbox.resident import Organisation, Person, Resident

Who = Callable[[Resident], bool]


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that `who` may have, so many times in 1000; `words` are materials and claims.

    What is bound follows from the resident; the rest a member of the cast has only if named.
    """

    name: str
    words: str
    who: Who
    per_mille: int = 1000
    bound: bool = False

    def tells_of(self, word: str) -> bool:
        """Return whether it lets a register speak of a material or claim."""
        return word in self.words.split()

    def had_by(self, resident: Resident, chance: Chance) -> bool:
        """Return whether a resident has it."""
        if not self.who(resident):
            return False
        if self.bound:
            return True
        if resident.traits is not None:
            return self.name in resident.traits
        return chance.happens(self.per_mille, self.name, resident.number)


def _person(one: Resident) -> bool:
    return isinstance(one, Person)


def _organisation(one: Resident) -> bool:
    return isinstance(one, Organisation)


def _anybody(_: Resident) -> bool:
    return True


def _married(one: Resident) -> bool:
    return isinstance(one, Person) and bool(one.spouse)


def _unmarried(one: Resident) -> bool:
    return isinstance(one, Person) and not one.spouse


def _employed(one: Resident) -> bool:
    return isinstance(one, Person) and bool(one.employer)


def _unemployed(one: Resident) -> bool:
    return isinstance(one, Person) and not one.employer


def _renting(one: Resident) -> bool:
    return isinstance(one, Organisation) and bool(one.landlord)


def _of_form(form: str) -> Who:
    return lambda one: isinstance(one, Organisation) and one.form == form


_company = _of_form("company")

TRAITS: Final = (
    Trait(
        "identity",
        "id_card identity household_register household_proof household",
        _person,
        bound=True,
    ),
    Trait(
        "married", "marriage_certificate spouse_relation marital_status", _married, bound=True
    ),
    Trait("divorced", "divorce_certificate marital_status", _unmarried, 120),
    Trait("resident", "residence_permit residence_registration residence", _person, 300),
    Trait("traveller", "passport", _person, 250),
    Trait("hkmo", "hkmo_permit", _person, 10),
    Trait("tw", "tw_permit", _person, 10),
    Trait("foreign", "foreign_residence_permit", _person, 10),
    Trait("adopted", "adoption_certificate adoption_fact", _person, 15),
    Trait("needy", "hardship", _person, 30),
    Trait("dead", "death_certificate death", _person, 10),
    Trait("born", "birth_certificate birth", _person, 700),
    Trait("educated", "education_level diploma", _person, 600),
    Trait("insured", "insurance_record employment", _employed, bound=True),
    Trait("jobless", "unemployment_registered", _unemployed, 150),
    Trait("home", "title_certificate real_estate_title boundary_survey", _anybody, 400),
    Trait("buyer", "house_purchase_contract", _anybody, 60),
    Trait("tenant", "lease", _person, 250),
    Trait("renting", "lease", _renting, bound=True),
    Trait(
        "car",
        "vehicle_licence vehicle_register vehicle_registered "
        "vehicle_inspection_report vehicle_safe purchase_tax_proof "
        "purchase_tax_paid vessel_tax_proof vessel_tax_paid",
        _anybody,
        350,
    ),
    Trait("driver", "driving_licence", _person, 450),
    Trait("judged", "court_document judgment", _anybody, 20),
    Trait("kinship", "notarised_kinship_certificate", _person, 30),
    Trait("clean", "clean_record", _anybody, 970),
    Trait("healthy", "physical_certificate health_state", _person, 300),
    Trait(
        "hazmat",
        "hazmat_driver_certificate hazmat_driver hazmat_escort_certificate hazmat_escort",
        _person,
        15,
    ),
    Trait("ship", "ship_ownership_certificate ship_unmortgaged", _anybody, 10),
    Trait(
        "company", "business_licence legal_status legal_rep_id charter", _company, bound=True
    ),
    Trait(
        "institution",
        "public_institution_certificate legal_status",
        _of_form("institution"),
        bound=True,
    ),
    Trait(
        "association",
        "association_certificate legal_status",
        _of_form("association"),
        bound=True,
    ),
    Trait("nonent", "nonent_certificate legal_status", _of_form("nonent"), bound=True),
    Trait("bank", "", _company, 20),
    Trait("taxed", "tax_certificate", _organisation, 900),
    Trait("cleared", "tax_clearance tax_deregistration", _organisation, 60),
    Trait("filed", "project_filing project_approved", _organisation, 150),
    Trait("approved", "project_approval project_approved", _organisation, 50),
    Trait("land", "land_contract land_prereview_opinion land_use_approval", _organisation, 100),
    Trait("planned", "land_planning_permit engineering_planning_permit", _organisation, 80),
    Trait("verified", "planning_verification", _organisation, 40),
    Trait("assessed", "eia_approval eia_register_filing", _organisation, 120),
    Trait("forest", "forest_land_consent", _organisation, 30),
    Trait("building", "construction_permit", _organisation, 60),
    Trait("built", "fire_acceptance", _organisation, 40),
    Trait("dispatch", "dispatch_licence", _company, 40),
    Trait("fire", "fire_check_certificate", _organisation, 100),
    Trait(
        "devices", "device_registration product_requirements device_registered", _company, 40
    ),
    Trait(
        "carrier",
        "hazmat_carrier_licence hazmat_carrier hazmat_vehicle_certificate hazmat_vehicle",
        _company,
        30,
    ),
)
"""Shares are set by hand, so that every register has somebody to speak of."""

_ELSEWHERE: Final = {"financial_licences": "bank", "marriage_both": "married"}
"""Registers that know only residents of one trait, whatever else a word may mean."""
_UNHEARD: Final = 100
"""Of 1000 residents, how many have a material that no trait names: another pack's."""
_KNOWN: Final = frozenset(word for trait in TRAITS for word in trait.words.split())


def traits_for(word: str) -> Iterator[Trait]:
    """Yield the traits that let a register speak of a material or claim."""
    if word not in _KNOWN:
        yield Trait(word, word, _anybody, _UNHEARD)
    yield from (trait for trait in TRAITS if trait.tells_of(word))


def admits(register: str, resident: Resident, chance: Chance) -> bool:
    """Return whether a register is about residents such as this one at all."""
    wanted = _ELSEWHERE.get(register)
    return wanted is None or any(
        one.name == wanted and one.had_by(resident, chance) for one in TRAITS
    )
