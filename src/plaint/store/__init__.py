"""SQL and blobs behind the Protocols that others declare; decides nothing, knows no HTTP. Start at the folder's file list."""
