"""Where the files of the demonstration's trial lie: sites, protocol, plan."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
