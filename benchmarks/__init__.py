"""Measurements: every number that the project states is printed by a module of this folder."""
