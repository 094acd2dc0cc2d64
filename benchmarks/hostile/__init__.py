"""What strangers can do to the server: ``python -m benchmarks.hostile``."""
