"""A double of the Hugging Face Hub on the loopback interface (double.py): for tests, and by hand with ``make hub``."""
