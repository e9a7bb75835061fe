"""The cases of `vectors/`, one module for each family of formats. Start at `tools.make_vectors`."""
