"""接入端点: where each protocol of a registered thing answers. New ones need no code."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets import actions, words
from jingwei.assets.models import Endpoint, Target
from jingwei.assets.options import probes_of
from jingwei.checks import actions as checks
from jingwei.checks import queries
from jingwei.web.access import Request, address_of, requires
from jingwei.web.endpointform import PREFIX, EndpointForm
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.paging import paginate

# The register refuses by the words of its columns; the form knows its fields by name.
_FIELDS = {
    "对象": "target", "地址": "address", "端口": "port", "采集区": "collector",
    "凭据名称": "credential", "凭据内容": "credential",
}  # fmt: skip


class EndpointFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "对象 / 地址"}),
    )  # fmt: skip
    protocol = forms.ChoiceField(
        label="协议", required=False, choices=[("", "全部"), *words.PROTOCOLS.items()]
    )
    origin = forms.ChoiceField(
        label="来源", required=False,
        choices=[("", "全部"), ("real", "真实"), ("demo", "演示区域")],
    )  # fmt: skip


@require_GET
@requires(May.SEE_ASSETS)
def endpoints(request: Request) -> HttpResponse:
    """The list with how many checks ask each."""
    form = EndpointFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = (
        Endpoint.objects.select_related("target", "credential")
        .annotate(checks=Count("check", filter=Q(check__enabled=True)))
        .order_by("target__order", "target__key", "protocol")
    )
    for word in wanted.get("q", "").split():
        rows = rows.filter(
            Q(target__key__icontains=word)
            | Q(target__label__icontains=word)
            | Q(address__icontains=word)
        )
    if wanted.get("protocol"):
        rows = rows.filter(protocol=wanted["protocol"])
    if wanted.get("origin"):
        rows = rows.filter(demo=wanted["origin"] == "demo")
    context = {"form": form, "page_obj": paginate(request, rows), "protocols": words.PROTOCOLS}
    return render(request, "web/endpoints/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.EDIT_ENDPOINTS)
@once
def new(request: Request) -> HttpResponse:
    """First the protocol, then the form its probes' options make."""
    protocol = request.POST.get("protocol") or request.GET.get("protocol", "")
    if protocol not in words.PROTOCOLS:
        context = {
            "protocols": [
                (code, label, "、".join(probe.summary or probe.label for probe in probes_of(code)))
                for code, label in words.PROTOCOLS.items()
            ],
            "target": request.GET.get("target", ""),
        }
        return render(request, "web/endpoints/protocol.html", context)
    form = EndpointForm(
        protocol, posted(request), initial={"target": request.GET.get("target", "")}
    )
    return _form(request, form, protocol, None)


@require_http_methods(["GET", "POST"])
@requires(May.EDIT_ENDPOINTS)
@once
def endpoint(request: Request, pk: int) -> HttpResponse:
    """Change an endpoint; one of the miniature region becomes a real one by that."""
    found = _get(pk)
    initial = {
        "target": found.target.key, "address": found.address, "port": found.port,
        "collector": found.collector,
        "credential": found.credential.name if found.credential and not found.demo else "",
        **{PREFIX + name: value for name, value in found.settings.items()},
    }  # fmt: skip
    form = EndpointForm(found.protocol, posted(request), initial=initial, endpoint=found)
    return _form(request, form, found.protocol, found)


def _form(
    request: Request, form: EndpointForm, protocol: str, found: Endpoint | None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        saved = _save(request, form, protocol, found)
        if saved is not None:
            messages.success(request, "已保存。检查程序会在一分钟内按新地址检查。")
            return redirect(f"{reverse('checks')}?{urlencode({'target': saved.target.key})}")
    context = {
        "form": form, "protocol": protocol, "protocol_label": words.PROTOCOLS[protocol],
        "endpoint": found,
        "targets": [] if found else
        Target.objects.filter(valid_to__isnull=True).values_list("key", "label"),
        "checks": queries.checks(target=found.target.key).filter(endpoint=found) if found else [],
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/endpoints/form.html", context, status=status)


def _save(
    request: Request, form: EndpointForm, protocol: str, found: Endpoint | None
) -> Endpoint | None:
    """Credential and endpoint in one transaction; None when refused, with errors in the form."""
    data, now, origin = form.cleaned_data, timezone.now(), address_of(request)
    target = found.target if found else data["target"]
    if found is None and Endpoint.objects.filter(target=target, protocol=protocol).exists():
        form.add_error("target", f"{target.key} 已有 {protocol} 端点，请修改已有的")
        return None
    credential = data.get("credential", "")
    try:
        with transaction.atomic():
            if typed := form.secrets():
                credential = f"{target.key} {protocol}"
                actions.save_credential(
                    credential, typed, actor=request.user, now=now, origin=origin
                )
            return actions.save_endpoint(
                target.key, protocol, address=data["address"], port=data.get("port") or 0,
                settings=form.settings(), credential=credential, collector=data["collector"],
                actor=request.user, now=now, origin=origin, seen=form.seen,
            )  # fmt: skip
    except actions.MovedOnError as error:
        form.moved_on(error)
        return None
    except actions.RefusedError as error:
        name = _FIELDS.get(error.field, "")
        form.add_error(name if name in form.fields else None, str(error))
        return None


@require_POST
@requires(May.EDIT_ENDPOINTS)
def remove(request: Request, pk: int) -> HttpResponse:
    """Take an endpoint away; its checks say that they have none."""
    found = _get(pk)
    if queries.checks(enabled_only=False).filter(endpoint=found).exists():
        messages.error(
            request, "已有检查使用过这个端点，历史要留存，不能删除；请修改地址，或停用对象。"
        )
        return redirect("endpoint", pk)
    actions.remove_endpoint(
        found.target.key, found.protocol, actor=request.user, now=timezone.now(),
        reason=request.POST.get("reason", "")[:200], origin=address_of(request),
    )  # fmt: skip
    messages.success(request, "端点已删除。")
    return redirect("endpoints")


@require_POST
@requires(May.RUN_CHECKS)
def test(request: Request, pk: int) -> HttpResponse:
    """Ask it now: every check of this endpoint is run at once by a worker."""
    found = _get(pk)
    asked = list(queries.checks(target=found.target.key).filter(endpoint=found))
    now = timezone.now()
    for one in asked:
        checks.recheck(one, now)
    if asked:
        messages.info(request, f"已安排立即检查 {len(asked)} 项，几秒后刷新可见结果。")
    else:
        messages.warning(
            request, "这个端点还没有检查：没有适用于该型号的检查内容，或检查尚未生成。"
        )
    return redirect(f"{reverse('checks')}?{urlencode({'target': found.target.key})}")


def _get(pk: int) -> Endpoint:
    found = Endpoint.objects.select_related("target", "credential").filter(pk=pk).first()
    if found is None:
        raise Http404(f"没有编号为 {pk} 的端点")
    return found


urlpatterns = [
    path("endpoints/", endpoints, name="endpoints"),
    path("endpoints/new/", new, name="endpoint-new"),
    path("endpoints/<int:pk>/", endpoint, name="endpoint"),
    path("endpoints/<int:pk>/remove/", remove, name="endpoint-remove"),
    path("endpoints/<int:pk>/test/", test, name="endpoint-test"),
]
