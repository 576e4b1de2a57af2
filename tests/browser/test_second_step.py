"""The second factor of somebody who breaks codes: set up, asked at the next log-in, and a page that refuses."""

from __future__ import annotations

import base64
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from immunosep_site.demonstration.password import PASSWORD
from tests.browser.driving import Browser, Served, check_page, expect, follow, log_in, write

pytestmark = [pytest.mark.browser, pytest.mark.once]
STEP = 30  # seconds, as RFC 6238 proposes


def code_of(address: str, steps: int) -> str:
    """What an authenticator app shows some steps from now, for the address it reads from the QR code."""
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    app = TOTP(base64.b32decode(secret + "=" * (-len(secret) % 8)), 6, SHA1(), STEP)
    return app.generate(int(time.time()) + STEP * steps).decode()


def test_a_telephone_is_asked_at_log_in_once_it_confirmed_itself(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.unblinded, "investigator.gr02")
    page.goto(f"{served.unblinded}/second-step/")
    write(page, password="wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    check_page(page, "a refusal")
    write(page, password=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Scan this with your authenticator app")
    check_page(page, "the QR code")
    address = page.locator(".plain").inner_text()
    follow(page, "a[href$='/confirm/']", "Confirm")
    write(page, code=code_of(address, -1))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your tasks")
    page.get_by_role("button", name="Log out").click()
    page.locator("[name=username]").fill("investigator.gr02")
    write(page, password=PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/log-in/second-step/"))
    check_page(page, "the second step")
    write(page, code=code_of(address, 0))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Your tasks")
