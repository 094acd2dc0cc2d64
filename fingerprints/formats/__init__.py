"""File formats by their bytes: what a file is, whether it can be read, and where its tags lie."""
