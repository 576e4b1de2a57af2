"""Make all screenshots anew, from the running demonstration: `python docs/make_screenshots.py`.

It only reads, but for three things: it screens a participant, rehearses a code break, and types a syringe that does not
fit.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FOLDER = Path(__file__).parent / "screenshots"
PASSWORD = "demonstration only"  # noqa: S105 (printed by the demonstration)
BLINDED, UNBLINDED = "http://localhost:8000", "http://127.0.0.1:8001"
COORDINATOR, INVESTIGATOR, NURSE = "coordinator.gr01", "investigator.gr01", "nurse.gr01"
PHARMACIST, MONITOR = "pharmacist.gr01", "unblinded_monitor.gr01"


class Shot(NamedTuple):
    """One page: `{number}` is an allocated participant; `then` is what is done there, if anything."""

    side: str
    user: str
    address: str
    name: str
    then: Callable[[Page], None] | None = None


def follow(selector: str) -> Callable[[Page], None]:
    """Follow the first link that fits."""

    def act(page: Page) -> None:
        with page.expect_navigation():
            page.locator(selector).first.click()

    return act


def look_at(selector: str) -> Callable[[Page], None]:
    """Scroll until it stands on top."""
    return lambda page: page.locator(selector).first.evaluate("element => element.scrollIntoView()")


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main button.primary").first.click()


def screen(page: Page) -> None:
    """Screen a participant whose sepsis was found two hours ago, by the clock of the site."""
    now = page.locator("header").first.inner_text().rsplit("·", 1)[-1].strip().splitlines()[0]
    found = dt.datetime.strptime(now, "%d %b %Y %H:%M %z") - dt.timedelta(hours=2)
    page.fill("[name=sepsis_at]", found.strftime("%Y-%m-%dT%H:%M"))
    send(page)
    look_at("main h2:text-is('Can we still make it?')")(page)


def ask_questions(page: Page) -> None:
    follow("th a.code")(page)
    follow("a[href$='/eligibility/']")(page)


def scan_wrong(page: Page) -> None:
    page.fill("[name=participant_number]", "GR01-001")
    page.fill("[name=barcode]", "GR01-002")
    send(page)


def rehearse(page: Page) -> None:
    page.fill("[name=secret]", PASSWORD)
    send(page)


SHOTS: Final = (
    Shot(BLINDED, COORDINATOR, "/", "start"),
    Shot(BLINDED, COORDINATOR, "/password/", "password"),
    Shot(BLINDED, COORDINATOR, "/participants/", "board"),
    Shot(BLINDED, COORDINATOR, "/participants/{number}/", "allocated"),
    Shot(BLINDED, COORDINATOR, "/participants/{number}/randomise/", "randomise"),
    Shot(BLINDED, COORDINATOR, "/participants/new/", "screening", screen),
    Shot(BLINDED, INVESTIGATOR, "/participants/?state=screening", "questions", ask_questions),
    Shot(BLINDED, INVESTIGATOR, "/participants/{number}/stop/", "stop-treatment"),
    Shot(BLINDED, NURSE, "/bedside/", "bedside"),
    Shot(BLINDED, NURSE, "/bedside/", "bedside-stop", scan_wrong),
    Shot(BLINDED, NURSE, "/participants/{number}/doses/", "doses"),
    Shot(BLINDED, NURSE, "/tablet/", "tablet"),
    Shot(BLINDED, "manager", "/overview/", "overview"),
    Shot(BLINDED, "manager", "/overview/", "overview-sites", look_at("main h2:has-text('most behind')")),
    Shot(BLINDED, "manager", "/people/", "people"),
    Shot(BLINDED, "manager", "/desk/allocation/allocationlist/", "desk"),
    Shot(BLINDED, "auditor", "/audit/?stream=GR01", "trail-of-a-site", look_at("main table")),
    Shot(UNBLINDED, "laboratory.gr", "/laboratory/?all=1", "laboratory", follow("th a.code")),
    Shot(UNBLINDED, PHARMACIST, "/pharmacy/", "worklist"),
    Shot(UNBLINDED, PHARMACIST, "/pharmacy/", "preparation", follow("main a:text-is('released')")),
    Shot(UNBLINDED, PHARMACIST, "/pharmacy/stock/", "stock"),
    Shot(UNBLINDED, PHARMACIST, "/pharmacy/envelopes/", "envelopes"),
    Shot(UNBLINDED, MONITOR, "/pharmacy/accountability/GR01/", "accountability"),
    Shot(UNBLINDED, INVESTIGATOR, "/code-break/", "code-break"),
    Shot(UNBLINDED, INVESTIGATOR, "/code-break/third-party/", "third-party"),
    Shot(UNBLINDED, INVESTIGATOR, "/code-break/drill/", "drill-answer", rehearse),
    Shot(UNBLINDED, "statistician", "/lists/", "lists"),
    Shot(UNBLINDED, "statistician", "/people/", "people-unblinded"),
    Shot(UNBLINDED, "safety.officer", "/pharmacy/recall/", "recall"),
    Shot(UNBLINDED, "safety.officer", "/code-break/offline/", "emergency-pack"),
)


def log_in(browser: Browser, base: str, user: str) -> Page:
    page = browser.new_context(viewport={"width": 900, "height": 640}).new_page()
    page.goto(f"{base}/log-in/")
    page.fill("[name=username]", user)
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(base + "/")
    return page


def shoot(page: Page, name: str) -> None:
    page.screenshot(path=str(FOLDER / f"{name}.png"))


def allocated_number(browser: Browser) -> str:
    page = log_in(browser, BLINDED, COORDINATOR)
    page.goto(f"{BLINDED}/participants/?state=allocated")
    return page.locator("th a.code").first.inner_text()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 640})
        page.goto(f"{UNBLINDED}/log-in/")
        shoot(page, "log-in")
        number = allocated_number(browser)
        pages: dict[tuple[str, str], Page] = {}
        for side, user, address, name, then in SHOTS:
            page = pages.get((side, user)) or pages.setdefault((side, user), log_in(browser, side, user))
            page.goto(side + address.format(number=number))
            if then:
                then(page)
            shoot(page, name)
        browser.close()


main()
