"""Files in, pixels out: decoding, codecs, what happens to pictures (histories), and the canonical form. May import
claims."""
