"""One root for every error a person may meet.

A message never holds an arm, an immune class, a key or another site's data: it is shown to the person who
asked, on either side of the blinding line.

Pure: no Django.
"""

from __future__ import annotations

from http import HTTPStatus

from randomization.shared.sentences import sentence as _


class TrialError(Exception):
    """A refusal with a stable `code` and one sentence for the person at the screen."""

    code = "trial_error"
    status: HTTPStatus = HTTPStatus.CONFLICT

    def __init__(self, sentence: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        if code is not None:
            self.code = code


class NotFound(TrialError):
    """The thing does not exist, or lies outside the person's reach: the two look the same."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND

    def __init__(self, sentence: str = _("There is nothing at this address for you.")) -> None:
        super().__init__(sentence)


class NotPermitted(TrialError):
    """The person's role does not include this task."""

    code = "not_permitted"
    status = HTTPStatus.FORBIDDEN


class Refused(TrialError):
    """The rules of the trial say no; nothing was changed."""

    code = "refused"


class InvalidInput(TrialError):
    """What was typed or sent cannot be used; `field` names the place."""

    code = "invalid_input"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class KeyRequired(TrialError):
    """A request of the API that moves stock came without its one-time key; nothing was done."""

    code = "key_required"
    status = HTTPStatus.PRECONDITION_REQUIRED

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nothing was done. What moves stock needs the header Idempotency-Key: 8 to 64 characters of your "
                "choice, new for each act. Send the request again with it; repeat a key only to repeat its act."
            )
        )


class ConfigurationError(TrialError):
    """A file or setting is wrong; the sentence says which key and what to do."""

    code = "configuration"


class SignatureRefused(TrialError):
    """The second component was wrong, too old, already used, or given for something else."""

    code = "signature_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TamperingFound(TrialError):
    """Stored material does not match what was sealed or committed to."""

    code = "tampering"


class ProgrammingError(TrialError):
    """A rule of the house was broken by the code itself; the transaction is rolled back."""

    code = "internal_error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
