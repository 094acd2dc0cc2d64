"""Links to answers that visitors asked to be kept, and what a tab of the browser remembers of its answers."""
