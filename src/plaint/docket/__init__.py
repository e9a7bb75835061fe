"""Who reads, what is due and who is excluded; knows no SQL, no HTTP and no plaintext."""
