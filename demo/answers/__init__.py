"""An answer as a page shows it, from the first picture to the evidence."""
