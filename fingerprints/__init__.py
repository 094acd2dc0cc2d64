"""ManiFPT: artifacts, fingerprints and attribution of generative models (arXiv 2402.10401)."""
