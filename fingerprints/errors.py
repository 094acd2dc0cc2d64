"""The errors that a user can meet. Whatever else is raised is an error of this program, and is not caught."""

from __future__ import annotations


class UserError(Exception):
    """A person can do something about it, and its text is for them: what was found, and what would work.

    The command lines and the app catch this class. What is raised for wrong values is a ValueError too, for those who
    use the packages as a library.
    """

    @property
    def sentence(self) -> str:
        """What it says; a Sentence where it can be said in another language (sentence.py)."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class SpaceError(UserError, ValueError):
    """There is no such space here, it cannot be used here, or it is of another version."""
