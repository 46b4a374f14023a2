"""Who is there: 7x24 periods, shifts, leave, replacement, attendance (tender L512-514, L606, L617).

The 5x8 roster needs no rows: everybody of the first line is due on every working day of his term.
"""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Institution, Person
from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.words import Asked


class GuardPeriod(models.Model):
    """A public-health emergency or safeguard during which `needed` people are there 7x24."""

    name = models.CharField("名称", max_length=100)
    start = models.DateTimeField("开始")
    end = models.DateTimeField("结束")
    needed = models.PositiveSmallIntegerField("在岗人数", default=2)
    declared_at = models.DateTimeField("登记时间")
    declared_by = models.CharField("登记人", max_length=150)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        ordering = ("-start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="guard_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """One person's turn within a 7x24 period, or on call."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shifts")
    period = models.ForeignKey(
        GuardPeriod, null=True, blank=True, on_delete=models.PROTECT, related_name="shifts"
    )
    start = models.DateTimeField("开始", db_index=True)
    end = models.DateTimeField("结束")
    on_call = models.BooleanField("仅备勤", default=False)
    entered_by = models.CharField("登记人", max_length=150)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        ordering = ("start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="shift_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.start:%Y-%m-%d %H:%M}"


class Leave(models.Model):
    """Time away: asked for with reason, whereabouts and stand-in; the client says yes before it
    starts (tender L514, L606). `answered_at` after `start` is kept as it is: late consent.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leaves")
    start = models.DateTimeField("开始", db_index=True)
    end = models.DateTimeField("结束")
    reason = models.CharField("事由", max_length=200)
    whereabouts = models.CharField("去向", max_length=200)
    phone = models.CharField("联系电话", max_length=32)
    stand_in = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in_for"
    )
    state = models.CharField(
        "状态", max_length=16, choices=Asked.choices, default=Asked.WAITING, db_index=True
    )
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField("答复意见", max_length=200, blank=True)

    class Meta:
        ordering = ("-start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="leave_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(stand_in__isnull=True) | ~models.Q(stand_in=models.F("person")),
                name="leave_needs_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.start:%Y-%m-%d}"


class StaffChange(models.Model):
    """One person for another: never without the client's consent (tender L597, L616)."""

    leaving = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    joining_name = models.CharField("接替人", max_length=64)
    joining_phone = models.CharField("接替人电话", max_length=32, blank=True)
    qualification = models.CharField("资质", max_length=200)
    joining = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on = models.DateField("更换日期")
    reason = models.CharField("原因", max_length=200)
    client_asked = models.BooleanField("甲方要求更换", default=False)
    state = models.CharField(
        "状态", max_length=16, choices=Asked.choices, default=Asked.WAITING, db_index=True
    )
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField("答复意见", max_length=200, blank=True)

    class Meta:
        ordering = ("-on",)

    def __str__(self) -> str:
        return f"{self.leaving} → {self.joining_name}"


class Attendance(AppendOnly):
    """Somebody came or went; the evidence behind "four on site". A correction refers back."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendance")
    date = models.DateField("日期", db_index=True)
    came_at = models.DateTimeField("到岗", null=True, blank=True)
    left_at = models.DateTimeField("离岗", null=True, blank=True)
    source = models.CharField("来源", max_length=64)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("登记人", max_length=150)

    class Meta:
        ordering = ("date", "id")

    def __str__(self) -> str:
        return f"{self.person} {self.date}"


class InstitutionContact(models.Model):
    """Which institution a contact's login belongs to: he reports and sees its tickets only."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="institution_contact"
    )
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="contacts")

    def __str__(self) -> str:
        return f"{self.user} {self.institution}"
