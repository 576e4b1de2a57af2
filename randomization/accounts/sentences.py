"""Sentences for people at the screen: English where they are raised, kept or sent; each reader's language on a page.

An error is raised with its English sentence, whatever language its reader has: trail, API and worker never see
another one. A page translates when it shows it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop


class Sentence(str):
    """An English sentence that knows how it was made, so that a page can say it in another language."""

    words: str
    parts: dict[str, Any]


def sentence(words: str, **parts: Any) -> str:
    """The English sentence of `words`, a text with `%(name)s` for each part; import it as `_`, to be extracted."""
    made = Sentence(words % parts if parts else words)
    made.words, made.parts = words, parts
    return made


PATTERNS: Final = (
    gettext_noop("%(time)s did not exist here: clocks went forward. Check the time."),
    gettext_noop(
        "%(time)s happened twice, clocks went back: say which, %(first)s (before the change) or %(second)s (after it)."
    ),
    gettext_noop("%(text)s is not a code: 8 letters and digits, like 7F2Q-XK9D."),
    gettext_noop("%(text)s has a wrong check character: read or scan the code again."),
    gettext_noop("This dose is %(old)s: it cannot become %(new)s."),
    gettext_noop("A participant who is %(old)s cannot become %(new)s."),
    gettext_noop("Line %(line)s: %(columns)s cannot be read."),
    gettext_noop("More than %(hours)s hours have passed since sepsis."),
    gettext_noop("Under %(years)s years by the year of birth."),
    gettext_noop("Neutrophils %(count)s/mm3, below %(bound)s."),
    gettext_noop("Not answered: %(question)s."),
    gettext_noop("Give or record %(dose)s"),
    gettext_noop("Treatment stopped: %(cause)s"),
)
"""Sentences with parts that rooms without Django make: a page knows them again by their form."""

FIXED: Final = (
    gettext_noop("There is nothing at this address for you."),
    gettext_noop("This is not a syringe label of the trial: scan the square code on it."),
    gettext_noop("No syringe of this patient carries this packaging code: do not give it, call the pharmacy."),
    gettext_noop("This replaces what was recorded before: say why."),
    gettext_noop("The eligibility questions are not answered yet."),
    gettext_noop("Not answered: year of birth."),
    gettext_noop("Not answered: neutrophils per mm3."),
    gettext_noop("No blood sample is recorded yet."),
    gettext_noop("The sample was drawn before consent."),
    gettext_noop("The laboratory's verdict is: not eligible."),
    gettext_noop("The laboratory's verdict is not there yet."),
    gettext_noop("No consent is recorded."),
    gettext_noop("Say why it happened and what was done."),
    gettext_noop("The file is larger than 5 MB: divide it."),
    gettext_noop("Save the file as CSV in UTF-8."),
    gettext_noop("Sample shipped"),
    gettext_noop("Sample at the laboratory"),
    gettext_noop("Verdict"),
    gettext_noop("Eligibility signed"),
    gettext_noop("Randomised, preparation begins"),
    gettext_noop("First dose"),
    gettext_noop("the formula holds from 18 to 120 years"),
    gettext_noop("a weight lies between 20 and 400 kg"),
    gettext_noop("a creatinine lies between 0.1 and 30 mg/dL (9 and 2652 micromol/L)"),
)
"""Sentences without parts that rooms without Django make, and steps of the countdown."""

SHOWN_WORDS: Final = (
    # states of a participant, and what the board is asked for
    gettext_noop("all"), gettext_noop("screening"), gettext_noop("not eligible"), gettext_noop("eligible"),
    gettext_noop("allocated"), gettext_noop("withdrawn"),
    # states of a dose, and how the picture and a handover show it
    gettext_noop("planned"), gettext_noop("ready"), gettext_noop("given"), gettext_noop("part given"),
    gettext_noop("missed"), gettext_noop("held"), gettext_noop("dropped"), gettext_noop("due"), gettext_noop("late"),
    gettext_noop("not ready"), gettext_noop("ready on the ward"), gettext_noop("overdue"), gettext_noop("on hold"),
    # why treatment ended, and what ends the daily scores
    gettext_noop("discharge"), gettext_noop("death"), gettext_noop("withdrawal"),
    gettext_noop("investigator's decision"), gettext_noop("lost to follow-up"),
    # departures from the protocol, and what they are about
    gettext_noop("sample shipped late"), gettext_noop("sample before consent"), gettext_noop("first dose late"),
    gettext_noop("dose outside its window"), gettext_noop("dose too soon after the one before"),
    gettext_noop("dose missed"), gettext_noop("given after its use-before time"),
    gettext_noop("given from a void syringe"), gettext_noop("first dose"), gettext_noop("sample"),
    # roles, and who else is waited for
    gettext_noop("auditor"), gettext_noop("blinded monitor"), gettext_noop("coordinator"),
    gettext_noop("investigator"), gettext_noop("nurse"), gettext_noop("trial manager"), gettext_noop("code breaker"),
    gettext_noop("laboratory"), gettext_noop("pharmacist"), gettext_noop("preparer"), gettext_noop("safety officer"),
    gettext_noop("statistician"), gettext_noop("unblinded monitor"), gettext_noop("third party"),
    gettext_noop("courier"), gettext_noop("pharmacy"), gettext_noop("nobody"),
    # other words of a file, and the two sides
    gettext_noop("pending"), gettext_noop("patient"), gettext_noop("next of kin"), gettext_noop("female"),
    gettext_noop("male"), gettext_noop("blinded"), gettext_noop("unblinded"), gettext_noop("treatment"),
    gettext_noop("follow-up"), gettext_noop("further use of data"), gettext_noop("the line"),
    gettext_noop("made-up patient"),
)  # fmt: skip
"""Words that are stored or signed in English and shown in the reader's language."""


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each pattern with what knows it again."""
    return tuple((words, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(words)))) for words in PATTERNS)


def _part(value: Any) -> Any:
    return shown(value) if isinstance(value, str) else value


def shown(text: str) -> str:
    """A sentence or word in the current language; one that is not known stays as it is."""
    if isinstance(text, Sentence):
        words = gettext(text.words)
        return words % {name: _part(value) for name, value in text.parts.items()} if text.parts else words
    words = gettext(text)
    if words != text:
        return words
    for known, form in _forms():
        match = form.fullmatch(text)
        if match:
            return gettext(known) % {name: gettext(value) for name, value in match.groupdict().items()}
    return text
