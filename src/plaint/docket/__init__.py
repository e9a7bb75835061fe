"""Who reads, what is due and who is excluded; knows no SQL, no HTTP and no plaintext. Start at the folder's file list."""
