"""What several modules of the tests of both sides need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.both.databases import Pair, fresh_pair


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two migrated databases for worlds that are compared: else the moment of each migration differs."""
    with fresh_pair(tmp_path_factory.mktemp("template"), "template") as pair:
        yield pair
