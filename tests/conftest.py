"""What every test has: a slow machine fails none."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("plaint", settings.default, deadline=None)
settings.load_profile("plaint")
