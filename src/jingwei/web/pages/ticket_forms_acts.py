"""What people do to a ticket's form: fill it in, send files, note receipts, parts and days."""

from decimal import Decimal
from typing import Any

from django import forms

from jingwei.accounts.roles import May
from jingwei.assets.models import Person
from jingwei.desk import actions
from jingwei.desk.actions import BadInputError, Part
from jingwei.desk.forms import Field, Form, by_id, of_kind
from jingwei.desk.models import Effort, Origin, Receipt, Ticket, TicketForm
from jingwei.web import declaredform
from jingwei.web.forms import DateInput, MomentInput
from jingwei.web.pages.maintenance import TargetField
from jingwei.web.pages.tickets_acts import Act, Sent, views
from jingwei.web.pages.tickets_forms import ActForm, reason_field


def form_of(ticket: Ticket) -> tuple[Form | None, TicketForm | None]:
    """The declared form of a ticket and what is written in it; the only one of its kind if none."""
    held = TicketForm.objects.filter(ticket=ticket).first()
    if held is not None:
        return by_id(held.form), held
    offered = of_kind(ticket.kind)
    return (offered[0] if len(offered) == 1 else None), None


class FillForm(ActForm):
    """The provider's fields of the ticket's form; of several forms of a kind one is named."""

    name = "fill"
    client = False

    def __init__(
        self, data: Any = None, files: Any = None, *, ticket: Ticket, form_id: str = ""
    ) -> None:
        declared, held = form_of(ticket)
        named = form_id or (data.get("form", "") if data is not None else "")
        if declared is None:
            declared = next((one for one in of_kind(ticket.kind) if one.id == named), None)
        self.declared: list[Field] = [
            one for one in (declared.fields if declared else ()) if one.client == self.client
        ]
        super().__init__(data, files, ticket=ticket)
        declaredform.add(self, self.declared, due=False)
        if not self.client and held is None:
            self.fields["form"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=declared.id if declared else ""
            )
        self.initial = declaredform.initial(self.declared, held.values if held else {})
        if form_id:
            self.auto_id = f"{form_id}_%s"  # many stand on one page


class WordForm(FillForm):
    """The client's own fields."""

    name = "word"
    client = True


class SendForm(ActForm):
    """The file went out to these."""

    name = "send"
    institutions = forms.MultipleChoiceField(
        label="已下发到", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择已下发的机构"},
    )  # fmt: skip
    way = forms.CharField(
        label="下发方式", max_length=64, error_messages={"required": "请填写下发方式"}
    )
    at = forms.DateTimeField(
        label="下发时间", required=False, widget=MomentInput(), help_text="留空为现在"
    )

    def __init__(self, data: Any = None, files: Any = None, *, ticket: Ticket) -> None:
        super().__init__(data, files, ticket=ticket)
        self.waiting = {
            row.institution.code: row.institution
            for row in Receipt.objects.filter(ticket=ticket, sent_at=None).select_related(
                "institution"
            ).order_by("institution__code")
        }  # fmt: skip
        field = self.fields["institutions"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(code, one.name) for code, one in self.waiting.items()]
        held = form_of(ticket)[1]
        self.initial = {"way": held.values.get("way", "") if held else ""}


class ReceiptForm(ActForm):
    """An institution said that it has the file."""

    name = "receipt"
    institution = forms.ChoiceField(
        label="机构",
        error_messages={"required": "请选择机构", "invalid_choice": "该机构没有待回执的下发"},
    )
    receiver = forms.CharField(
        label="签收人", max_length=64, error_messages={"required": "请填写签收人"}
    )
    note = forms.CharField(
        label="回执方式", max_length=200, error_messages={"required": "请填写回执方式"},
        widget=forms.TextInput(attrs={"placeholder": "电话、回函、签字单"}),
    )  # fmt: skip
    at = forms.DateTimeField(
        label="回执时间", required=False, widget=MomentInput(), help_text="留空为现在"
    )

    def __init__(self, data: Any = None, files: Any = None, *, ticket: Ticket) -> None:
        super().__init__(data, files, ticket=ticket)
        rows = Receipt.objects.filter(ticket=ticket, received_at=None).exclude(sent_at=None)
        field = self.fields["institution"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [
            (row.institution.code, row.institution.name)
            for row in rows.select_related("institution").order_by("institution__code")
        ]


class PartForm(ActForm):
    """A part that was fitted."""

    name = "part"
    target = TargetField(
        label="装入设备", max_length=200, error_messages={"required": "请填写设备号"},
        widget=forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1，可输入查找"}),
    )  # fmt: skip
    part_name = forms.CharField(label="部件", max_length=100, help_text="如 硬盘、电源、内存")
    maker = forms.CharField(label="厂商", max_length=100)
    model = forms.CharField(label="型号", max_length=100)
    serial_out = forms.CharField(label="换下序列号", max_length=100)
    serial_in = forms.CharField(label="换上序列号", max_length=100)
    origin = forms.ChoiceField(
        label="来源", choices=Origin.choices,
        help_text="二手件只用于已登记停产且停止支持的型号（L704）",
    )  # fmt: skip
    disk = forms.BooleanField(label="换下的是含数据的存储介质", required=False)
    disk_kept = forms.CharField(
        label="旧盘保管", required=False, max_length=200,
        help_text="硬盘不得离场、不得返厂：写甲方保管地点或销毁证明编号",
    )  # fmt: skip
    fitted_at = forms.DateTimeField(
        label="更换时间", required=False, widget=MomentInput(), help_text="留空为现在"
    )

    def __init__(self, data: Any = None, files: Any = None, *, ticket: Ticket) -> None:
        super().__init__(data, files, ticket=ticket)
        unit = ticket.target.unit if ticket.target is not None else None
        if ticket.target is not None and unit is not None:
            row = unit.row
            self.initial = {"target": ticket.target.key, "maker": row.vendor_cn or row.vendor}


class BookForm(ActForm):
    """Person-days of development."""

    name = "book"
    person = forms.ModelChoiceField(
        Person.objects.filter(valid_to=None).exclude(line=Person.Line.CLIENT), label="人员",
        empty_label="请选择", error_messages={"required": "请选择人员"},
    )  # fmt: skip
    date = forms.DateField(label="日期", widget=DateInput())
    days = forms.DecimalField(
        label="人日", max_digits=6, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    work = forms.CharField(
        label="工作内容", max_length=300, error_messages={"required": "请填写工作内容"}
    )


class UndoForm(ActForm):
    """The opposite of a wrong booking."""

    name = "undo"
    effort = forms.IntegerField(label="登记", min_value=1, max_value=2**31)
    reason = reason_field("冲销原因")


def _fill(ticket: Ticket, sent: Sent) -> object:
    declared, _ = form_of(ticket)
    named = str(sent.data.get("form", ""))
    if declared is None:
        declared = next((one for one in of_kind(ticket.kind) if one.id == named), None)
    fields = [one for one in (declared.fields if declared else ()) if not one.client]
    values = declaredform.written(fields, sent.data)
    return actions.fill(ticket, values, *sent.last, version=sent.version, form_id=named)


def _word(ticket: Ticket, sent: Sent) -> object:
    declared, _ = form_of(ticket)
    fields = [one for one in (declared.fields if declared else ()) if one.client]
    values = declaredform.written(fields, sent.data)
    return actions.fill(ticket, values, *sent.last, version=sent.version)


def _send(ticket: Ticket, sent: Sent) -> object:
    rows = Receipt.objects.filter(
        ticket=ticket, institution__code__in=sent.data["institutions"]
    ).select_related("institution")
    return actions.send(
        ticket, [row.institution for row in rows], sent.data["way"], sent.data["at"] or sent.now,
        *sent.last, version=sent.version,
    )  # fmt: skip


def _receipt(ticket: Ticket, sent: Sent) -> object:
    row = Receipt.objects.get(ticket=ticket, institution__code=sent.data["institution"])
    return actions.receive(
        row, sent.data["receiver"], *sent.last, at=sent.data["at"], note=sent.data["note"]
    )


def _part(ticket: Ticket, sent: Sent) -> object:
    data = sent.data
    part = Part(
        target=data["target"], name=data["part_name"], maker=data["maker"], model=data["model"],
        serial_out=data["serial_out"], serial_in=data["serial_in"], origin=Origin(data["origin"]),
        fitted_at=data["fitted_at"] or sent.now, disk=data["disk"], disk_kept=data["disk_kept"],
    )  # fmt: skip
    return actions.fit_part(ticket, part, *sent.last, version=sent.version)


def _book(ticket: Ticket, sent: Sent) -> object:
    data = sent.data
    return actions.book(
        ticket, data["person"], data["date"], Decimal(data["days"]), data["work"], *sent.last,
        version=sent.version,
    )  # fmt: skip


def _undo(ticket: Ticket, sent: Sent) -> object:
    wrong = Effort.objects.filter(pk=sent.data["effort"], ticket=ticket).first()
    if wrong is None:
        raise BadInputError("effort", "本单没有这条登记")
    return actions.undo(ticket, wrong, sent.data["reason"], *sent.last, version=sent.version)


_WORK = May.HANDLE_TICKETS
ACTS: tuple[Act, ...] = (
    Act("fill", _WORK, FillForm, _fill, "表单已保存。", anchor="form"),
    Act("word", May.APPROVE_TICKETS, WordForm, _word, "已保存。", anchor="form"),
    Act("send", _WORK, SendForm, _send, "下发已登记。", anchor="receipts"),
    Act("receipt", _WORK, ReceiptForm, _receipt, "回执已登记。", versioned=False,
        anchor="receipts"),
    Act("part", _WORK, PartForm, _part, "换件已登记。", anchor="parts"),
    Act("book", _WORK, BookForm, _book, "工作量已登记。", anchor="effort"),
    Act("undo", _WORK, UndoForm, _undo, "已冲销。", anchor="effort"),
)  # fmt: skip
urlpatterns = views(ACTS)
