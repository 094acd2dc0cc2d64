"""The rows of the study: ManiFPT, this project, and attempts that lost."""
