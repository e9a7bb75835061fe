"""The invented organisation: its people, its story, and the command that tells it. Start at `story`."""
