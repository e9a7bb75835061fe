"""Cases for the vectors of the log's formats, error codes written by hand. Start at `trees`."""
