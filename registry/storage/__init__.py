"""A registry on disk: cards, the folder format, revisions, and changes that are whole or not there."""
