"""Grounds: why a paper need not be handed in, in the order in which they are stated."""

from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of the demand for one paper."""

    SUBMIT = "submit"
    REMOVED = "removed"
    REFERENCE = "reference"
    COMMITMENT = "commitment"
    DEFERRED = "deferred"
    ALTERNATIVE = "alternative"


class Ground(StrEnum):
    """The sixteen grounds of semantics 5; the order of definition is the order of statement."""

    NO_BASIS = "no_basis"
    INTERMEDIARY = "intermediary"
    IRRELEVANT = "irrelevant"
    UNLISTED = "unlisted"
    UNVERIFIABLE = "unverifiable"
    AREA_ASSESSMENT = "area_assessment"
    EXEMPT = "exempt"
    DATA_SHARING = "data_sharing"
    E_LICENCE = "e_licence"
    EARLIER_STAGE = "earlier_stage"
    HISTORY = "history"
    COVERED = "covered"
    OWN_ISSUED = "own_issued"
    COMMITMENT = "commitment"
    AGENCY_CHECK = "agency_check"
    TOLERANCE = "tolerance"


ORDER: dict[Ground, int] = {ground: place for place, ground in enumerate(Ground)}

STRIKING = frozenset(
    {
        Ground.NO_BASIS,
        Ground.INTERMEDIARY,
        Ground.IRRELEVANT,
        Ground.UNLISTED,
        Ground.UNVERIFIABLE,
    }
)
"""This paper may not be demanded at all (semantics 6)."""

UNDEFEATABLE = frozenset(
    {Ground.NO_BASIS, Ground.INTERMEDIARY, Ground.IRRELEVANT, Ground.UNLISTED}
)
"""No keep rule can defeat these (semantics 5)."""

OUTCOME: dict[Ground, Outcome] = dict.fromkeys(Ground, Outcome.REMOVED) | {
    Ground.OWN_ISSUED: Outcome.REFERENCE,
    Ground.COMMITMENT: Outcome.COMMITMENT,
    Ground.AGENCY_CHECK: Outcome.DEFERRED,
    Ground.TOLERANCE: Outcome.DEFERRED,
}
