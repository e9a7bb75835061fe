"""What the law asks, as data: one JSON file for each deadline pack, and the days on which a site does not work.

It knows no case, no member and no server; drafts take from here what becomes a directory entry. Start at `shipped`.
"""
