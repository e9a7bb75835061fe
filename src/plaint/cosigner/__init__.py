"""The outside witness of logs: signs what only grew; it knows no report and no server code."""
