"""The kinds of sources that samples are read from, one a file. registry.intake.samples is the way in."""
