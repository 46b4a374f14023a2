"""A check: one probe pointed at one target, with the rules that judge its readings."""

from django.db import models

from jingwei.assets.models import Endpoint, Target
from jingwei.terms import Result

RESULTS = [(result.value, result.label) for result in Result]


class Check(models.Model):
    """Configuration only; what is known of it now is its `CheckState`.

    `key` is stable: "<target>:<content id>". `item` is the routine item it proves. `options` are
    the probe's options without the endpoint's; `rules` are the parsed rule tables. `breaks` and
    `suffers` tie it to others' checks (see `rules.cause`). A check somebody made on a page is
    `by_hand`: content does not end it, and its `heartbeat_token` is the SHA-256 of the token.
    """

    key = models.CharField("检查", max_length=128, unique=True)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="checks")
    endpoint = models.ForeignKey(Endpoint, null=True, blank=True, on_delete=models.SET_NULL)
    item = models.CharField("检查项", max_length=64, db_index=True)
    label = models.CharField("名称", max_length=100)
    probe = models.CharField("探针", max_length=64)
    options = models.JSONField("选项", default=dict)
    rules = models.JSONField("规则", default=list)
    every = models.PositiveIntegerField("周期（秒）", default=300)
    timeout = models.FloatField("超时（秒）", default=5)
    retries = models.PositiveSmallIntegerField("重试", default=1)
    strikes = models.PositiveSmallIntegerField("连续几次才算数", default=3)
    on_error = models.CharField("无应答判为", max_length=16, choices=RESULTS, default="abnormal")
    enabled = models.BooleanField("启用", default=True)
    breaks = models.JSONField("异常时中断", default=list)
    suffers = models.JSONField("受何影响", default=list)
    source = models.CharField("来源", max_length=100, blank=True)
    heartbeat_token = models.CharField("心跳令牌", max_length=64, blank=True, db_index=True)
    by_hand = models.BooleanField("人工登记", default=False)

    class Meta:
        ordering = ("target__order", "key")

    def __str__(self) -> str:
        return self.key


class Stoppage(models.Model):
    """A person switched a check off, with a reason, until somebody switches it on again.

    Meanwhile it is 未检, never 正常; content and register do not switch it on.
    """

    check_ref = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="stoppages")
    at = models.DateTimeField("停用时间")
    by_name = models.CharField("停用人", max_length=150)
    reason = models.CharField("停用原因", max_length=200)
    ended_at = models.DateTimeField("启用时间", null=True, blank=True)
    ended_by = models.CharField("启用人", max_length=150, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("check_ref",), condition=models.Q(ended_at__isnull=True),
                name="stoppage_one_open",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.check_ref_id} {self.reason}"


class CheckState(models.Model):
    """What is known of a check now, and when it is due again.

    `result` is the hard state, `soft_result` the last verdict seen `soft_count` times in a row;
    `readings` holds the last verdict of every reading; `memory` what delta and `for` rules keep.
    """

    check_ref = models.OneToOneField(
        Check, primary_key=True, on_delete=models.CASCADE, related_name="state"
    )
    result = models.CharField(
        "状态", max_length=16, choices=RESULTS, default=Result.UNCHECKED, db_index=True
    )
    since = models.DateTimeField("自", null=True)
    soft_result = models.CharField(max_length=16, choices=RESULTS, default=Result.UNCHECKED)
    soft_count = models.PositiveSmallIntegerField(default=0)
    flapping = models.BooleanField("抖动", default=False)
    recent = models.CharField("最近结果", max_length=64, blank=True)
    last_at = models.DateTimeField("最近检查", null=True)
    took_ms = models.FloatField("耗时（毫秒）", null=True)
    reading = models.CharField("读数", max_length=300, blank=True)
    threshold = models.CharField("阈值", max_length=200, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    readings = models.JSONField(default=list)
    memory = models.JSONField(default=dict)
    last_call = models.DateTimeField("最近心跳", null=True)
    due = models.DateTimeField("下次检查", null=True, db_index=True)
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.check_ref_id} {self.result}"


class Maintenance(models.Model):
    """A maintenance window: its checks still run but open no findings. No target: everything."""

    target = models.ForeignKey(
        Target, null=True, blank=True, on_delete=models.PROTECT, related_name="maintenances"
    )
    start = models.DateTimeField("开始")
    end = models.DateTimeField("结束")
    reason = models.CharField("原因", max_length=200)
    by = models.CharField("登记人", max_length=150)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        ordering = ("-start",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="maintenance_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.target or '全部'} {self.start:%Y-%m-%d %H:%M} {self.reason}"
