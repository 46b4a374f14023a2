"""The words of emergencies and drills."""

from django.db import models


class Level(models.IntegerChoices):
    """The tender's two levels; 1 is the worse one (L684-690, as in GB/T 28827.3 section 5.4)."""

    ONE = 1, "一级应急响应事件"
    TWO = 2, "二级应急响应事件"


class Stage(models.TextChoices):
    """Where an emergency stands."""

    OPEN = "open", "处置中"
    RESTORED = "restored", "业务已恢复"
    ENDED = "ended", "已终止"
    WITHDRAWN = "withdrawn", "已撤销"


class Phase(models.TextChoices):
    """The phases of handling in a contingency plan (domain.md section 13)."""

    WATCH = "watch", "监测预警"
    REPORT = "report", "报告与定级"
    FIRST = "first", "先期处置"
    RESPOND = "respond", "分级响应"
    EXPAND = "expand", "扩大响应"
    RESTORE = "restore", "恢复"
    END = "end", "终止"
    AFTER = "after", "后期处置"


class EntryKind(models.TextChoices):
    """What one line of an emergency's log says."""

    DECLARED = "declared", "启动应急"
    LEVEL = "level", "级别变更"
    INSTANT = "instant", "时间点"
    CALL = "call", "通知联系人"
    STEP = "step", "预案步骤"
    MESSAGE = "message", "处置记录"
    CAUSE = "cause", "原因分类"
    EXCLUDE = "exclude", "申请不计入"
    END = "end", "申请终止"
    ANSWER = "answer", "甲方答复"
    WITHDRAW = "withdraw", "撤销"
    MEASURED = "measured", "系统测得"


class DrillKind(models.TextChoices):
    """How a drill is done."""

    REGION = "region", "演示区域实操"
    TABLETOP = "tabletop", "桌面推演"


class DrillState(models.TextChoices):
    """Where a drill stands."""

    PLANNED = "planned", "已计划"
    RUNNING = "running", "进行中"
    ENDED = "ended", "已结束"
    ABORTED = "aborted", "已中止"
    CANCELLED = "cancelled", "已取消"


class DrillAction(models.TextChoices):
    """What one line of a drill's script does."""

    INJECT = "inject", "注入故障"
    CLEAR = "clear", "解除故障"
    TELL = "tell", "情况通报"
    EXPECT = "expect", "应完成动作"
