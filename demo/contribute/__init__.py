"""Adding a generator: samples in, a report, a card."""
