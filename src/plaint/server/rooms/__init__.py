"""Rooms: written and read with a capability, never listed, counted or searched. Start at `service`."""
