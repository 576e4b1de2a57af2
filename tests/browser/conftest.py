"""One browser and one pair of served sides for each worker: every test stands alone, whatever ran before it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.both.databases import Pair, fresh_pair
from tests.browser.driving import CHROMIUM, Served, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window; a laptop without it skips these tests, CI does not."""
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed here: apt-get install chromium-headless-shell (or chromium)")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # its loop stays in this thread, while other tests read databases
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served(template: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """What `set_up.py` makes, served; messages are carried by the embedded sweep."""
    with fresh_pair(tmp_path_factory.mktemp("browser"), "browser", template=template) as pair:
        data = json.loads(pair.run("unblinded", "tests/browser/set_up.py").stdout.splitlines()[-1])
        with serving(pair) as sides:
            yield Served(*sides, **data)
