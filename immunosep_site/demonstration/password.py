"""The one password of the demonstration; it is printed for the person who runs it."""

from typing import Final

PASSWORD: Final = "demonstration only"
