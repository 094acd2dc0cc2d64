"""The pages that are one file each."""
