"""Sealed files go up before the entry that names them; nobody but their sender may write. Start at `service`."""
