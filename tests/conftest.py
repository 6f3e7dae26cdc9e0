"""Hypothesis on a busy machine: a slow example is no failure.

Its own profile `ci`, which it loads by itself in CI, says so too, and draws the same examples each time.
"""

from hypothesis import HealthCheck, settings

if settings.get_current_profile_name() != "ci":
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")
