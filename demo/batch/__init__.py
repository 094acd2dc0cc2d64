"""Many pictures: hundreds of files at once for a moderator, a table first, the evidence behind each row."""
