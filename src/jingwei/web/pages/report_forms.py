"""Forms of a report's life, and what its page shows of it: who may do which step next."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from jingwei.accounts.roles import May
from jingwei.reports import queries
from jingwei.reports.life import DONE, ON_PAPER, OPEN, OUT, REVIEWED_FIRST
from jingwei.reports.models import Report, ReportState
from jingwei.web.access import Request, allowed
from jingwei.web.forms import MomentInput, Styled

_SCAN = "PDF 或照片，不超过 10 MB"


class StatementsForm(Styled, forms.Form):
    """Every place of a draft where its facts end; an empty one stays open."""

    def __init__(
        self, asked: list[queries.Asked], data: QueryDict | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.asked = asked
        for each in asked:
            self.fields[each.place.key] = forms.CharField(
                label=f"{each.place.heading}：{each.place.label}", required=False,
                initial=each.text or each.proposed,
                widget=forms.Textarea(attrs={"rows": 2, "class": "form-control form-control-sm"}),
                help_text="" if each.text or not each.proposed else "上一版所填，保存后生效",
            )  # fmt: skip


class DeliveryForm(Styled, forms.Form):
    """The paper was handed over."""

    at = forms.DateTimeField(
        label="送达时间", widget=MomentInput(), input_formats=["%Y-%m-%dT%H:%M"]
    )
    receiver = forms.CharField(label="签收人", max_length=64)
    opinion = forms.CharField(label="说明", max_length=1000, required=False)
    scan = forms.FileField(label="签收单扫描件", required=False, help_text=_SCAN)


class ArchiveForm(Styled, forms.Form):
    """The signed page, and a remark."""

    scan = forms.FileField(label="签收页扫描件", required=False, help_text=_SCAN)
    opinion = forms.CharField(label="说明", max_length=1000, required=False)


def life(request: Request, held: Report, newest: bool, **given: Any) -> dict[str, Any]:
    """What the page says about the life of one version; `given` are forms that were refused."""
    asked = queries.asked(held) if held.state in OPEN else []
    left = [each for each in asked if not each.text]
    first = held.kind in REVIEWED_FIRST
    own = request.user.username in queries.writers(held) if held.state in OPEN else False
    state = held.state if newest else ""
    draft = state == ReportState.DRAFT
    shown: dict[str, Any] = {
        "open_places": left, "places": len(asked),
        "writes": draft and bool(asked) and allowed(request, May.BUILD_REPORTS),
        "reviews": draft and allowed(request, May.REVIEW_REPORTS), "own": own,
        "submits": (state == ReportState.REVIEWED or (draft and not first)) and not left
        and allowed(request, May.SUBMIT_REPORTS),
        "delivers": state == ReportState.SUBMITTED and allowed(request, May.SUBMIT_REPORTS),
        "signs": state in OUT and allowed(request, May.SIGN_REPORTS),
        "archives": state == ReportState.SIGNED and allowed(request, May.SUBMIT_REPORTS),
        "on_paper": held.kind in ON_PAPER, "reviewed_first": first,
        "needs_paper": held.kind in ON_PAPER and state == ReportState.SUBMITTED,
        "on_time_at": queries.on_time_at(held), "frozen": held.state in OUT | DONE,
        "statements": given.get("statements") or StatementsForm(asked),
        "delivery": given.get("delivery")
        or DeliveryForm(initial={"at": timezone.localtime(timezone.now())}),
        "putting_away": given.get("putting_away") or ArchiveForm(),
        "step_problem": given.get("problem", ""),
        "next_step": _next(held, newest, len(left)),
    }  # fmt: skip
    return shown


_NEXT = {
    ReportState.DELIVERED: "待甲方签收或退回。",
    ReportState.SUBMITTED: "待甲方签收或退回。",
    ReportState.SIGNED: "甲方已签收，待服务方归档。",
    ReportState.RETURNED: "甲方已退回，请按意见出新版本。",
    ReportState.ARCHIVED: "已归档。",
}


def _next(held: Report, newest: bool, left: int) -> str:
    """One sentence: what has to happen next, and who does it."""
    if not newest:
        return ""
    if held.state in OPEN and left:
        return f"还有 {left} 处红色内容待服务方写明，写明后才能内审和提交。"
    if held.state == ReportState.DRAFT and held.kind in REVIEWED_FIRST:
        return "待内审：由编制人以外的项目负责人或二线人员审核。"
    if held.state == ReportState.SUBMITTED and held.kind in ON_PAPER:
        return "电子版已提交，待送达书面版；按期以两种形式中较晚的时间为准。"
    return _NEXT.get(ReportState(held.state), "待服务方提交电子版；提交后内容不再改动。")
