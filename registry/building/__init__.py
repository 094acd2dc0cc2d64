"""Collections built from samples: ``python -m registry.building.embed`` makes the embedded registry."""
