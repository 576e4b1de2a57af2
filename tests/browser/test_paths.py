"""Each role's way through its pages, with the keyboard alone; the pharmacist's and the nurse's day is in test_week.py.

A path is walked at one width: PATH_WIDTHS=all walks each at 360, 820 and 1440 px.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from immunosep_site.demonstration.password import PASSWORD
from randomization.blinded.outcomes.states import ORGANS
from tests.browser.driving import (
    Browser,
    Page,
    Served,
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

pytestmark = [pytest.mark.browser, pytest.mark.once]
ALL = (360, 820, 1440)


def at_width(usual: int) -> pytest.MarkDecorator:
    """The usual width of who walks, or all of them."""
    return pytest.mark.parametrize("width", ALL if os.environ.get("PATH_WIDTHS") == "all" else (usual,))


def ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def sign(page: Page, heading: str) -> None:
    write(page, secret=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(heading)


@at_width(820)
def test_coordinator_laboratory_and_investigator_bring_a_patient_to_the_signature(
    served: Served, browser: Browser, width: int
) -> None:
    page = log_in(browser, served.blinded, "coordinator.gr01", width)
    follow(page, "a[href='/participants/new/']", "Screen a participant")
    date_and_time(page, "sepsis_at", ago(10 + width / 600))  # another patient at each width
    send(page, "GR01-")
    number = page.locator("h1 .code").inner_text()
    follow(page, "a[href$='/consent/']", "Consent of")
    choose(page, "given_by", "patient")
    date_and_time(page, "given_at", ago(8))
    send(page, number)
    follow(page, "a[href$='/eligibility/']", "Eligibility of")
    choose(page, "sex", "female")
    write(page, year_of_birth="1950")
    for field in page.locator("form fieldset").all():
        words = field.locator("xpath=..").locator(".help").inner_text()
        if "bars entry" in words:
            name = field.locator("input").first.get_attribute("name")
            assert name is not None
            choose(page, name, "yes" if words.startswith("The answer no bars") else "no")
    write(page, neutrophils_per_mm3="9000")
    send(page, number)
    follow(page, "a[href$='/sample/']", "Blood sample of")
    date_and_time(page, "drawn_at", ago(5))
    choose(page, "covid19", "no")
    send(page, number)
    follow(page, "a[href$='/sample/ship/']", "Ship the sample of")
    date_and_time(page, "shipped_at", ago(4))
    send(page, number)
    measure(browser, served, number, width)
    doctor = log_in(browser, served.blinded, "investigator.gr01", width)
    doctor.goto(f"{served.blinded}/participants/{number}/")
    follow(doctor, "a[href$='/confirm/']", "Sign the eligibility of")
    expect(doctor.locator("main")).to_contain_text("Eligible: all answers and times meet the protocol.")
    sign(doctor, number)
    expect(doctor.locator("h1")).to_contain_text("eligible")


def measure(browser: Browser, served: Served, number: str, width: int) -> None:
    """The laboratory receives the sample and enters both values."""
    page = log_in(browser, served.unblinded, "laboratory.gr", width)
    follow(page, "a[href='/laboratory/']", "Samples waiting for a verdict")
    row = page.get_by_role("link", name=number)
    follow(page, f"a[href='{row.get_attribute('href')}']", "Receive the sample of")
    date_and_time(page, "received_at", ago(1))
    send(page, "Values of the sample of")
    for analyte, value in (("ferritin", "900"), ("hla_dr", "3000")):
        choose(page, "analyte", analyte)
        write(page, value=value)
        send(page, "Values of the sample of")
    expect(page.locator("main")).to_contain_text("Class and verdict")
    check_page(page, "both values")
    follow(page, "a[href$='/close/']", "Close the sample of")


@at_width(1440)
def test_a_preparer_checks_as_second_person_on_a_screen_of_their_own(
    served: Served, browser: Browser, width: int
) -> None:
    kit = served.kits[served.told]
    page = log_in(browser, served.unblinded, "pharmacist.gr01", width)
    follow(page, "a[href='/pharmacy/']", "Doses due")
    code = f"{kit[:4]}-{kit[4:]}"
    follow(page, f"button[aria-label^='Prepare {code} ']", "Prepare")
    scan_lots(page)
    sign(page, "Check")
    second = log_in(browser, served.unblinded, "preparer.gr01", width)
    follow(second, "a[href='/pharmacy/checks/']", "To check as second person")
    follow(second, f"a[href='/pharmacy/kits/{kit}/check/']", "Check")
    read_lots(second)
    sign(second, "Release")
    page.reload()
    expect(page.locator("main")).to_contain_text("Nothing of this kit waits for this step")


@at_width(1440)
def test_a_blinded_monitor_reads_files_deviations_and_trail(served: Served, browser: Browser, width: int) -> None:
    monitor = f"monitor.w{width}"
    appoint(browser, served, monitor, "blinded monitor", width)
    page = log_in(browser, served.blinded, monitor, width)
    follow(page, "a[href='/participants/']", "Who is where at GR01")
    follow(page, f"a[href='/participants/{served.treated}/']", served.treated)
    follow(page, "a[href$='/doses/']", "Doses of")
    page.goto(f"{served.blinded}/deviations/")
    expect(page.locator("h1")).to_contain_text("Deviations")
    search_the_trail(page, served.blinded, served.treated)


@at_width(820)
def test_an_auditor_searches_the_trail_and_takes_it_along(served: Served, browser: Browser, width: int) -> None:
    page = log_in(browser, served.blinded, "auditor", width)
    search_the_trail(page, served.blinded, served.treated)
    assert page.goto(f"{served.blinded}/participants/").status == 403  # type: ignore[union-attr]


def search_the_trail(page: Page, base: str, number: str) -> None:
    """One participant's allocation, found and downloaded."""
    page.goto(base)
    follow(page, "a[href='/audit/']", "Audit trail")
    write(page, subject=number, action="participant.allocate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit/?*")
    expect(page.locator("tbody tr")).to_have_count(1)
    tab_to(page, "a[href^='/audit/found.csv']")
    with page.expect_download() as kept:
        page.keyboard.press("Enter")
    assert kept.value.suggested_filename == "trail.csv"


@at_width(360)
def test_the_unblinded_monitor_asks_is_answered_and_signs(served: Served, browser: Browser, width: int) -> None:
    page = log_in(browser, served.unblinded, "unblinded_monitor.gr01", width)
    follow(page, "a[href='/pharmacy/risks/']", "Risks to the blind")
    page.goto(served.unblinded)
    follow(page, "a[href='/pharmacy/accountability/']", "Accountability")
    follow(page, "a[href='/pharmacy/accountability/GR01/']", "Accountability of GR01")
    follow(page, "a[href$='/queries/']", "Ask the pharmacy of GR01")
    write(page, subject="ANAK-A", text="Where is the tenth?")
    send(page, "Accountability of GR01")
    pharmacist = log_in(browser, served.unblinded, "pharmacist.gr01", width)
    pharmacist.goto(f"{served.unblinded}/pharmacy/accountability/GR01/")
    follow(pharmacist, "main a[href*='/queries/']", "Answer the query at GR01")
    write(pharmacist, text="In the second refrigerator.")
    send(pharmacist, "Accountability of GR01")
    page.reload()
    expect(page.locator("main")).to_contain_text("In the second refrigerator.")
    tab_to(page, "button[aria-label^='Close query']")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Closed.")
    follow(page, "a[href$='/sign/']", "Sign the accountability of GR01")
    sign(page, "Accountability of GR01")
    expect(page.locator("main")).to_contain_text("The report stands as it was signed.")


@at_width(1440)
def test_two_statisticians_appoint_and_let_somebody_in_again(served: Served, browser: Browser, width: int) -> None:
    new = f"preparer.w{width}"
    first = log_in(browser, served.unblinded, "statistician", width)
    follow(first, "a[href='/lists/']", "Sealed lists")
    first.goto(served.unblinded)
    follow(first, "a[href='/people/']", "Propose an unblinded person")
    write(first, user_name=new, email=f"{new}@example.org")
    tab_to(first, "[name=role]")
    first.keyboard.type("prep")
    write(first, reach="GR01", password=PASSWORD)
    send(first, "Propose an unblinded person")
    second = log_in(browser, served.unblinded, "statistician.second", width)
    follow(second, "a[href='/people/']", "Propose an unblinded person")
    tab_to(second, "main li button")
    second.keyboard.press("Enter")
    expect(second.locator("table")).to_contain_text(new)
    first.goto(f"{served.unblinded}/people/readmit/")
    write(first, user_name=new, reason="telephone lost, called back", password="another first password")
    send(first, "Let somebody in again")
    follow(second, "a[href='/people/readmit/']", "Let somebody in again")
    tab_to(second, "main li button")
    second.keyboard.press("Enter")
    expect(second.locator("[role=status]").first).to_contain_text(f"{new} can log in")


@at_width(820)
def test_the_safety_officer_arranges_a_check_and_reads_who_was_unblinded(
    served: Served, browser: Browser, width: int
) -> None:
    page = log_in(browser, served.unblinded, "safety.officer", width)
    follow(page, "a[href='/code-break/report/']", "Who was unblinded")
    page.goto(served.unblinded)
    follow(page, "a[href='/pharmacy/check-arrangements/']", "Second check at sites")
    write(page, site_code="GR01")
    choose(page, "kind", "waiver")
    date_and_time(page, "ends_at", ago(-5), "UTC")
    write(page, reason="one person at night")
    sign(page, "Second check at sites")
    tab_to(page, "button[aria-label='End the arrangement of GR01']")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("None: at every site another person of the site checks.")


def appoint(browser: Browser, served: Served, user_name: str, role: str, width: int) -> Page:
    """The manager appoints somebody at GR01."""
    page = log_in(browser, served.blinded, "manager", width)
    follow(page, "a[href='/people/']", "Appoint a blinded person")
    write(page, user_name=user_name, email=f"{user_name}@example.org")
    tab_to(page, "[name=role]")
    page.keyboard.type(role)
    write(page, reach="GR01", password=PASSWORD)
    send(page, "Appoint a blinded person")
    expect(page.locator("table")).to_contain_text(user_name)
    return page


@at_width(1440)
def test_the_manager_appoints_reviews_and_lets_in_again(served: Served, browser: Browser, width: int) -> None:
    new = f"nurse.w{width}"
    page = appoint(browser, served, new, "nurse", width)
    follow(page, "a[href='/people/readmit/']", "Let somebody in again")
    write(page, user_name=new, reason="password forgotten, called back", password="another first password")
    send(page, "Appoint a blinded person")
    follow(page, "a[href='/people/review/']", "Review who can do what where")
    sign(page, "Review who can do what where")
    expect(page.locator("[role=status]").first).to_contain_text("The review is signed.")
    page.goto(f"{served.blinded}/alerts/")
    expect(page.locator("h1")).to_have_text("Alerts")


@at_width(360)
def test_a_nurse_hands_over_and_records_scores(served: Served, browser: Browser, width: int) -> None:
    page = log_in(browser, served.blinded, "nurse.gr01", width)
    follow(page, "a[href='/bedside/handover/']", "Hand over the duty")
    write(page, to="coordinator.gr01")
    sign(page, "Hand over the duty")
    expect(page.locator("[role=status]").first).to_contain_text("The handover is signed.")
    page.goto(f"{served.blinded}/participants/{served.treated}/")
    follow(page, "a[href$='/sofa/']", "SOFA")
    for organ in ORGANS:
        choose(page, organ, "2")
    send(page, "SOFA")
    expect(page.locator("table")).to_contain_text("12")
