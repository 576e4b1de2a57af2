"""Drive both sides in a real browser, with the keyboard and a scanner."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from immunosep_site.demonstration.password import PASSWORD
from randomization.shared import clock
from randomization.unblinded.lists.plan import load_plan
from tests.both.databases import ROOT, Pair

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first one found; the one that has no window needs half as long for a page."""
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
WIDTHS = (360, 820, 1440)
EVERY_WIDTH = os.environ.get("PAGE_WIDTHS") == "all"
"""`make browser`: axe reads each page at every width; the suite lets it read them at one width each, in turn."""
SCHEMES: tuple[Any, ...] = ("light", "dark")
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules whose answer a colour scheme can change; every other one is asked once a width."""
FADED = "() => document.getAnimations().forEach(each => each.finish())"
"""Colours change at once, whatever a style sheet would fade."""
ASK = (
    "rules => axe.run(document, {resultTypes: ['violations'], preload: false, "
    "...(rules && {runOnly: {type: 'rule', values: rules}})})"
)


@dataclass(frozen=True)
class Served:
    """Both sides, running; participants of GR01 by what they are for, their kits; ids of what waits at GR02."""

    blinded: str
    unblinded: str
    treated: str
    broken: str
    told: str
    waiting: str
    drafted: str
    coming: str
    kits: dict[str, str]
    places: dict[str, str]

    def page(self, side: str, address: str) -> str:
        """An address of tests/pages.py."""
        base = self.blinded if side == "blinded" else self.unblinded
        return base + address.format(treated=self.treated, waiting=self.waiting, **self.places)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(pair: Pair, application: str = "immunosep_site.wsgi", **more: str) -> Iterator[tuple[str, str]]:
    """Both sides, served until the end; their addresses, blinded first: two names of one host."""
    ports = {"blinded": free_port(), "unblinded": free_port()}
    processes = []
    for side, port in ports.items():
        command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--threads", "4"]
        with (pair.folder / f"{side}.log").open("w") as log:
            processes.append(subprocess.Popen(command, env={**pair.environment(side), **more}, cwd=ROOT, stderr=log))
    try:
        for port in ports.values():
            _wait_for(port)
        yield f"http://localhost:{ports['blinded']}", f"http://127.0.0.1:{ports['unblinded']}"
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _turn in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/static/style.css")
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not start")


def log_in(browser: Browser, base: str, user: str, width: int = 1024) -> Page:
    """Log in with the keyboard alone; any message on the console fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.on("console", _no_errors)
    page.goto(f"{base}/log-in/")
    page.locator("[name=username]").focus()
    page.keyboard.type(user)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your tasks")
    return page


def _no_errors(message: Any) -> None:
    refused = "the server responded with a status of 4" in message.text
    assert message.type != "error" or refused, message.text


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _turn in range(60):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached with the keyboard")


def scan_lots(page: Page) -> None:
    """Scan a unit of each product (GS1, article, expiry and lot): of what is counted the lot that expires first."""
    in_a_year = (clock.now() + timedelta(days=365)).replace(day=1)
    products = load_plan(ROOT / "fixtures" / "plan.toml").products
    for field in page.locator("input.scan[name^=lot_]").all():
        name = str(field.get_attribute("name"))
        first = re.findall(r"of lot ([^\s,]+)", page.locator(f"#{name}-help").inner_text())
        item = "01" + products[name.removeprefix("lot_")].gtins[0]
        field.fill(f"{item}10{first[-1].rstrip('.')}" if first else f"{item}17{in_a_year:%y%m%d}10HOSPITAL7")
    tab_to(page, "[name=secret]")


def read_lots(page: Page) -> None:
    """The second person reads lot and expiry on the units, and ticks each."""
    for box in page.locator("[name=lots]").all():
        box.check()


def check_page(page: Page, address: str, order: int | None = None) -> None:
    """At every width nothing overflows, and axe finds nothing, light and dark, without a reload.

    order: of a page among many; it chooses the one width at which the suite lets axe read it. None: at every width.
    """
    before = page.viewport_size
    assert before is not None
    page.evaluate(f"() => {{ {Axe().axe_script} }}")
    read_at = WIDTHS if EVERY_WIDTH or order is None else (WIDTHS[order % len(WIDTHS)],)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES if width in read_at else ():
            page.emulate_media(color_scheme=scheme)
            page.evaluate(FADED)
            violations = page.evaluate(ASK, None if scheme == SCHEMES[0] else OF_COLOUR)["violations"]
            faults = [(item["id"], item["nodes"][0]["html"][:120]) for item in violations]
            assert not faults, (address, width, scheme, faults)
        check_fits(page, address)
    page.set_viewport_size(before)
    page.emulate_media(color_scheme=SCHEMES[0])


def check_fits(page: Page, address: str) -> None:
    """Nothing is wider than the window, but for the panel's own tables."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1 or "/desk/" in address, (address, page.viewport_size, wide)


def follow(page: Page, selector: str, heading: str) -> None:
    """To a link or button with Tab, Enter, and the page that answers has this heading."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(heading)


def write(page: Page, **fields: str) -> None:
    """Type into fields by name, over what stands there."""
    for name, text in fields.items():
        tab_to(page, f"[name={name}]")
        page.keyboard.press("Control+a")
        page.keyboard.type(text)


def choose(page: Page, name: str, value: str) -> None:
    """One of several, with the arrow keys; Space for the first."""
    tab_to(page, f"[name={name}]")
    page.keyboard.press("Home")
    for _turn in range(20):
        focused = page.evaluate("() => [document.activeElement.value, document.activeElement.type]")
        if focused[0] == value:
            if focused[1] in {"radio", "checkbox"}:
                page.keyboard.press("Space")
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"{name} has no choice {value}")


def date_and_time(page: Page, name: str, moment: datetime, zone: str = "Europe/Athens") -> None:
    """Type day and hour as the field of an American browser takes them: month first, twelve hours."""
    local = moment.astimezone(ZoneInfo(zone))
    tab_to(page, f"[name={name}]")
    page.keyboard.type(f"{local:%m%d%Y}")
    page.keyboard.press("ArrowRight")
    page.keyboard.type(f"{local:%I%M}{'a' if local.hour < 12 else 'p'}")


def send(page: Page, heading: str) -> None:
    """The primary button, by keyboard."""
    follow(page, "button.primary", heading)
