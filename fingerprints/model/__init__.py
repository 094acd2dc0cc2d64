"""What is stored and what it says of an image: reference, fingerprint, evidence. May import geometry."""
