"""Samples of one generator in, a fingerprint with a report out; what waits for the owner."""
