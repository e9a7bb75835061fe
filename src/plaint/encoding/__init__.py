"""Strict text and binary encodings with one spelling each; knows nothing of what the bytes mean. Start at `lines`."""
