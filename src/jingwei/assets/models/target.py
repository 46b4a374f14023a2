"""A target is anything a check can be pointed at; an endpoint is where one protocol answers."""

from django.db import models

from jingwei.assets.models.application import Application, Database
from jingwei.assets.models.hardware import Unit
from jingwei.assets.models.place import Room, Site


class Target(models.Model):
    """One registered thing under its register key: unit, application, database, room or site.

    `kind` is the unit's kind ("server", "switch" ...) or "application", "database", "room",
    "site"; `key` equals the code of the thing.
    """

    key = models.CharField("对象", max_length=32, unique=True)
    kind = models.CharField("种类", max_length=32, db_index=True)
    label = models.CharField("名称", max_length=200)
    unit = models.OneToOneField(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="target"
    )
    application = models.OneToOneField(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="target"
    )
    database = models.OneToOneField(
        Database, null=True, blank=True, on_delete=models.PROTECT, related_name="target"
    )
    room = models.OneToOneField(
        Room, null=True, blank=True, on_delete=models.PROTECT, related_name="target"
    )
    site = models.OneToOneField(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="target"
    )
    order = models.PositiveIntegerField("排序", default=0)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        ordering = ("order", "key")

    def __str__(self) -> str:
        return f"{self.key} {self.label}"


class Credential(models.Model):
    """Secrets by reference: an endpoint names one; the text is encrypted at rest."""

    name = models.CharField("凭据名称", max_length=100, unique=True)
    ciphertext = models.BinaryField("密文")
    fields = models.JSONField("字段名", default=list)
    demo = models.BooleanField("演示区域", default=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Endpoint(models.Model):
    """Where one protocol of a target answers. One per target and protocol."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="endpoints")
    protocol = models.CharField("协议", max_length=32)
    address = models.CharField("地址", max_length=255)
    port = models.PositiveIntegerField("端口")
    settings = models.JSONField("探针选项", default=dict, blank=True)
    credential = models.ForeignKey(
        Credential, null=True, blank=True, on_delete=models.PROTECT, related_name="endpoints"
    )
    demo = models.BooleanField("演示区域", default=False)
    collector = models.CharField("采集区", max_length=32, blank=True)

    class Meta:
        ordering = ("target", "protocol")
        constraints = (
            models.UniqueConstraint(fields=("target", "protocol"), name="endpoint_protocol"),
        )

    def __str__(self) -> str:
        return f"{self.target.key} {self.protocol} {self.address}:{self.port}"


class Dependency(models.Model):
    """`dependent` needs `needs`: power, network path, host, storage, database, application."""

    class Kind(models.TextChoices):
        """What kind of need."""

        POWER = "power", "供电"
        NETWORK = "network", "网络"
        HOST = "host", "主机"
        STORAGE = "storage", "存储"
        DATABASE = "database", "数据库"
        APPLICATION = "application", "应用"

    dependent = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="needs_of")
    needs = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="needed_by")
    kind = models.CharField("依赖", max_length=16, choices=Kind.choices)
    sample = models.BooleanField("示例数据", default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dependent", "needs", "kind"), name="dependency_once"),
            models.CheckConstraint(
                condition=~models.Q(dependent=models.F("needs")), name="dependency_not_itself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.dependent.key} → {self.needs.key} ({self.kind})"
