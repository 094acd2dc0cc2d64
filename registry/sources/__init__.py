"""The kinds of sources that samples are read from, one a file. registry.intake is the way in."""
