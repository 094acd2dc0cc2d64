"""What everyday handling does to answers: ``python -m benchmarks.field``."""
