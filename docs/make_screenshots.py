"""Make the screenshots of the README anew, from the running demonstration: `python docs/make_screenshots.py`."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
PASSWORD = "demonstration only"  # noqa: S105 (printed by the demonstration)
BLINDED, UNBLINDED = "http://localhost:8000", "http://127.0.0.1:8001"


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


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = log_in(browser, BLINDED, "coordinator.gr01")
        page.goto(f"{BLINDED}/participants/")
        shoot(page, "board")
        page.goto(f"{BLINDED}/participants/?state=allocated")
        number = page.locator("th a.code").first.inner_text()
        page.goto(f"{BLINDED}/participants/{number}/")
        shoot(page, "allocated")
        page.goto(f"{BLINDED}/participants/{number}/randomise/")
        shoot(page, "randomise")
        page = log_in(browser, BLINDED, "nurse.gr01")
        page.goto(f"{BLINDED}/bedside/")
        shoot(page, "bedside")
        page = log_in(browser, BLINDED, "manager")
        page.goto(f"{BLINDED}/desk/allocation/allocationlist/")
        shoot(page, "desk")
        page.goto(f"{BLINDED}/audit/")
        shoot(page, "trail")
        page = log_in(browser, UNBLINDED, "laboratory.gr")
        page.goto(f"{UNBLINDED}/laboratory/?all=1")
        page.locator("th a.code").first.click()
        page.wait_for_selector("dl.summary")
        shoot(page, "laboratory")
        page = log_in(browser, UNBLINDED, "pharmacist.gr01")
        page.goto(f"{UNBLINDED}/pharmacy/")
        shoot(page, "worklist")
        page.locator("a", has_text="released").first.click()
        page.wait_for_selector("ol.steps")
        shoot(page, "preparation")
        page = log_in(browser, UNBLINDED, "investigator.gr01")
        page.goto(f"{UNBLINDED}/code-break/")
        shoot(page, "code-break")
        page = log_in(browser, UNBLINDED, "statistician")
        page.goto(f"{UNBLINDED}/lists/")
        shoot(page, "lists")
        browser.close()


main()
