"""Samples in: files, folders, archives, tables and data sets, read in a sandbox where strangers send them."""
