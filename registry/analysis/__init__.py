"""What a stored collection says when it is looked at as a whole. May import storage."""
