"""All that the browser does, in Python: reports, reads, verifies; trusts no server."""
