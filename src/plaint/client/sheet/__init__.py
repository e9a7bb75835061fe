"""The sheet for people that goes with a proof: a table of facts in four languages, and a PDF of it.

It must not know what a report says or who wrote it. Start at `describe_proof`.
"""
