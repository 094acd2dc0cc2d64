"""The language of a visitor: which one, what its catalogue says, and pages that are sent in it."""
