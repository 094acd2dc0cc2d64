"""Where fingerprints live: cards and entries, the folder format, samples in, and the command line."""
