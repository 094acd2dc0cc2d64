"""Training, measuring and publishing the generators of the zoo."""
