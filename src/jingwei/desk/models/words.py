"""The words of the desk: kinds of ticket, the states they pass, what the log can say."""

from django.db import models


class Kind(models.TextChoices):
    """What a ticket is. Faults and requests are counted apart (tender L586)."""

    INCIDENT = "incident", "故障"
    SERVICE_REQUEST = "service_request", "服务请求"
    CHANGE = "change", "变更"
    PROBLEM = "problem", "问题"
    DATA_CHANGE = "data_change", "数据修改"
    DISTRIBUTION = "distribution", "文件下发"
    EOS_NOTICE = "eos_notice", "停止服务通知"
    SPARE_PART = "spare_part", "备件"
    DEV_EFFORT = "dev_effort", "开发工作量"
    TRAINING = "training", "培训"
    COMPLAINT = "complaint", "投诉"


class State(models.TextChoices):
    """Where a ticket stands. `jingwei.desk.transitions` says what leads where."""

    NEW = "new", "新建"
    ACCEPTED = "accepted", "已受理"
    WORKING = "working", "处理中"
    RESOLVED = "resolved", "已解决"
    CONFIRMED = "confirmed", "用户已确认"
    CLOSED = "closed", "已关闭"
    CANCELLED = "cancelled", "已撤销"
    PRECHECKED = "prechecked", "变更前检查已签"
    DRAFT = "draft", "草稿"
    APPLIED = "applied", "已申请"
    REVIEWED = "reviewed", "信息中心已审核"
    APPROVED = "approved", "已批准"
    BACKED_UP = "backed_up", "备份完成"
    EXECUTING = "executing", "执行中"
    EXECUTED = "executed", "已执行"
    CHECKED = "checked", "已复核"
    VERIFIED = "verified", "申请人已验证"
    ARCHIVED = "archived", "已归档"
    RETURNED = "returned", "已退回"
    ROLLED_BACK = "rolled_back", "已回滚"


ENDED = frozenset({State.CLOSED, State.CANCELLED, State.ARCHIVED})


class Channel(models.TextChoices):
    """How it was reported."""

    PHONE = "phone", "电话"
    WECHAT = "wechat", "微信"
    MAIL = "mail", "邮件"
    IN_PERSON = "in_person", "当面"
    FINDING = "finding", "检查发现"
    OTHER = "other", "其他方式"


class EventKind(models.TextChoices):
    """What one line of a ticket's log says."""

    OPENED = "opened", "建单"
    STATE = "state", "流转"
    INSTANT = "instant", "时间点"
    SEVERITY = "severity", "定级"
    PAUSE = "pause", "暂停申请"
    RESUME = "resume", "恢复计时"
    ANSWER = "answer", "甲方答复"
    REMOTE = "remote", "远程解决"
    ASSIGN = "assign", "指派"
    LINK = "link", "关联"


class Purpose(models.TextChoices):
    """What a data change form asks for: both use one flow (domain.md section 14)."""

    MODIFY = "modify", "修改数据"
    EXTRACT = "extract", "提取数据"
