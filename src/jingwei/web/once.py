"""A form sent twice over a slow link acts once (zammad#932: a reply sent three times)."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from jingwei.web.models import Submission

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
KEPT = timedelta(days=2)


def new_key() -> str:
    """A key for one rendering of one form."""
    return secrets.token_urlsafe(18)


def once(
    view: Callable[Concatenate[R, P], HttpResponseBase],
) -> Callable[Concatenate[R, P], HttpResponseBase]:
    """A POST with a key seen before is answered without acting again.

    Key and action are one transaction, and a refusal (status 400 and up) gives the key back, so a
    corrected form can be sent from the same page. A refusal that an action wrote into the audit
    chain says so by `response.audited = True`, and only the key is given back.
    """

    @wraps(view)
    def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        key = request.POST.get("once", "") if request.method == "POST" else ""
        if not key:
            return view(request, *args, **kwargs)
        now = timezone.now()
        with transaction.atomic():
            try:
                with transaction.atomic():
                    Submission.objects.create(key=f"{request.user.pk}:{key}"[:64], at=now)
            except IntegrityError:
                return _already(request)
            Submission.objects.filter(at__lt=now - KEPT).delete()
            response = view(request, *args, **kwargs)
            if getattr(response, "audited", False):
                # The action undid itself; its refusal is in the audit chain and stays there.
                Submission.objects.filter(key=f"{request.user.pk}:{key}"[:64]).delete()
            elif response.status_code >= 400:
                transaction.set_rollback(True)
            return response

    return guarded


def back(request: HttpRequest, otherwise: str = "board") -> str:
    """The page this form came from, if it is ours; else a named page."""
    came_from = request.POST.get("next") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        return came_from
    return reverse(otherwise)


def _already(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    messages.info(request, "这份表单已经提交过，没有重复处理。")
    return redirect(back(request))
