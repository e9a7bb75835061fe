"""Plaint: reports that cannot be ignored, read by the wrong people, or made to disappear. Start at ARCHITECTURE.md."""
