"""The gallery: generators as tiles, one by one, two beside each other, or all on a map."""
