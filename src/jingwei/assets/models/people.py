"""The people of the contract and the makers behind the devices."""

from django.conf import settings
from django.db import models


class Person(models.Model):
    """Somebody of the contractor or the client; may have a login."""

    class Line(models.TextChoices):
        """Where in the support chain."""

        FIRST = "first", "一线驻场"
        SECOND = "second", "二线支持"
        MANAGER = "manager", "项目负责人"
        CLIENT = "client", "甲方"

    name = models.CharField("姓名", max_length=64)
    line = models.CharField("岗位", max_length=16, choices=Line.choices)
    phone = models.CharField("电话", max_length=32, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    sample = models.BooleanField("示例数据", default=False)
    valid_from = models.DateField("到岗", null=True, blank=True)
    valid_to = models.DateField("离岗", null=True, blank=True)

    class Meta:
        ordering = ("line", "name")

    def __str__(self) -> str:
        return self.name


class Vendor(models.Model):
    """A maker: whom to call while a device is in warranty."""

    name = models.CharField("厂商", max_length=100, unique=True)
    hotline = models.CharField("服务热线", max_length=64, blank=True)
    notes = models.TextField("备注", blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
