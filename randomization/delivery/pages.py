"""What every page shares: who may open it, and a form page that calls one service and says what went wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from django_htmx.http import HttpResponseClientRedirect

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import REFRESH_HEADER, TABLET_COOKIE, actor_in
from randomization.delivery.sentences import shown
from randomization.shared.actor import Actor
from randomization.shared.errors import TrialError
from randomization.shared.plausible import Implausible
from randomization.signatures.command import SignedCommand
from randomization.signatures.signing import sign

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise
    """What a page says: a text, or one that is translated when it is shown."""

    class SiteFormView(SuccessMessageMixin[SiteForm], FormView[SiteForm]): ...
else:  # Django's classes take no argument

    class SiteFormView(SuccessMessageMixin, FormView): ...


PageView = Callable[..., HttpResponseBase]


def refuse(request: HttpRequest, error: TrialError) -> HttpResponse:
    """A page that says what happened and what to do; out of reach looks like nothing there."""
    return render(request, "refused.html", {"error": error}, status=error.status)


def page(permission: Permission | None = None, *, anonymous: bool = False) -> Callable[[PageView], PageView]:
    """Log-in first (but for an anonymous page), then the permission; a `TrialError` becomes a page."""

    def decorate(view: PageView) -> PageView:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None and not anonymous:
                htmx = getattr(request, "htmx", None)
                login_url = "/tablet/" if TABLET_COOKIE in request.COOKIES else None
                # Part of a page that renews or saves itself must not be replaced by the log-in page, nor by nothing.
                if REFRESH_HEADER in request.headers or htmx:
                    here = (htmx.current_url_abs_path if htmx else None) or request.get_full_path()
                    return HttpResponseClientRedirect(redirect_to_login(here, login_url).url)
                return redirect_to_login(request.get_full_path(), login_url)
            try:
                if permission is not None and actor is not None:
                    check_can(actor, permission)
                return view(request, *args, **kwargs)
            except TrialError as error:
                return refuse(request, error)

        run.permission = permission  # type: ignore[attr-defined]
        return run

    return decorate


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF that opens in the browser; `name` is that of the file where it is kept."""
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def file_answer(content: bytes | str, content_type: str, name: str) -> HttpResponse:
    """A file that the browser keeps under `name`."""
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


class FormPage(ABC, SiteFormView):
    """One purpose, one heading that is the task, one primary button; what was typed is kept on an error.

    Django's `FormView`: a subclass gives `form_class`, `heading`, where to go (`success_url`) and `form_valid`, which
    calls one service. Here is what Django has not: the permission, and what a service refuses shown in the form.
    """

    permission: ClassVar[Permission | None] = None
    anonymous: ClassVar[bool] = False  # open without log-in: what is typed is the key
    http_method_names = ("get", "post", "head", "options")
    template_name = "form_page.html"
    heading: ClassVar[Words] = ""
    button: ClassVar[Words] = _("Save")
    explain: ClassVar[Words] = ""
    irrevocable: ClassVar[Words] = ""
    typed: ClassVar[str] = ""  # the field that names a thing which may not be there

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return page(self.permission, anonymous=self.anonymous)(super().dispatch)(request, *args, **kwargs)

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return actor_in(self.request)

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The implausible values, `field=value`, that the person confirmed on the form."""
        return tuple(self.request.POST.getlist("confirmed"))

    def zone(self) -> str:
        """The time zone of what the form is about."""
        return "UTC"

    def title(self) -> str:
        """The heading: the task."""
        return str(self.heading).format(**self.kwargs)

    def signed(self, form: forms.Form, command: SignedCommand, *, actor: Actor | None = None) -> UUID:
        """The grant for a command, which is signed with the password in the form.

        actor: who signs, where that is another person than the one who is logged in.
        """
        return sign(actor=actor or self.actor, secret=form.cleaned_data["secret"], command=command)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "zone": self.zone()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check, call, go on; or show again what was typed, with what is wrong."""
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        try:
            return self.carried_out(form)
        except TrialError as error:
            if error.status == 404 and not self.typed:
                raise
            field = self.typed if error.status == 404 else error.field
            form.add_error(field if field in form.fields else None, shown(error.sentence))
            if isinstance(error, Implausible):
                form.ask([*self.confirmed, error.confirm])
            return self.render_to_response(self.get_context_data(form=form), status=error.status)

    def carried_out(self, form: SiteForm) -> HttpResponse:
        """What `form_valid` gives; a page whose act must not be done twice does it under the form's one-time key."""
        return self.form_valid(form)

    @abstractmethod
    def form_valid(self, form: SiteForm) -> HttpResponse:
        """Call the service; then this: say `success_message` and go to `get_success_url`."""
        return super().form_valid(form)

    def form_invalid(self, form: SiteForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_success_message(self, cleaned_data: dict[str, str]) -> str:
        """The message, with what the address names in braces."""
        return str(self.success_message).format(**self.kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Form and words of the page. What was confirmed stays so."""
        context = super().get_context_data(**kwargs)
        if self.confirmed and "confirmed" not in context["form"].fields:
            context["form"].ask(self.confirmed)
        words = {"button": self.button, "explain": self.explain, "irrevocable": self.irrevocable}
        return {"heading": self.title(), **words, **context}

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """Rendered at once: what a template reads is refused like anything else."""
        return render(self.request, self.get_template_names(), context, **response_kwargs)
