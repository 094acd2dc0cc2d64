"""A double of the Hugging Face Hub on the loopback interface (double.py), and the tests that need one."""
