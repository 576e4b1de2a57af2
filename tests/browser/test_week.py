"""A pharmacist's week through the pages, in a browser: what happens in one, ending in a report that reconciles to zero.

WEEK_DAYS=7 walks the whole week with eight patients; the suite walks one day with four, and with everything that can
happen in it.
"""

from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from immunosep_site.demonstration.password import PASSWORD
from tests.both.databases import Pair, fresh_pair
from tests.browser.driving import Browser, Page, expect, log_in, read_lots, scan_lots, serving

pytestmark = [pytest.mark.browser, pytest.mark.once]
DAYS = int(os.environ.get("WEEK_DAYS", "1"))
PATIENTS = 8 if DAYS > 1 else 4


@dataclass
class Week:
    """Both sides behind a clock that moves, and what the ward holds in its hands."""

    blinded: str
    unblinded: str
    shift: Path
    kits: dict[str, str]
    waiting: list[str]
    envelopes: dict[str, list[str]]
    held: dict[str, str] = field(default_factory=dict)
    hours: float = 0

    def move_to(self, hours: float) -> None:
        """Hours after the start of the week; messages that are due go down with the next request above."""
        self.hours = hours
        self.shift.write_text(str(hours * 3600))
        urllib.request.urlopen(f"{self.unblinded}/log-in/")

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=self.hours)


@pytest.fixture
def week(template: Pair, tmp_path: Path) -> Iterator[Week]:
    with fresh_pair(tmp_path, "week", template=template) as pair:
        data = json.loads(pair.run("unblinded", "tests/browser/week_set_up.py", str(PATIENTS)).stdout.splitlines()[-1])
        shift = tmp_path / "shift"
        shift.write_text("0")
        with serving(pair, "tests.browser.shifted", SHIFT_FILE=str(shift)) as sides:
            yield Week(*sides, shift, **data)


def sign(page: Page) -> None:
    page.locator("[name=secret]").fill(PASSWORD)
    page.locator("button.primary").click()


def prepare_day(page: Page, week: Week, number: str) -> int:
    """Everything of one patient for the coming day: made, checked by the second person, labelled, released."""
    kit = week.kits[number]
    page.goto(f"{week.unblinded}/pharmacy/?hours=24")
    button = page.locator(f"#day-{kit}")
    if not button.count():
        return 0
    button.click()
    if not page.locator("h1").inner_text().startswith("Prepare"):
        return 0
    return finish(page, week, number)


def finish(page: Page, week: Week, number: str, *, hand_over: str = "") -> int:
    """From the make page to the worklist."""
    scan_lots(page)
    sign(page)
    expect(page.locator("h1")).to_contain_text("Check")
    page.locator("[name=checker]").fill("preparer.gr01")
    read_lots(page)
    sign(page)
    expect(page.locator("h1")).to_contain_text("Release")
    labels = labels_on(page)
    address = page.url
    with page.expect_request("**/labels/"):
        page.get_by_role("button", name="Print the labels").click()
    page.wait_for_timeout(300)
    for dose, label in labels.items():
        page.goto(address)
        page.locator("input.scan").fill(label)
        if hand_over:
            page.locator("[name=hand_over_reason]").fill(hand_over)
        page.locator("button.primary").click()
        page.wait_for_load_state()
        assert not page.locator("#error-summary").count(), page.locator("#error-summary").inner_text()
        week.held[f"{number} {dose}"] = label
    return len(labels)


def labels_on(page: Page) -> dict[str, str]:
    """What the scanner would read from each label, by dose."""
    kit = page.locator("h1").inner_text().split()[-1].replace("-", "")
    labels = {}
    for section in page.locator("main section").all():
        route, dose, _state = section.locator("h2").inner_text().split()
        pack = section.locator(".code").first.inner_text().replace("-", "")
        labels[f"{route} {dose}"] = f"{kit}.{route}.{dose}.{pack}"
    return labels


def give(page: Page, week: Week, number: str, dose: str) -> str:
    """The nurse scans card and syringe; what stopped her, or nothing."""
    page.goto(f"{week.blinded}/bedside/")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.keyboard.type(week.held[f"{number} {dose}"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    stopped = page.locator("#error-summary")
    if stopped.count():
        return stopped.inner_text()
    del week.held[f"{number} {dose}"]
    return ""


def give_due(browser: Browser, week: Week, step: int) -> int:
    """Every dose that is due at hour 8 x step."""
    nurse, doses_given = log_in(browser, week.blinded, "nurse.gr01"), 0
    due = [f"IV {step + 1:02d}"] + ([f"SC {step // 6 + 1:02d}"] if step % 6 == 0 else [])
    for number in week.kits:
        for dose in due:
            if f"{number} {dose}" in week.held:
                assert give(nurse, week, number, dose) == "", (number, dose)
                doses_given += 1
    nurse.context.close()
    return doses_given


def local(moment: datetime) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo('Europe/Athens')):%Y-%m-%dT%H:%M}"


def outage(browser: Browser, week: Week) -> None:
    """Two patients were treated from envelopes; coordinator and pharmacist enter it, the nurse records the doses."""
    coordinator = log_in(browser, week.blinded, "coordinator.gr01")
    pharmacist = log_in(browser, week.unblinded, "pharmacist.gr01")
    for number, (kit, labels) in zip(week.waiting, week.envelopes.items(), strict=False):
        opened = week.now() - timedelta(hours=1)
        coordinator.goto(f"{week.blinded}/participants/{number}/envelope/")
        coordinator.locator("[name=kit_code]").fill(kit)
        coordinator.locator("[name=opened_at]").fill(local(opened))
        coordinator.locator("[name=first_dose_at]").fill(local(opened + timedelta(minutes=30)))
        coordinator.locator("[name=method][value=measured]").check()
        coordinator.locator("[name=value_ml_min]").fill("75")
        coordinator.locator("[name=sampled_at]").fill(local(opened - timedelta(hours=2)))
        sign(coordinator)
        expect(coordinator.locator(".code.kit")).to_be_visible()
        for label in labels:
            pharmacist.goto(f"{week.unblinded}/pharmacy/envelopes/")
            pharmacist.locator("[name=barcode]").fill(label)
            pharmacist.locator("[name=prepared_at]").fill(local(opened + timedelta(minutes=10)))
            pharmacist.locator("[name=made_by]").fill("pharmacist.gr01")
            pharmacist.locator("[name=checked_by]").fill("preparer.gr01")
            pharmacist.locator("[name=lot_SALINE]").fill("HOSPITAL8")
            pharmacist.locator("[name=expires_SALINE]").fill(f"{opened + timedelta(days=365):%Y-%m-%d}")
            pharmacist.locator("[name=lot_ANAKINRA]").fill("ANAK-A")
            pharmacist.locator("[name=lot_INTERFERON]").fill("INTE-A")
            sign(pharmacist)
            expect(pharmacist.locator("[role=status]").first).to_contain_text("It is entered")
            route, dose = label.split(".")[1:3]
            week.held[f"{number} {route} {dose}"] = label
        week.kits[number] = kit
    nurse = log_in(browser, week.blinded, "nurse.gr01")
    for number in week.waiting:
        for dose in ("IV 01", "SC 01"):
            assert give(nurse, week, number, dose) == ""
    for page in (coordinator, pharmacist, nurse):
        page.context.close()


def send(page: Page) -> None:
    """The form is sent; where it asks what becomes void, that is read and confirmed."""
    page.locator("button.primary").click()
    page.wait_for_load_state()
    if page.locator("#foreseen").count():
        expect(page.locator("#foreseen")).to_contain_text("void")
        page.locator("button.primary").click()


def clearance_falls(browser: Browser, week: Week, number: str) -> None:
    nurse = log_in(browser, week.blinded, "nurse.gr01")
    nurse.goto(f"{week.blinded}/participants/{number}/clearance/")
    nurse.locator("[name=method][value=measured]").check()
    nurse.locator("[name=value_ml_min]").fill("22")
    nurse.locator("[name=sampled_at]").fill(local(week.now() - timedelta(minutes=30)))
    send(nurse)
    expect(nurse.locator("[role=status]").first).to_contain_text("is recorded")
    nurse.context.close()


def excursion(page: Page, week: Week) -> None:
    page.goto(f"{week.unblinded}/pharmacy/stock/excursion/")
    page.locator("[name=storage]").select_option("2-8 C")
    page.locator("[name=starts_at]").fill(local(week.now() - timedelta(hours=1)))
    page.locator("[name=ends_at]").fill(local(week.now() - timedelta(minutes=1)))
    page.locator("[name=reason]").fill("the door stood open")
    send(page)
    expect(page.get_by_role("link", name=re.compile("^Decide on")).first).to_be_visible()
    while page.get_by_role("link", name=re.compile("^Decide on")).count():
        page.get_by_role("link", name=re.compile("^Decide on")).first.click()
        page.locator("[name=outcome][value=released]").check()
        page.locator("[name=reason]").fill("stability data of the maker")
        page.locator("button.primary").click()
        page.wait_for_load_state()


def void_one(page: Page, week: Week, number: str) -> None:
    """The patient's next syringe was dropped: its row on the worklist leads to it."""
    page.goto(f"{week.unblinded}/pharmacy/?hours=24")
    code = f"{week.kits[number][:4]}-{week.kits[number][4:]}"
    page.get_by_role("link", name=re.compile(f"^{code} IV .*released")).first.click()
    page.get_by_role("link", name="Void this preparation").click()
    page.locator("[name=reason]").fill("dropped")
    page.locator("button.primary").click()
    expect(page.locator("h1")).to_contain_text("Doses due")


def hand_over(page: Page, week: Week, number: str) -> None:
    """The voided dose is prepared again, and cannot wait."""
    page.goto(f"{week.unblinded}/pharmacy/?hours=24")
    code = f"{week.kits[number][:4]}-{week.kits[number][4:]}"
    page.get_by_role("button", name=re.compile(f"^Prepare {code} IV")).first.click()
    finish(page, week, number, hand_over="the patient goes to surgery")


def take_back_all(browser: Browser, week: Week) -> int:
    """Every syringe that was not given comes back; the report names them."""
    page = log_in(browser, week.unblinded, "pharmacist.gr01")
    page.goto(f"{week.unblinded}/pharmacy/accountability/GR01/")
    back = 0
    for row in page.locator("tr", has_text="outstanding").all():
        number, (route, dose) = row.locator("th").inner_text(), row.locator("td").nth(0).inner_text().split()
        pack = row.locator(".code").inner_text().replace("-", "")
        week.held[f"back {back}"] = f"{week.kits[number]}.{route}.{dose}.{pack}"
        back += 1
    for order in range(back):
        page.goto(f"{week.unblinded}/pharmacy/returns/")
        page.locator("input.scan").fill(week.held[f"back {order}"])
        page.locator("button.primary").click()
        expect(page.locator("[role=status]").first).to_contain_text("The return is recorded")
    page.context.close()
    return back


@pytest.mark.requirement("R10", "R39", "R40")
def test_a_pharmacists_week_ends_in_a_report_that_reconciles_to_zero(week: Week, browser: Browser) -> None:
    first, second = list(week.kits)[:2]
    prepared = doses_given = 0
    for day in range(DAYS):
        week.move_to(day * 24 - 1 if day else 0)
        page = log_in(browser, week.unblinded, "pharmacist.gr01")
        prepared += sum(prepare_day(page, week, number) for number in week.kits)
        page.context.close()
        for step in range(3 * day, 3 * day + 3):
            week.move_to(8 * step + 1.2)
            doses_given += give_due(browser, week, step)
            if step == 0:
                outage(browser, week)
            if step == 1:
                trouble(browser, week, first, second)
    week.move_to(24 * DAYS + 60)
    back = take_back_all(browser, week)
    read(browser, week, given=doses_given + 4, back=back)
    assert prepared >= PATIENTS * 3 * DAYS
    assert doses_given >= PATIENTS * (3 * DAYS - 1)


def trouble(browser: Browser, week: Week, first: str, second: str) -> None:
    """A clearance falls and an excursion strikes: everything is prepared again; one is dropped, one cannot wait."""
    clearance_falls(browser, week, first)
    page = log_in(browser, week.unblinded, "pharmacist.gr01")
    excursion(page, week)
    week.move_to(week.hours + 0.1)
    assert all(prepare_day(page, week, number) for number in week.kits)
    void_one(page, week, second)
    hand_over(page, week, second)
    page.context.close()


def read(browser: Browser, week: Week, **counted: int) -> None:
    """The unblinded monitor reads, signs, and sees what was risked."""
    page: Any = log_in(browser, week.unblinded, "unblinded_monitor.gr01")
    page.goto(f"{week.unblinded}/pharmacy/risks/")
    expect(page.locator("main")).to_contain_text("the patient goes to surgery")
    page.goto(f"{week.unblinded}/pharmacy/accountability/GR01/")
    fates = dict(
        zip(
            page.locator("dl.summary dt").all_inner_texts(),
            page.locator("dl.summary dd").all_inner_texts(),
            strict=True,
        )
    )
    expect(page.locator("p .tag").first).to_have_text("0")
    assert (int(fates["Given"]), int(fates["Returned"]), int(fates["Outstanding"])) == (
        counted["given"],
        counted["back"],
        0,
    )
    page.get_by_role("link", name="Sign the report").click()
    sign(page)
    expect(page.locator("main")).to_contain_text("stands as it was signed")
