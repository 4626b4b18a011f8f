"""Hypothesis: few random examples by default, ten times as many under JIANZHENG_THOROUGH."""

from hypothesis import HealthCheck, settings

from tests.effort import THOROUGH

# One worker of two shares its core with a browser or a server: time says nothing about a test.
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "fast",
    max_examples=60,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile("thorough", parent=settings.get_profile("fast"), max_examples=600)
settings.load_profile("thorough" if THOROUGH else "fast")
