"""Who may do what, and the chain of what was done."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from jingwei.accounts.roles import Role


class User(AbstractUser):
    """A login. One person, one account, one role (GB/T 22239 8.1.4.2: no shared accounts)."""

    role = models.CharField("角色", max_length=32, choices=Role.choices, default=Role.VISITOR)
    full_name = models.CharField("姓名", max_length=64, blank=True)
    must_change_password = models.BooleanField("须改密码", default=False)

    def __str__(self) -> str:
        return self.full_name or self.username


class AuditEntry(models.Model):
    """One link of the append-only audit chain; `hash` covers the entry and its predecessor.

    Written only by `accounts.actions.record`; the database refuses UPDATE and DELETE by trigger
    (GB/T 22239 8.1.4.3: records protected, no role can delete them).
    """

    sequence = models.PositiveBigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间", db_index=True)
    actor = models.CharField("用户", max_length=150)
    address = models.CharField("来源地址", max_length=64, blank=True)
    action = models.CharField("操作", max_length=64, db_index=True)
    kind = models.CharField("对象类型", max_length=64, blank=True)
    object_key = models.CharField("对象", max_length=128, blank=True)
    succeeded = models.BooleanField("成功", default=True)
    before = models.JSONField("变更前", null=True)
    after = models.JSONField("变更后", null=True)
    reason = models.TextField("原因", blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("-sequence",)
        indexes = (models.Index(fields=("kind", "object_key"), name="audit_object"),)

    def __str__(self) -> str:
        return f"{self.sequence} {self.actor} {self.action} {self.object_key}"
