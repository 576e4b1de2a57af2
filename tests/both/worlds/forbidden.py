"""Words that nobody below the line may read: arms, classes, drugs."""

from __future__ import annotations

import re

FORBIDDEN = re.compile(
    r"precision|control arm|\bMALS\b|\bSIP\b|anakinra|interferon|saline|unblinded\.|dummy", re.IGNORECASE
)
