"""The directory: public, append-only, every entry verified as any reader would. Start at `service`."""
