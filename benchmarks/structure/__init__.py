"""Do fingerprints show how a generator was made? ``python -m benchmarks.structure``."""
