"""The paper's first nouns: embedding, manifold, projection, artifact. May import images and spaces."""
