"""For how long what may be kept, as data, and a preview for people who decide; it erases nothing. Start at `rules`."""
