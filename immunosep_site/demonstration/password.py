"""The one password of the demonstration; it is printed to whoever runs it."""

from typing import Final

PASSWORD: Final = "demonstration only"
