"""Wire formats and proofs, pure: knows no clock, file or network. Start at `spec/`, one file there per format."""
