"""What every test has: a slow machine fails none."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("plaint", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("plaint")
