"""The oracle: a second resolution, written from the specification alone, slow and plain.

It shares nothing with the product: not the parser, not the loader, not one value. Each
function quotes the section of the specification that it carries out.
"""

from tests.oracle.decision import decision
from tests.oracle.faults import faults
from tests.oracle.matter import Json, load_pack, matter_of
from tests.oracle.plan import plan
from tests.oracle.resolution import resolution_of

__all__ = ["decide", "load_pack", "plan"]


def decide(pack: Json, case: Json) -> Json:
    """Decide a case before a sound pack, or refuse it with `{"error": [faults]}`."""
    found = faults(pack, case)
    if found:
        return {"error": found}
    return decision(resolution_of(matter_of(pack, case)))
