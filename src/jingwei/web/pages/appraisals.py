"""考核: the quarters that can be appraised, one sheet, and what each side may do with it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.contract import actions, appraising, queries
from jingwei.contract.actions import BadInputError, Change, ContractError
from jingwei.contract.models import Appraisal
from jingwei.web import days
from jingwei.web.access import Request, allowed, requires
from jingwei.web.forms import Styled
from jingwei.web.once import once

_OWN = ("own_group", "own_points", "own_reason", "own_evidence")


class SheetForm(Styled, forms.Form):
    """The client's sheet: points and reason for each line, one line of its own, and a remark."""

    own_group = forms.ChoiceField(label="考核内容", required=False)
    own_points = forms.DecimalField(label="扣分", required=False, max_digits=5, decimal_places=2)
    own_reason = forms.CharField(label="理由", max_length=200, required=False)
    own_evidence = forms.CharField(label="证据（单号、文件或记录）", max_length=200, required=False)
    text = forms.CharField(
        label="说明", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, form: appraising.Template, lines: list[dict[str, Any]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        own = self.fields["own_group"]
        assert isinstance(own, forms.ChoiceField)  # noqa: S101 - for the type checker
        own.choices = [("", "不另加扣分"), *((g.id, g.label) for g in form.groups)]
        self.lines = lines
        for line in lines:
            self.fields[f"line-{line['no']}"] = forms.DecimalField(
                label=f"第 {line['no']} 行扣分", initial=line["points"], max_digits=5,
                decimal_places=2, widget=forms.NumberInput(
                    attrs={"class": "form-control form-control-sm", "step": "0.5", "min": "0"}
                ),
            )  # fmt: skip
            self.fields[f"why-{line['no']}"] = forms.CharField(
                label=f"第 {line['no']} 行改动理由", max_length=200, required=False,
                widget=forms.TextInput(
                    attrs={"class": "form-control form-control-sm", "placeholder": "改动须写理由"}
                ),
            )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Each line with its two fields."""
        return [
            {**line, "field": self[f"line-{line['no']}"], "why": self[f"why-{line['no']}"]}
            for line in self.lines
        ]

    def own(self) -> list[forms.BoundField]:
        """The fields of a line of the client's own."""
        return [self[name] for name in _OWN]

    def changes(self) -> list[Change]:
        """What was changed, ready for the room."""
        data = self.cleaned_data
        found = [
            Change(line["no"], data[f"line-{line['no']}"], data[f"why-{line['no']}"])
            for line in self.lines
        ]
        if data["own_group"] or data["own_reason"] or data["own_points"] is not None:
            points = data["own_points"] if data["own_points"] is not None else Decimal("NaN")
            found.append(
                Change(0, points, data["own_reason"], data["own_group"], data["own_evidence"])
            )
        return found


@require_GET
@requires(May.SEE_DESK)
def appraisals(request: Request) -> HttpResponse:
    """The quarters that are over, and how each was appraised."""
    contract = queries.current(request.day)
    if contract is None or queries.template_of(contract) is None:
        return render(request, "web/contract/none.html")
    newest: dict[Any, Appraisal] = {}
    for row in queries.appraisals(contract):
        newest.setdefault(row.period_start, row)
    now = timezone.now()
    periods = [
        {"period": period, "standing": queries.appraisal_standing(newest[period.first])
         if period.first in newest else None}
        for period in reversed(queries.appraisal_periods(contract, now))
    ]  # fmt: skip
    context = {
        "contract": contract, "periods": periods,
        "drafts": allowed(request, May.HANDLE_TICKETS) or allowed(request, May.APPROVE_TICKETS),
    }  # fmt: skip
    return render(request, "web/contract/appraisals.html", context)


@require_POST
@requires(May.SEE_DESK)
@once
def propose(request: Request) -> HttpResponse:
    """A draft by rule for one quarter."""
    contract = queries.current(request.day)
    try:
        if contract is None:
            raise BadInputError("contract", "当日没有合同")
        first = days.read(request.POST.get("first", ""), "季度首日")
        made = actions.propose(contract, first, request.user, timezone.now())
    except (ContractError, ValueError) as error:
        messages.error(request, getattr(error, "message", str(error)))
        return redirect("appraisals")
    return redirect("appraisal", pk=made.pk)


@require_GET
@requires(May.SEE_DESK)
def appraisal(request: Request, pk: int) -> HttpResponse:
    """One sheet."""
    return _page(request, _get(pk))


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def issue(request: Request, pk: int) -> HttpResponse:
    """The client issues the sheet."""
    held = _get(pk)
    form = SheetForm(queries.form_of(held), held.lines, request.POST)
    if form.is_valid():
        try:
            actions.issue(
                held, form.changes(), request.user, timezone.now(), text=form.cleaned_data["text"]
            )
        except (ContractError, InvalidOperation) as error:
            _refused(form, error)
        else:
            messages.success(request, "考核已发布。")
            return redirect("appraisal", pk=pk)
    return _page(request, held, status=422, form=form)


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def appeal(request: Request, pk: int) -> HttpResponse:
    """The provider appeals."""
    held, text = _get(pk), request.POST.get("text", "")
    try:
        actions.appeal(held, text, request.user, timezone.now())
    except ContractError as error:
        return _page(request, held, status=422, appeal_text=text, appeal_error=error.message)
    messages.success(request, "申诉已提交，等待甲方裁定。")
    return redirect("appraisal", pk=pk)


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def decide(request: Request, pk: int) -> HttpResponse:
    """The client decides an appeal."""
    held = _get(pk)
    issued = queries.appraisal_standing(held).issued
    form = SheetForm(queries.form_of(held), issued.lines if issued else [], request.POST)
    if form.is_valid():
        try:
            actions.decide(
                held, form.changes(), form.cleaned_data["text"], request.user, timezone.now()
            )
        except (ContractError, InvalidOperation) as error:
            _refused(form, error)
        else:
            messages.success(request, "申诉已裁定。")
            return redirect("appraisal", pk=pk)
    return _page(request, held, status=422, form=form)


def _refused(form: SheetForm, error: Exception) -> None:
    field = getattr(error, "field", "")
    message = getattr(error, "message", "请填写数字")
    if field.startswith("line-") and "理由" in message:
        field = field.replace("line-", "why-")
    form.add_error(field if field in form.fields else None, message)


def _page(request: Request, held: Appraisal, *, status: int = 200, **given: Any) -> HttpResponse:
    form = queries.form_of(held)
    standing = queries.appraisal_standing(held)
    final = standing.final
    client = allowed(request, May.APPROVE_TICKETS)
    newest = queries.appraisals(held.contract).filter(period_start=held.period_start).first()
    lines = final.lines if final else held.lines
    issues = client and standing.issued is None and newest == held
    decides = client and standing.appealed is not None and standing.decided is None
    lost = appraising.deducted(form, lines)
    proposed = appraising.deducted(form, held.lines)
    sheet = given.get("form") or (SheetForm(form, lines) if issues or decides else None)
    context = {
        "appraisal": held, "standing": standing, "lines": lines, "form": sheet,
        "issues": issues, "decides": decides, "newest": newest,
        "appeals": standing.appeal_by is not None and standing.appealed is None
        and allowed(request, May.HANDLE_TICKETS) and timezone.now() < standing.appeal_by,
        "groups": [
            {**each, "proposed": proposed[each["group"]],
             "lost": lost[each["group"]] if final else None}
            for each in held.coverage
        ],
        "labels": {group.id: group.label for group in form.groups},
        "appeal_text": given.get("appeal_text", ""), "appeal_error": given.get("appeal_error", ""),
    }  # fmt: skip
    return render(request, "web/contract/appraisal.html", context, status=status)


def _get(pk: int) -> Appraisal:
    rows = Appraisal.objects.select_related("contract").prefetch_related("steps")
    return get_object_or_404(rows, pk=pk)


urlpatterns = [
    path("appraisals/", appraisals, name="appraisals"),
    path("appraisals/propose/", propose, name="appraisal-propose"),
    path("appraisals/<int:pk>/", appraisal, name="appraisal"),
    path("appraisals/<int:pk>/issue/", issue, name="appraisal-issue"),
    path("appraisals/<int:pk>/appeal/", appeal, name="appraisal-appeal"),
    path("appraisals/<int:pk>/decide/", decide, name="appraisal-decide"),
]
