"""Our numbers for a Prometheus: asked from this machine itself, or with a token."""

import ipaddress
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from jingwei.accounts.roles import May, may
from jingwei.checks import queries
from jingwei.checks.queries.latest import Latest, latest
from jingwei.terms import Result
from jingwei.web import exposition, tokens
from jingwei.web.access import open_to_all
from jingwei.web.exposition import Family, Sample

# What a proxy adds: then the address we see is the proxy's and proves nothing.
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@never_cache
@require_GET
@open_to_all
def metrics(request: HttpRequest) -> HttpResponse:
    """Every check's state and numbers. It opens to this machine, and to a token that may see."""
    if not (_from_here(request) or _by_token(request)):
        return HttpResponse(
            "只对本机开放；从别处读取请带只读令牌（Authorization: Bearer …，见“接口说明”页）\n",
            status=401, content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": 'Bearer realm="jingwei"'},
        )  # fmt: skip
    open_ = exposition.wants_open(request.headers.get("Accept", ""))
    text = "".join(exposition.written(_families(), open_metrics=open_))
    return HttpResponse(text, content_type=exposition.OPEN if open_ else exposition.PLAIN)


def _from_here(request: HttpRequest) -> bool:
    """A loopback address, no proxy in between, and asked for by a name of this machine."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    name = request.get_host().rsplit(":", 1)[0].strip("[]").lower()
    proxied = any(name in request.headers for name in _FORWARDED)
    return address.is_loopback and not proxied and name in _OWN_NAMES


def _by_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    user = tokens.reader(token.strip()) if scheme.lower() == "bearer" else None
    return user is not None and not user.must_change_password and may(user.role, May.SEE_BOARD)


def _families() -> Iterator[Family]:
    rows = list(latest())
    found, now = queries.open_counts(), timezone.now()
    tally = dict.fromkeys(Result, 0)
    for row in rows:
        tally[row.result] += 1
    yield Family(
        "jingwei_checks", "启用的检查，按状态",
        [({"result": result.value}, number) for result, number in tally.items()],
    )  # fmt: skip
    yield Family(
        "jingwei_findings_open", "未恢复的异常，不计连带的",
        [({"result": "abnormal"}, found.abnormal), ({"result": "attention"}, found.attention)],
    )  # fmt: skip
    yield Family("jingwei_checks_overdue", "过了时间还没有做的检查", [({}, queries.overdue(now))])
    yield Family(
        "jingwei_check_result", "每个检查的状态：当前状态为 1",
        [(_labels(row) | {"result": row.result.value}, 1) for row in rows],
    )  # fmt: skip
    yield Family(
        "jingwei_check_last_timestamp_seconds", "最近一次检查的时间",
        [(_labels(row), row.at.timestamp()) for row in rows if row.at],
    )  # fmt: skip
    yield Family(
        "jingwei_check_duration_seconds", "最近一次检查用时",
        [(_labels(row), row.took) for row in rows if row.took is not None],
    )  # fmt: skip
    yield Family("jingwei_reading", "最近一次读数；是、否为 1、0", _readings(rows))


def _labels(row: Latest) -> dict[str, str]:
    return {"check": row.check, "target": row.target, "item": row.item}


def _readings(rows: list[Latest]) -> Iterator[Sample]:
    """Each reading once: two rules may judge the same one."""
    for row in rows:
        seen = set()
        for number in row.numbers:
            if (number.name, number.instance) not in seen:
                seen.add((number.name, number.instance))
                more = {"reading": number.name, "instance": number.instance, "unit": number.unit}
                yield {"check": row.check, "target": row.target} | more, number.value


urlpatterns = [path("metrics", metrics, name="metrics")]
