"""Documents that are drawn: states, traceability, index of decisions. UPDATE_DOCUMENTS=1 writes them again."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from pharmacy.preparation import states as preparation
from pharmacy.stock import destroying, removing
from randomization.blinded.bedside import states as bedside
from randomization.blinded.screening import states as screening
from tests.both.databases import ROOT

pytestmark = pytest.mark.once
REQUIREMENTS = {
    "R01": "Same version, parameters and seed give the same list",
    "R02": "Block lengths are stored with the list and shown to no blinded role",
    "R03": "A scheme for each centre, whole blocks, several lengths mixed at random",
    "R04": "Who generates a list neither enrols nor assigns",
    "R05": "No assignment is read before entry: no preview, no cancel, no undo",
    "R06": "The next patient gets the next free number; never shared, never skipped",
    "R07": "A used entry is never deleted, edited or used again",
    "R08": "Boundary tests for every classification and dose table",
    "R09": "The allocation can be rebuilt after the system is retired",
    "R10": "A documented fallback for an outage, reconciled afterwards",
    "R11": "Access to unblinding information is defined by role and written down",
    "R12": "No account holds blinded and unblinded roles",
    "R13": "Inappropriate unblinding is prevented and detected",
    "R14": "The trail that blinded roles see holds no allocation",
    "R15": "Labels do not differ between arms",
    "R16": "A report says who was unblinded, when and why",
    "R17": "An investigator can unblind at once, at any hour, with nobody's approval",
    "R18": "One subject at a time",
    "R19": "Requester, time, reason, category and what was shown are recorded",
    "R20": "Notices to blinded staff say only that it happened",
    "R21": "An offline way exists, and each site has rehearsed",
    "R22": "An unplanned unblinding gets an impact assessment",
    "R23": "Unblinding for a safety report stays with the safety function",
    "R24": "The whole trial is unblinded only after editing closed, by two people",
    "R25": "Old value, new value, who, role, when, why",
    "R26": "Nobody can switch the trail off, edit or delete it",
    "R27": "A change never hides what was there before",
    "R28": "Time stamps from the server's clock, UTC, unambiguous",
    "R29": "A correction states its reason",
    "R30": "Readable by a human and exportable, at the reader's level of blinding",
    "R31": "Individual accounts; a user name is never given again",
    "R32": "Least privilege, per site, with start and end date and a review report",
    "R33": "Lock-out, inactivity log-out, second factor",
    "R34": "A signature shows name, time and meaning, and is bound to its record",
    "R35": "Signing takes two components again",
    "R36": "Backup and restore are tested",
    "R37": "Requirements are traced to tests; configuration is versioned",
    "R38": "Sponsors run acceptance scripts of their own",
    "R39": "Expired, quarantined or excursion-hit stock cannot be dispensed",
    "R40": "Lot to patient to return is reconciled",
    "R41": "After a restore nothing is given a second time; what is in doubt is withdrawn with a reason",
    "R42": "What tells an assignment is unreadable in a copy of any database without the keys",
    "R43": "A protocol version comes into force at a site by its signed approval; who signs is trained for it",
    "R44": "Whatever was recorded can be corrected, with reason, old and new value",
    "R45": "Serious adverse events reach the sponsor within 24 h of awareness; the clock is recorded",
    "R46": "The product scanned at preparation is proven to be the product instructed",
    "R47": "The system says by itself when a part of it has stopped",
}


def diagram(title: str, table: dict[Any, frozenset[Any]]) -> str:
    """One state diagram."""
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2"]
    states: list[StrEnum] = list(table)
    lines.append(f"    [*] --> {states[0].value}")
    for state, targets in table.items():
        lines += [f"    {state.value} --> {target.value}" for target in sorted(targets)]
    return "\n".join([*lines, "```", ""])


def states_document() -> str:
    return "\n".join(
        [
            "# States",
            "",
            "Drawn from the transition tables in the code; a test compares them.",
            "",
            diagram("Participant", screening.TRANSITIONS),
            diagram("Dose, as the ward sees it", bedside.TRANSITIONS),
            diagram("Preparation, in the pharmacy", preparation.TRANSITIONS),
            diagram("Order of destruction", destroying.TRANSITIONS),
            diagram("Units taken out by one person", removing.TRANSITIONS),
        ]
    )


def requirements_named(tree: ast.AST) -> list[str]:
    """The requirements of every `pytest.mark.requirement(...)` below a node."""
    return [
        ast.literal_eval(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement"
        for argument in node.args
    ]


def marked() -> Iterator[tuple[str, str]]:
    """(requirement, test) for every marker in the tests, on a test or on its module."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        of_module = [
            requirement
            for node in module.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
            for requirement in requirements_named(node.value)
        ]
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                own = [
                    requirement for decorator in node.decorator_list for requirement in requirements_named(decorator)
                ]
                for requirement in dict.fromkeys([*of_module, *own]):
                    yield requirement, f"{file.relative_to(ROOT)}::{node.name}"


def traceability_document() -> str:
    tests_by_requirement: dict[str, list[str]] = {}
    for requirement, test in marked():
        tests_by_requirement.setdefault(requirement, []).append(test)
    lines = [
        "# Traceability",
        "",
        "Generated from the markers on the tests. An id without a test is **open**.",
        "",
        "| id | asked | shown by |",
        "| --- | --- | --- |",
    ]
    for requirement, title in REQUIREMENTS.items():
        tests = "<br>".join(f"`{test}`" for test in sorted(tests_by_requirement.get(requirement, []))) or "**open**"
        lines.append(f"| {requirement} | {title} | {tests} |")
    return "\n".join([*lines, ""])


STATUS = re.compile(r"^Status: ((?:in force|partly superseded by \[|superseded by \[).*?\.)$", re.DOTALL)


def decisions_document() -> str:
    """The index of the decisions, from the title and the status of each page."""
    lines = [
        "# Decisions",
        "",
        "What was decided, why, and what was rejected. Where a later page changes an earlier one, in full or in part,",
        "the status of the earlier one says so. Drawn from the titles and status lines; a test compares them.",
        "",
        "| number | title | status |",
        "| --- | --- | --- |",
    ]
    for page in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        heading, status = page.read_text(encoding="utf-8").split("\n\n")[:2]
        number, title = heading.removeprefix("# ").split(" ", 1)
        matched = STATUS.match(status)
        assert matched, f"{page.name}: the second paragraph is `Status: in force.` or says what superseded the page"
        lines.append(f"| [{number}]({page.name}) | {title} | {' '.join(matched[1].split())} |")
    return "\n".join([*lines, ""])


@pytest.mark.requirement("R37")
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("states.md", states_document),
        ("traceability.md", traceability_document),
        ("decisions/README.md", decisions_document),
    ],
)
def test_the_document_is_up_to_date(name: str, make: Any) -> None:
    path = ROOT / "docs" / name
    if os.environ.get("UPDATE_DOCUMENTS") == "1":
        path.write_text(make(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == make(), f"run UPDATE_DOCUMENTS=1 pytest {Path(__file__).name}"


def test_only_known_requirements_are_marked() -> None:
    assert {requirement for requirement, _test in marked()} <= set(REQUIREMENTS)


@pytest.mark.requirement("R28")
def test_the_clock_is_read_in_one_place_only() -> None:
    pattern = re.compile(r"datetime\.now\(|timezone\.now\(|time\.time\(|utcnow\(")
    for package in ("randomization", "pharmacy", "immunosep_site"):
        for file in (ROOT / package).rglob("*.py"):
            if pattern.search(file.read_text(encoding="utf-8")):
                assert file == ROOT / "randomization" / "shared" / "clock.py"


def test_no_dependency_file_names_a_host() -> None:
    for file in (*ROOT.glob("requirements*"), ROOT / "pyproject.toml"):
        assert not re.search(r"https?://|--index-url|--find-links", file.read_text(encoding="utf-8")), file
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert pinned.count("--hash=sha256:") > 200


def test_no_pinned_package_asks_for_another_with_extras() -> None:
    """Older installers look for such a one afresh, past its pin, and stop when a newer release is out."""
    pins = [
        Requirement(line.rstrip(" \\"))
        for file in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith(("#", " "))
    ]
    names = {pin.name for pin in pins if pin.marker is None or pin.marker.evaluate()}
    assert len(names) > 80
    asked = [need for name in names for need in metadata.requires(name) or [] if "extra ==" not in need]
    assert [need for need in asked if "[" in need.split(";")[0]] == []
