"""One image in, an answer out, and the sentences for it. May import analysis and storage."""
