"""The Hugging Face Hub as a registry's remote: sync, push, propose, review, follow."""
