"""The only importer of cryptographic libraries; it knows bytes, never rooms, people or files. Start at `hashes`."""
