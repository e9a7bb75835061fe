"""SQL and blobs behind the Protocols that others declare; decides nothing, knows no HTTP."""
