"""Members: sessions of which nothing is stored, a stream each that grows with time alone. Start at `service`."""
