"""How what is stored is learned from embedded images, cross-fitted throughout. May import all that lies below."""
