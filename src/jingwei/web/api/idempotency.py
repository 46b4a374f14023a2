"""A call sent twice acts once (draft-ietf-httpapi-idempotency-key-header).

The key is claimed in a transaction of its own, so that the second of two at once sees it; the
act and its answer are then kept together or not at all. A refusal gives the key back.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Schema

from jingwei.web.api import problem
from jingwei.web.api.frame import writer
from jingwei.web.api.problem import Problem
from jingwei.web.models import IdempotentCall

P = ParamSpec("P")
KEPT = timedelta(days=2)
# Whoever claimed a key and did not finish by then was killed: waitress cuts no thread off, and
# nothing the interface does takes a tenth of this.
ABANDONED = timedelta(minutes=2)
OFTEN, OFTEN_TIME = 60, timedelta(minutes=1)  # calls with a key, of one person
LONGEST = 200
HEADER = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write came to."""

    body: Schema
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def once(
    *, key: bool = False
) -> Callable[[Callable[Concatenate[HttpRequest, P], Answer]],
              Callable[Concatenate[HttpRequest, P], HttpResponse]]:  # fmt: skip
    """A write: needs the scope to write; with a key seen before it answers without acting.

    `key`: it creates something, so it must have one. Same key and body: the same answer again, or
    409 while the first is still at work; another body: 422.
    """

    def decorate(
        act: Callable[Concatenate[HttpRequest, P], Answer],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(act)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = writer(request)
            given = _key(request)
            if given is None:
                if key:
                    raise Problem(400, f"新建须在请求头 {HEADER} 中给出不重复的键，如 UUID", HEADER)
                return told(act(request, *args, **kwargs))
            now = timezone.now()
            call = _claim(user.username, given, _hash(request), now)
            if call.status is not None:
                return _again(call)
            return told(_act(call, lambda: act(request, *args, **kwargs)))

        return guarded

    return decorate


def _key(request: HttpRequest) -> str | None:
    """The key without the quotes a structured field has. Raises Problem 400 for a useless one."""
    header = request.headers.get(HEADER)
    if header is None:
        return None
    text = header.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not 0 < len(text) <= LONGEST or not (text.isascii() and text.isprintable()):
        raise Problem(400, f"{HEADER} 应为 1 至 {LONGEST} 个可见的 ASCII 字符", HEADER)
    return text


def _hash(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()


def _claim(caller: str, key: str, said: str, now: datetime) -> IdempotentCall:
    """The call under this key: new and ours, or answered already.

    Raises Problem 409 while another is at work, 422 for another body, 429 for too many.
    """
    IdempotentCall.objects.filter(at__lt=now - KEPT).delete()
    recent = IdempotentCall.objects.filter(caller=caller, at__gt=now - OFTEN_TIME).count()
    if recent >= OFTEN:
        raise Problem(
            429, f"一分钟内已有 {recent} 次写入，请稍后再试", headers={"Retry-After": "60"}
        )
    try:
        with transaction.atomic():
            return IdempotentCall.objects.create(caller=caller, key=key, request_hash=said, at=now)
    except IntegrityError:
        held = IdempotentCall.objects.filter(caller=caller, key=key).first()
    if held is not None and held.request_hash != said:
        raise Problem(422, f"{HEADER} 已用于另一个请求，请换一个键", HEADER)
    if held is not None and held.status is not None:
        return held
    left = IdempotentCall.objects.filter(caller=caller, key=key, status=None)
    if left.filter(at__lt=now - ABANDONED).update(at=now):
        return IdempotentCall.objects.get(caller=caller, key=key)
    raise Problem(409, "同一请求正在处理，请稍后重试", HEADER, headers={"Retry-After": "1"})


def _act(call: IdempotentCall, act: Callable[[], Answer]) -> Answer:
    """The act and its answer in one transaction; what was refused stays in the audit chain."""
    ours = IdempotentCall.objects.filter(pk=call.pk, at=call.at, status=None)
    refused: Exception | None = None
    try:
        with transaction.atomic():
            try:
                made = act()
            except problem.REFUSALS as error:
                refused = error
                ours.delete()
            else:
                kept = {"body": made.body.model_dump(mode="json"), "headers": made.headers}
                if not ours.update(status=made.status, answer=kept):
                    raise Problem(409, "同一请求已由另一次调用接手", HEADER)
    except BaseException:
        ours.delete()
        raise
    if refused is not None:
        raise refused
    return made


def told(answer: Answer) -> HttpResponse:
    """The answer as it goes out."""
    return _json(answer.body.model_dump(mode="json"), answer.status, answer.headers)


def _again(call: IdempotentCall) -> HttpResponse:
    kept: Any = call.answer
    headers = kept["headers"] | {"Idempotent-Replayed": "true"}
    return _json(kept["body"], call.status or 200, headers)


def _json(body: object, status: int, headers: dict[str, str]) -> HttpResponse:
    made = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False}, safe=False)
    for name, value in headers.items():
        made[name] = value
    return made
