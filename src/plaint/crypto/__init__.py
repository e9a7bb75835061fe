"""The only package that imports cryptographic libraries; it knows bytes, never rooms, people or files. Start at `hashes`."""
