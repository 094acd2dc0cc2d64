"""The paper's study on our data: ``python -m benchmarks.paper``."""
