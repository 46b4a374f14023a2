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
    ESCALATE = "escalate", "升级支持"
    CAUSE = "cause", "原因分类"
    EXCLUDE = "exclude", "申请不计入"
    MESSAGE = "message", "用户留言"
    FORM = "form", "填写表单"


class Purpose(models.TextChoices):
    """What a data change form asks for: both use one flow (domain.md section 14)."""

    MODIFY = "modify", "修改数据"
    EXTRACT = "extract", "提取数据"


class Impact(models.TextChoices):
    """How much of the district it concerns (the usual ITIL matrix, domain.md section 4)."""

    DISTRICT = "district", "全区或多机构"
    INSTITUTION = "institution", "单个机构"
    PERSON = "person", "个人"


class Urgency(models.TextChoices):
    """How long the caller can wait (the usual ITIL matrix, domain.md section 4)."""

    STOPPED = "stopped", "业务中断"
    LIMITED = "limited", "功能受限"
    CAN_WAIT = "can_wait", "可等待"


class SupportLevel(models.TextChoices):
    """Who works on it: a fault nobody can diagnose goes up (tender L626, L705)."""

    FIRST = "first", "一线"
    SECOND = "second", "二线"
    MAKER = "maker", "原厂"


class Asked(models.TextChoices):
    """Where something that needs the client's word stands."""

    WAITING = "waiting", "待答复"
    GRANTED = "granted", "已同意"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"


class Origin(models.TextChoices):
    """Where a spare part comes from (tender L704)."""

    GENUINE = "genuine", "原厂正品"
    SECOND_HAND = "second_hand", "二手件"


class FileKind(models.TextChoices):
    """What a file to a ticket is."""

    PHOTO = "photo", "照片"
    DOCUMENT = "document", "文件"
    SCAN = "scan", "签字扫描件"


class Topic(models.TextChoices):
    """What a notice is about."""

    NEW_TICKET = "new_ticket", "新工单"
    UNTAKEN = "untaken", "无人受理"
    DUE_SOON = "due_soon", "即将超时"
    OVERDUE = "overdue", "已超时"
    ESCALATED = "escalated", "升级支持"
    WAITING_CLIENT = "waiting_client", "待甲方答复"
    FINDING = "finding", "新异常"
    EMERGENCY = "emergency", "应急事件"
    DRILL = "drill", "演练"
    LEAVE = "leave", "请假"
    SHORTFALL = "shortfall", "在岗不足"
    TEST = "test", "测试"


class Medium(models.TextChoices):
    """How a notice travels."""

    MAIL = "mail", "邮件"
    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"
    FEISHU = "feishu", "飞书"
    WEBHOOK = "webhook", "Webhook"
    SMS = "sms", "短信网关"


class NoticeState(models.TextChoices):
    """Where a notice stands."""

    QUEUED = "queued", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    FOLDED = "folded", "已并入摘要"
