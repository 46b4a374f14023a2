"""The outbox: what is to be said to whom, due when, and each attempt to say it."""

from django.db import models

from jingwei.accounts.models import User
from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.words import Medium, NoticeState, Topic


class NoticeChannel(models.Model):
    """One way out. `address` is sealed: it holds passwords, tokens and webhook secrets.

    `topics` are the Topic values it carries, empty for all. Within `throttle_minutes` a second
    notice about the same thing is not sent again; with `digest_minutes` what comes in is gathered
    that long and sent as one. A person's own one may rest at night: what is not urgent waits from
    `quiet_from` to `quiet_to`, clock times in Shanghai, over midnight where they say so.
    """

    name = models.CharField("名称", max_length=64, unique=True)
    medium = models.CharField("方式", max_length=16, choices=Medium.choices)
    address = models.BinaryField("地址（加密）")
    shown = models.CharField("地址（遮盖）", max_length=200)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="notice_channels"
    )
    topics = models.JSONField("主题", default=list)
    enabled = models.BooleanField("启用", default=True)
    throttle_minutes = models.PositiveIntegerField("同事项最短间隔（分钟）", default=15)
    digest_minutes = models.PositiveIntegerField("摘要间隔（分钟）", default=0)
    quiet_from = models.TimeField("免打扰开始", null=True, blank=True)
    quiet_to = models.TimeField("免打扰结束", null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """One message on one channel; `key` names what it is about, for throttling.

    `due` falls back after a failure with growing pauses; a worker claims it by a lease.
    """

    channel = models.ForeignKey(NoticeChannel, on_delete=models.PROTECT, related_name="notices")
    topic = models.CharField("主题", max_length=24, choices=Topic.choices)
    key = models.CharField("事项", max_length=100)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文")
    link = models.CharField("链接", max_length=300, blank=True)
    data = models.JSONField("数据", default=dict)
    state = models.CharField(
        "状态", max_length=16, choices=NoticeState.choices, default=NoticeState.QUEUED
    )
    created_at = models.DateTimeField("时间", db_index=True)
    due = models.DateTimeField("发送时间", null=True, db_index=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    folded_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="folded"
    )
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("channel", "key", "-created_at"), name="notice_about"),)

    def __str__(self) -> str:
        return f"{self.get_topic_display()} {self.title}"


class Delivery(AppendOnly):
    """One attempt to deliver a notice."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    at = models.DateTimeField("时间")
    ok = models.BooleanField("成功")
    detail = models.CharField("结果", max_length=300, blank=True)
    took_ms = models.PositiveIntegerField("耗时（毫秒）")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.notice_id} {self.ok}"
