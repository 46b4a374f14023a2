"""The nine kinds of service request: the tender's 其它经常性发生的突发和临时工作 (L570-L580).

Its list has eleven lines; 下发非接口文件 and 数据修改报告单 are kinds of ticket of their own.
Fields are what a person who does the job writes down; which of them are due is our default.
"""

from jingwei.desk.forms.declared import Field, Form, Type
from jingwei.desk.models.words import Kind

_REQUEST = Kind.SERVICE_REQUEST
_APPLICANT = Field("applicant", "需求提出人", help="单位、姓名")
_VERIFIED = Field("verified_by", "确认人", closing=True, help="谁看过结果，认可已完成")


def _number(
    name: str, label: str, unit: str = "条", *, required: bool = False, closing: bool = False
) -> Field:
    return Field(name, label, Type.NUMBER, required=required, closing=closing, unit=unit)


def _long(
    name: str, label: str, *, help_text: str = "", required: bool = False, closing: bool = False
) -> Field:
    return Field(name, label, Type.LONG, required=required, closing=closing, help=help_text)


DATA_IMPORT = Form(
    "data_import", _REQUEST, "数据手工导入", "L571 医疗机构数据手工导入",
    (
        Field("institution", "数据所属机构", Type.INSTITUTION, required=True),
        Field("application", "导入到的系统", Type.APPLICATION, required=True),
        Field("business", "业务种类", required=True, help="如 门诊处方、检验报告"),
        Field("period_from", "业务日期起", Type.DATE, required=True),
        Field("period_to", "业务日期止", Type.DATE, required=True),
        _long("why", "手工导入的原因", required=True, help_text="为何不能由接口上传"),
        Field("source", "数据来源", Type.CHOICE, required=True,
              choices=("机构导出文件", "前置机补传", "移动介质", "其他")),
        Field("file_hash", "文件名和校验值", help="文件不存入工单；记文件名和 SHA-256"),
        Field("virus_scan", "病毒查杀", Type.CHOICE, closing=True,
              choices=("已查杀，无异常", "不适用（内部生成）")),
        _number("expected", "应导入条数", required=True),
        _number("imported", "实际导入条数", closing=True),
        _number("rejected", "失败条数", closing=True),
        _long("rejects", "失败原因和处理"),
        Field("backup_ref", "导入前备份编号", closing=True),
        _VERIFIED,
    ),
)  # fmt: skip
DATA_ERROR = Form(
    "data_error", _REQUEST, "数据错误查找与指导", "L572 帮助医疗机构查找数据错误原因并指导解决",
    (
        Field("institution", "机构", Type.INSTITUTION, required=True),
        Field("application", "系统", Type.APPLICATION, required=True),
        Field("business", "业务种类", required=True),
        Field("business_date", "业务日期", Type.DATE),
        _long("symptom", "错误表现", required=True, help_text="报错原文；不写居民姓名和证件号"),
        _number("affected", "涉及记录数"),
        Field("rule", "未通过的校验规则"),
        Field("where", "问题所在", Type.CHOICE, closing=True,
              choices=("机构源数据", "机构接口程序", "前置机", "网络", "平台", "代码表或字典",
                       "未查明")),
        _long("cause", "原因", closing=True),
        _long("guidance", "指导内容", closing=True, help_text="告诉机构怎样改、谁来改"),
        Field("contact", "接受指导的人"),
        Field("resent_at", "机构重传时间", Type.DATETIME),
        Field("result", "复核结果", Type.CHOICE, closing=True,
              choices=("已重传并通过", "部分通过", "机构尚未重传", "无需重传")),
    ),
)  # fmt: skip
FRONT_END = Form(
    "front_end", _REQUEST, "前置机软件或网络排查",
    "L573 前置机软件或网络问题排查（包括到医疗机构现场排查）",
    (
        Field("institution", "机构", Type.INSTITUTION, required=True),
        Field("target", "前置机", Type.TARGET, help="设备号；登记里没有可留空"),
        Field("kind", "问题类别", Type.CHOICE, required=True,
              choices=("软件", "网络", "硬件", "数据库", "未知")),
        _long("symptom", "现象", required=True),
        Field("last_upload", "最后一次上传成功", Type.DATETIME),
        Field("way", "排查方式", Type.CHOICE, required=True, choices=("远程", "到机构现场")),
        Field("arrived_at", "到达机构时间", Type.DATETIME),
        Field("left_at", "离开机构时间", Type.DATETIME),
        Field("met", "机构陪同人"),
        _long("network", "网络检查", help_text="专网通断、丢包、网闸、端口，各测了什么"),
        _long("software", "软件检查", help_text="服务状态、版本、磁盘、日志、时间偏差"),
        _long("cause", "原因", closing=True),
        _long("done", "处理", closing=True),
        _number("resent", "补传条数"),
        _VERIFIED,
    ),
)  # fmt: skip
STATISTICS = Form(
    "statistics", _REQUEST, "特殊需求统计报表", "L574 特殊需求统计报表制作",
    (
        _APPLICANT,
        Field("purpose", "用途", required=True, help="用于什么工作、报给谁"),
        Field("application", "数据来源系统", Type.APPLICATION, required=True),
        _long("measures", "指标和口径", required=True, help_text="每个指标怎样算、是否去重"),
        Field("dimensions", "统计维度", help="机构、日期、年龄段等"),
        Field("period_from", "统计期起", Type.DATE, required=True),
        Field("period_to", "统计期止", Type.DATE, required=True),
        Field("needed_by", "要求完成日期", Type.DATE, required=True),
        Field("detail", "是否含个人明细", Type.CHOICE, required=True,
              choices=("只有汇总数", "含个人明细"),
              help="含个人明细的，须走数据修改报告单的取数流程"),
        Field("query_ref", "统计脚本编号", closing=True),
        _long("checked", "核对方法", closing=True, help_text="与哪张报表核对，差异多少"),
        Field("checked_by", "核对人", Type.PERSON, closing=True),
        Field("delivered_to", "交付给", closing=True),
        Field("medium", "交付方式", closing=True, help="内网邮件、专网共享、纸质"),
    ),
)  # fmt: skip
COMMISSION = Form(
    "commission_form", _REQUEST, "卫健委报告单处理", "L576 卫生健康委员会报告单处理",
    (
        Field("paper_no", "报告单编号", required=True),
        Field("paper_date", "报告单日期", Type.DATE, required=True),
        Field("department", "提出科室", required=True),
        _APPLICANT,
        Field("application", "涉及系统", Type.APPLICATION),
        _long("demand", "报告单事项", required=True),
        Field("needed_by", "要求完成日期", Type.DATE),
        Field("sealed", "是否盖章", Type.CHOICE, required=True, choices=("已盖章", "未盖章")),
        _long("done", "处理情况", closing=True),
        Field("ticket_ref", "关联单号", help="转为数据修改、变更等的，写其单号"),
        Field("answered_at", "答复日期", Type.DATE, closing=True),
        Field("answered_to", "答复对象", closing=True),
        Field("scan_ref", "报告单扫描件", help="扫描件在本单“文件”处上传"),
    ),
)  # fmt: skip
SECURITY = Form(
    "security_check", _REQUEST, "系统安全检查", "L577 系统安全检查；季报须附（L587）",
    (
        _long("scope", "检查范围", required=True, help_text="哪些系统、设备、网络区域"),
        Field("zone", "网络区域", Type.CHOICE,
              choices=("外网区", "内网区", "卫生专网", "多个区域")),
        Field("trigger", "起因", Type.CHOICE, required=True,
              choices=("季度检查", "上级通报", "重保", "安全事件后", "甲方临时要求")),
        Field("method", "方法", required=True, help="基线核查、漏扫、日志分析、账号审计等"),
        Field("approved_by", "甲方同意人", help="扫描类检查须先经甲方同意"),
        Field("started_at", "开始时间", Type.DATETIME, closing=True),
        Field("ended_at", "结束时间", Type.DATETIME, closing=True),
        _number("high", "高危漏洞", "个", closing=True),
        _number("medium", "中危漏洞", "个", closing=True),
        _number("low", "低危漏洞", "个", closing=True),
        Field("oldest_log", "最早一条日志的日期", Type.DATE, help="证明留存不少于 6 个月"),
        _number("stale_accounts", "应清理账号", "个"),
        _long("findings", "发现的问题", closing=True, help_text="漏洞细节另附敏感文件，不写在这里"),
        _long("advice", "整改建议", closing=True),
    ),
)  # fmt: skip
SOFTWARE = Form(
    "software_issue", _REQUEST, "软件应用问题", "L578 软件应用问题处理",
    (
        Field("application", "系统", Type.APPLICATION, required=True),
        Field("institution", "机构", Type.INSTITUTION),
        Field("module", "功能或菜单", required=True),
        Field("version", "软件版本"),
        _long("steps", "操作步骤", required=True, help_text="怎样操作会出现，是否每次都出现"),
        _long("seen", "实际结果", required=True, help_text="报错原文"),
        Field("wanted", "期望结果"),
        Field("kind", "问题性质", Type.CHOICE, closing=True,
              choices=("操作咨询", "配置", "权限", "数据", "程序缺陷", "新需求", "终端环境")),
        _long("cause", "原因", closing=True),
        _long("done", "处理", closing=True),
        Field("developer_ref", "开发商单号", help="转开发商的，写其受理号"),
        _VERIFIED,
    ),
)  # fmt: skip
KNOWLEDGE = Form(
    "knowledge_transfer", _REQUEST, "非定期知识转移培训", "L579 非定期的知识转移培训",
    (
        Field("topic", "主题", required=True),
        Field("audience", "对象", required=True, help="科室或机构、岗位"),
        Field("application", "系统", Type.APPLICATION),
        Field("trainer", "讲解人", Type.PERSON, required=True),
        Field("held_at", "时间", Type.DATETIME, required=True),
        Field("place", "地点", required=True, help="线上的写会议方式"),
        _number("minutes", "时长", "分钟", closing=True),
        _number("attended", "到场人数", "人", closing=True),
        _long("content", "内容", closing=True),
        Field("material", "资料名称和版本", closing=True, help="课件在本单“文件”处上传"),
        _long("questions", "未答复的问题"),
        Field("satisfaction", "效果评价", Type.CHOICE, client=True,
              choices=("满意", "基本满意", "不满意")),
    ),
)  # fmt: skip
PERFORMANCE = Form(
    "performance", _REQUEST, "性能优化调整与测试",
    "L580 根据用户要求进行的系统性能优化调整以及相关的测试；L678",
    (
        Field("application", "系统", Type.APPLICATION, required=True),
        Field("target", "设备", Type.TARGET),
        _long("complaint", "性能问题", required=True, help_text="哪个功能、什么时段、慢到多少秒"),
        Field("since", "何时开始", Type.DATE),
        Field("cpu", "CPU 分析", closing=True, help="峰值、平均值、采样时段"),
        Field("memory", "内存分析", closing=True),
        Field("io", "I/O 分析", closing=True),
        Field("network", "网络分析", closing=True),
        _long("before", "调整前测试", closing=True, help_text="方法、并发、响应时间、样本数"),
        _long("changes", "调整内容", closing=True, help_text="改动生产的，须另有变更单号"),
        Field("change_ref", "变更单号"),
        _long("after", "调整后测试", closing=True, help_text="用同一方法"),
        _VERIFIED,
    ),
)  # fmt: skip

REQUESTS: tuple[Form, ...] = (
    DATA_IMPORT, DATA_ERROR, FRONT_END, STATISTICS, COMMISSION, SECURITY, SOFTWARE, KNOWLEDGE,
    PERFORMANCE,
)  # fmt: skip
