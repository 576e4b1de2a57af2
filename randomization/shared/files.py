"""Files that only their owner may read: keys, and papers that say who gets what."""

from __future__ import annotations

import os
from pathlib import Path

from randomization.shared.errors import ConfigurationError


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads (0600); never over an existing one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigurationError(f"{path.name} is already there: such files are never overwritten.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
