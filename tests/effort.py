"""Effort: how many random examples a run of the tests tries."""

import os

THOROUGH = bool(os.environ.get("JIANZHENG_THOROUGH"))


def tries(usual: int) -> int:
    """Return how often to try: as usual, or ten times as often when the run is thorough."""
    return usual * 10 if THOROUGH else usual
