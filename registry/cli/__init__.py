"""The commands of ``python -m registry`` that are more than a call."""
