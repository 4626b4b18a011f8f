"""Effort: how many random examples a run of the tests tries."""

import os
import random

THOROUGH = bool(os.environ.get("JIANZHENG_THOROUGH"))


def tries(usual: int) -> int:
    """Return how often to try: as usual, or ten times as often when the run is thorough."""
    return usual * 10 if THOROUGH else usual


def dice_of(seed: int | str) -> random.Random:
    """Return the throws of one seed: the same seed gives the same test."""
    return random.Random(seed)  # noqa: S311 (nothing here is a secret)
