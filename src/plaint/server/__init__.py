"""The service one organisation runs; it never holds plaintext or a member's key."""
