"""The endpoints of the double, by what they are for."""
