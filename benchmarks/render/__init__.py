"""Results as pages: ``python -m benchmarks.render``."""
