"""What is left of erased rooms, and that it stays so. Start at `service`."""
