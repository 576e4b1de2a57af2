"""Both sides in a real browser: the path by keyboard and scanner, and axe on every page at three widths."""

from __future__ import annotations

import os
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from immunosep_site.demonstration.password import PASSWORD
from tests.both.databases import ROOT
from tests.browser.driving import (
    Browser,
    Page,
    Served,
    check_fits,
    check_page,
    choose,
    date_and_time,
    expect,
    follow,
    log_in,
    read_lots,
    scan_lots,
    send,
    tab_to,
    write,
)
from tests.pages import LOGGED_OUT, PAGES, REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_randomise_by_keyboard_and_press_twice(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.blinded, "coordinator.gr01")
    page.goto(f"{served.blinded}/participants/{served.coming}/")
    follow(page, "a[href$='/randomise/']", f"Randomise {served.coming}")
    choose(page, "method", "measured")
    write(page, value_ml_min="28,5")
    date_and_time(page, "sampled_at", datetime.now(UTC) - timedelta(hours=1))
    write(page, secret=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".code.kit")).to_be_visible()
    kit = page.locator(".code.kit").inner_text()
    check_page(page, "the kit code")
    page.go_back()
    write(page, secret=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".code.kit")).to_have_text(kit)


def test_the_pharmacist_prepares_and_the_nurse_is_stopped_by_a_wrong_scan(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.unblinded, "pharmacist.gr01")
    page.goto(f"{served.unblinded}/pharmacy/")
    kit = served.kits[served.treated]
    page.get_by_role("button", name=re.compile(f"^Prepare {kit[:4]}-{kit[4:]} ")).first.click()
    expect(page.locator("ol.steps li").first).to_contain_text("Draw")
    route, number, _state = page.locator("section h2").first.inner_text().split()
    pack = page.locator(".summary .code").first.inner_text()
    label = f"{kit}.{route}.{number}.{pack.replace('-', '')}"
    scan_lots(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Check")
    page.locator("[name=checker]").fill("preparer.gr01")
    read_lots(page)
    tab_to(page, "[name=secret]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Release")
    address = page.url
    with page.expect_request("**/labels/"):
        page.get_by_role("button", name="Print the labels").click()
    page.wait_for_timeout(500)
    page.goto(address)
    expect(page.locator("input.scan")).to_be_focused()
    page.keyboard.type(label, delay=2)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Doses due")
    expect(page.locator("text=released").first).to_be_visible()
    nurse = log_in(browser, served.blinded, "nurse.gr01")
    nurse.goto(f"{served.blinded}/bedside/")
    expect(nurse.locator("input.scan").first).to_be_focused()
    nurse.keyboard.type(served.treated, delay=2)
    nurse.keyboard.press("Enter")
    nurse.keyboard.type(label, delay=2)
    nurse.keyboard.press("Enter")
    expect(nurse.locator(".stop")).to_contain_text("Stop")
    expect(nurse.locator("#error-summary")).to_contain_text("not announced as ready")
    check_page(nurse, "stop")


def test_the_worklist_renews_itself_and_leaves_the_cursor_where_it_is(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.unblinded, "pharmacist.gr01")
    page.clock.install()
    page.goto(f"{served.unblinded}/pharmacy/?hours=48")
    button = page.locator("button[id^=prepare-]").first
    name = button.get_attribute("id")
    button.focus()
    with page.expect_response(lambda answer: answer.request.headers.get("x-refresh") == "1") as renewed:
        page.clock.fast_forward(61_000)
    assert renewed.value.status == 200
    page.wait_for_timeout(300)
    expect(page.locator("#due")).to_contain_text("renews itself every minute")
    expect(page.locator(f"#{name}")).to_be_focused()
    page.context.clear_cookies()
    with page.expect_navigation(url="**/log-in/**"):
        page.clock.fast_forward(61_000)


def test_the_code_break_is_found_and_answers_at_once(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.unblinded, "investigator.gr01")
    follow(page, "a[href='/code-break/']", "Break the code")
    expect(page.locator("[name=number]")).to_be_focused()
    page.keyboard.type(served.broken)
    choose(page, "category", "emergency")
    write(page, reason="septic shock", secret=PASSWORD)
    send(page, served.broken)
    expect(page.locator(".kit")).to_have_text("PRECISION" if "PRECISION" in page.content() else "CONTROL")
    check_page(page, "the treatment")


def test_the_treating_physician_reads_it_and_the_investigator_does_not(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.unblinded, "investigator.gr01")
    follow(page, "a[href='/code-break/third-party/']", "Let the treating physician read")
    expect(page.locator("[name=number]")).to_be_focused()
    page.keyboard.type(served.told)
    choose(page, "category", "emergency")
    write(page, reason="bleeding", secret=PASSWORD)
    page.keyboard.press("Enter")
    code = page.locator(".code.kit").inner_text()
    assert "PRECISION" not in page.content()
    assert "CONTROL" not in page.content()
    check_page(page, "the code")
    other = browser.new_context().new_page()
    other.goto(f"{served.unblinded}/told/#{code.lower()}")
    expect(other.locator("[name=code]")).to_have_value(code.lower())
    assert "#" not in other.url, "a code stays in no history"
    for field, text in (("name", "A. B."), ("function", "physician on duty"), ("telephone", "123")):
        tab_to(other, f"[name={field}]")
        other.keyboard.type(text)
    other.keyboard.press("Enter")
    expect(other.locator("h1")).to_contain_text(served.told)
    check_page(other, "the answer")
    safety = log_in(browser, served.unblinded, "safety.officer")
    follow(safety, "a[href='/code-break/report/']", "Who was unblinded")
    follow(safety, f"a[aria-label='Assess the unblinding of {served.told}']", "unblinding")
    choose(safety, "necessity", "needed")
    write(safety, spread="none", effect="none", measures="none", secret=PASSWORD)
    safety.keyboard.press("Enter")
    expect(safety.locator("table")).to_contain_text("A. B., physician on duty, 123")
    expect(safety.locator("table")).to_contain_text("yes: treatment depended on it")


def test_an_answer_is_kept_as_it_is_given_and_outlives_the_session(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.blinded, "coordinator.gr01")
    address = f"{served.blinded}/participants/{served.drafted}/eligibility/"
    page.goto(address)
    tab_to(page, "[name=neutrophils_per_mm3]")
    page.keyboard.press("Control+a")
    page.keyboard.type("900")
    page.keyboard.press("Tab")
    expect(page.locator("#so-far")).to_contain_text("Kept")
    expect(page.locator("#so-far")).to_contain_text("below 1500")
    page.context.clear_cookies(name="blinded_session")
    page.locator("[name=year_of_birth]").fill("1950")
    page.keyboard.press("Tab")
    page.wait_for_url(re.compile(r"/log-in/\?next=.*eligibility/"))
    page.locator("[name=username]").fill("coordinator.gr01")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Eligibility")
    expect(page.locator("[name=neutrophils_per_mm3]")).to_have_value("900")


def test_a_tablet_is_enrolled_and_opened_with_a_pin_and_two_scans_stop_what_is_wrong(
    served: Served, browser: Browser
) -> None:
    nurse = log_in(browser, served.blinded, "nurse.gr01")
    nurse.get_by_role("link", name="Set your PIN for tablets").click()
    nurse.locator("[name=pin]").fill("482915")
    nurse.locator("[name=password]").fill(PASSWORD)
    nurse.keyboard.press("Enter")
    expect(nurse.locator("h1")).to_have_text("Your tasks")
    tablet = log_in(browser, served.blinded, "coordinator.gr01", 820)
    tablet.get_by_role("link", name="Tablets of your site").click()
    tablet.locator("[name=name]").fill("ward 3")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("table")).to_contain_text("ward 3")
    tablet.get_by_role("button", name="Log out").click()
    tablet.goto(f"{served.blinded}/bedside/")
    expect(tablet.locator("[name=who]")).to_be_focused()
    tablet.keyboard.type("nurse.gr01", delay=2)
    tab_to(tablet, "[name=pin]")
    tablet.keyboard.type("482915")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("[name=participant_number]")).to_be_focused()
    tablet.keyboard.type(served.treated, delay=2)
    tablet.keyboard.press("Enter")
    tablet.keyboard.type("7F2QXK9D.IV.01.7F2QXK9D", delay=2)
    tablet.keyboard.press("Enter")
    expect(tablet.locator(".stop")).to_contain_text("Stop")


def test_the_manager_answers_from_one_screen(served: Served, browser: Browser) -> None:
    page = log_in(browser, served.blinded, "manager")
    tab_to(page, "a[href='/overview/']")
    page.keyboard.press("Enter")
    for words in ("What went wrong this week", "Who waits", "Sites, the one most behind first"):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("main")).to_contain_text("GR01")
    with page.expect_download() as kept:
        page.goto(f"{served.blinded}/overview/recruitment/")
        page.get_by_role("link", name="Download as CSV").click()
    assert kept.value.suggested_filename == "recruitment.csv"
    expect(page.locator("svg.chart")).to_be_visible()


LONG_WORDS = os.environ.get("PAGE_LANGUAGES", "de").split(",")
"""In which the pages must fit a telephone as well."""


@pytest.mark.parametrize(("side", "user"), PAGES)
def test_axe_finds_nothing_and_nothing_overflows(served: Served, browser: Browser, side: str, user: str) -> None:
    base = served.page(side, "/")
    page = log_in(browser, base.rstrip("/"), user)
    for order, address in enumerate(PAGES[side, user]):
        answer = page.goto(served.page(side, address))
        assert answer is not None
        assert answer.status == REFUSED.get(address, REFUSED.get((user, address), 200)), address
        check_page(page, address, order)
    page.set_viewport_size({"width": 360, "height": 800})
    try:
        for language in LONG_WORDS:
            read_in(page, base, language)
            for address in PAGES[side, user]:
                page.goto(served.page(side, address))
                check_fits(page, f"{language} {address}")
    finally:
        read_in(page, base, "en")
        page.context.close()


@pytest.mark.parametrize("side", LOGGED_OUT)
def test_axe_finds_nothing_before_the_log_in(served: Served, browser: Browser, side: str) -> None:
    page = browser.new_page()
    for order, address in enumerate(LOGGED_OUT[side]):
        page.goto(served.page(side, address))
        check_page(page, address, order)
    page.close()


def read_in(page: Page, base: str, language: str) -> None:
    """Choose a language on the start page."""
    page.goto(base)
    choose(page, "language", language)
    tab_to(page, "form[action='/language/'] button")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_the_folder_of_fonts_is_served(served: Served) -> None:
    answer = urllib.request.urlopen(f"{served.blinded}/static/fonts/SourceSansPro-Regular.ttf")
    assert len(answer.read()) > 10_000
    assert Path(ROOT / "immunosep_site" / "static" / "style.css").exists()
