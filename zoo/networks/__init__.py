"""The networks of the zoo and how each kind is trained."""
