"""The forms of the other kinds: changes, problems, file distribution, notices, parts, work, people.

Field lists follow the usual papers (change-record, eos-notice, spare-parts, dev-ledger, training);
the form behind 数据修改报告单 keeps its guarded facts in `DataChange`, its other fields here.
"""

from jingwei.desk.forms.declared import Field, Form, Type
from jingwei.desk.models.words import Kind

BY_BUSINESS = "可冲正，不应改库"  # a correction in the business system comes before any SQL
_KEPT = ("不改变", "改变")
_CHANGE = (
    Field("grade", "变更等级", Type.CHOICE, required=True, choices=("一般", "重大", "紧急")),
    Field("plan", "实施方案", Type.LONG, required=True, help="步骤、顺序、每步用时、每步负责人"),
    Field("affected", "影响的系统、机构和业务", Type.LONG, required=True),
    Field("structure", "系统结构", Type.CHOICE, required=True, choices=_KEPT, help="L707 不应改变"),
    Field("communication", "通信方式", Type.CHOICE, required=True, choices=_KEPT,
          help="L707 不应改变"),
    Field("management", "管理模式", Type.CHOICE, required=True, choices=_KEPT,
          help="L707 不应改变"),
    Field("window_from", "时间窗开始", Type.DATETIME, required=True),
    Field("window_to", "时间窗结束", Type.DATETIME, required=True),
    Field("rollback", "回退方案", Type.LONG, required=True, help="何时决定回退、怎样退、要多久"),
    Field("told", "已告知的机构", help="谁、何时"),
    Field("engineer", "现场工程师", Type.PERSON, required=True),
    Field("precheck", "变更前健康检查", help="检查号；甲方签署后才能开始变更（L622）"),
)  # fmt: skip
_DONE = (
    Field("done", "实施记录", Type.LONG, closing=True),
    Field("verified", "验证方法和结果", Type.LONG, closing=True),
    Field("watched", "变更后观察", Type.LONG, closing=True, help="观察多久、看哪些指标"),
    Field("archive", "更新的档案", closing=True, help="台账、拓扑、配置基线、布线图"),
)


def _change(form_id: str, label: str, clause: str, *own: Field) -> Form:
    return Form(form_id, Kind.CHANGE, label, clause, own + _CHANGE + _DONE)


RELOCATION = _change(
    "change_relocation", "设备搬迁", "L658 设备搬迁",
    Field("target", "设备", Type.TARGET, required=True),
    Field("place_from", "原位置", required=True, help="机房、机柜、U 位"),
    Field("place_to", "新位置", required=True),
    Field("power", "新位置供电", required=True, help="两路 PDU 编号（L671 每台来自不同 PDU）"),
    Field("cables", "线缆和标签", Type.LONG, required=True),
)  # fmt: skip
REBUILD = _change(
    "change_rebuild",
    "系统改造与升级",
    "L659 系统改造与升级；L655",
    Field("target", "设备或系统", Type.TARGET, required=True),
    Field("version_from", "现版本", required=True),
    Field("version_to", "目标版本", required=True),
    Field("medium", "介质来源", required=True, help="原厂商提供的介质（L655）"),
    Field("backup_ref", "变更前备份编号", closing=True),
)
EXPANSION = _change(
    "change_expansion",
    "设备扩容",
    "L660 设备扩容",
    Field("target", "设备", Type.TARGET, required=True),
    Field("capacity_from", "现容量", required=True),
    Field("capacity_to", "扩后容量", required=True),
    Field("parts", "新增部件和序列号", Type.LONG, required=True),
)
OTHER_CHANGE = _change(
    "change_other",
    "其他重大变更",
    "L661 与设备（包括系统软件）相关的其他重大变更",
    Field("target", "设备或系统", Type.TARGET),
    Field("what", "变更内容", Type.LONG, required=True),
)
PROBLEM = Form(
    "problem", Kind.PROBLEM, "问题", "反复发生的故障和数据修改，找出并消除其根本原因",
    (
        Field("incidents", "关联单号", required=True, help="故障单、数据修改单，用空格隔开"),
        Field("pattern", "共同现象", Type.LONG, required=True),
        Field("root_cause", "根本原因", Type.LONG, closing=True),
        Field("known_error", "已知错误", Type.CHOICE, closing=True,
              choices=("是，有临时办法", "是，无临时办法", "否，已消除")),
        Field("workaround", "临时办法", Type.LONG),
        Field("remedy", "根治措施", Type.LONG, closing=True),
        Field("change_ref", "变更单号"),
        Field("owner", "负责人", Type.PERSON, required=True),
        Field("due", "计划完成日期", Type.DATE),
    ),
)  # fmt: skip
DISTRIBUTION = Form(
    "distribution", Kind.DISTRIBUTION, "文件下发", "L570 根据要求下发非接口文件到医疗机构",
    (
        Field("file", "文件名和版本", required=True, help="文件在本单“文件”处上传"),
        Field("file_hash", "文件校验值", help="SHA-256，机构可核对"),
        Field("content", "内容", Type.CHOICE, required=True,
              choices=("代码表", "程序安装包", "通知", "统计报表", "其他")),
        Field("ordered_by", "下发要求人", required=True, help="甲方谁要求下发、依据"),
        Field("institutions", "下发机构", Type.INSTITUTIONS, required=True),
        Field("way", "下发方式", Type.CHOICE, required=True,
              choices=("前置机目录", "专网邮件", "移动介质", "现场安装", "其他")),
        Field("sent_by", "要求下发日期", Type.DATE),
        Field("action", "机构须做什么", Type.LONG, help="导入、安装、只须知悉"),
    ),
)  # fmt: skip
EOS_NOTICE = Form(
    "eos_notice", Kind.EOS_NOTICE, "停止服务通知",
    "L655 对即将或已经到期（End of Service）的软硬件版本及时通知客户",
    (
        Field("maker", "厂商", required=True),
        Field("model", "型号或版本", required=True),
        Field("what", "告知事项", Type.CHOICE, required=True,
              choices=("停产", "停止支持", "停产和停止支持", "新补丁或新版本")),
        Field("source", "公告来源", required=True),
        Field("announced", "公告日期", Type.DATE),
        Field("expires", "到期日", Type.DATE),
        Field("units", "受影响设备", Type.LONG),
        Field("impact", "影响", Type.LONG, required=True),
        Field("advice", "建议", Type.LONG, required=True),
        Field("decision", "甲方决定", Type.CHOICE, client=True, choices=("升级", "暂缓", "不升级")),
        Field("decision_note", "决定说明", client=True),
    ),
)  # fmt: skip
SPARE_PART = Form(
    "spare_part", Kind.SPARE_PART, "备件", "L530、L704 故障件更换；费用对甲方为 0",
    (
        Field("target", "设备", Type.TARGET, required=True),
        Field("fault", "故障现象和判断依据", Type.LONG, required=True),
        Field("part", "故障件", required=True, help="名称、厂商料号"),
        Field("incident", "关联故障单号"),
        Field("supplier", "供货方", help="原厂或其授权渠道"),
        Field("voucher", "采购凭证号", closing=True),
        Field("warranty", "质保至", Type.DATE),
        Field("stopped", "停机分钟", Type.NUMBER, closing=True, unit="分钟"),
        Field("fitted", "更换后检查", Type.LONG, closing=True),
    ),
    help="建单后在工单页登记换上、换下的序列号。",
)  # fmt: skip
DEV_EFFORT = Form(
    "dev_effort", Kind.DEV_EFFORT, "调整开发", "L517 开发工作量在 10 个人月以内",
    (
        Field("demand_no", "需求号", required=True),
        Field("application", "系统", Type.APPLICATION, required=True),
        Field("basis", "政策或业务依据", Type.LONG, required=True),
        Field("demand", "需求内容", Type.LONG, required=True),
        Field("includes", "估算包含", Type.CHOICE, required=True,
              choices=("开发", "开发和测试", "开发、测试和部署"),
              help="招标文件未写是否含测试与部署（A23），须双方确认"),
        Field("estimate", "评估人日", Type.NUMBER, required=True, whole=False, most=1000,
              unit="人日"),
        Field("agreed", "甲方确认人日", Type.NUMBER, client=True, whole=False, most=1000,
              unit="人日"),
        Field("accepted", "甲方验收意见", client=True),
        Field("delivered", "交付版本", closing=True),
        Field("tested", "测试情况", Type.LONG, closing=True),
    ),
)  # fmt: skip
TRAINING = Form(
    "training", Kind.TRAINING, "培训", "L524 完成对用户方的技术培训",
    (
        Field("topic", "主题", required=True),
        Field("audience", "对象", required=True),
        Field("trainer", "讲师", Type.PERSON, required=True),
        Field("held_at", "时间", Type.DATETIME, required=True),
        Field("place", "地点", required=True),
        Field("minutes", "时长", Type.NUMBER, closing=True, most=10_000, unit="分钟"),
        Field("attendees", "参加人员", Type.LONG, closing=True, help="签到表在本单“文件”处上传"),
        Field("attended", "到场人数", Type.NUMBER, closing=True, most=10_000, unit="人"),
        Field("material", "课件名称和版本", closing=True),
        Field("exam", "考核结果", help="人数、合格数；没有考核可留空"),
        Field("evaluation", "满意度", Type.CHOICE, client=True,
              choices=("满意", "基本满意", "不满意")),
        Field("evaluation_note", "评价意见", client=True),
    ),
)  # fmt: skip
COMPLAINT = Form(
    "complaint", Kind.COMPLAINT, "投诉", "服务质量投诉；5 个工作日内答复（平台默认，非合同值）",
    (
        Field("complainant", "投诉人", required=True, help="单位、姓名"),
        Field("received_at", "收到时间", Type.DATETIME, required=True),
        Field("about", "投诉对象", Type.CHOICE, required=True,
              choices=("响应慢", "处理质量", "服务态度", "重复发生", "报告或文档", "其他")),
        Field("subject", "涉及的人或单号"),
        Field("text", "投诉内容", Type.LONG, required=True),
        Field("facts", "核实情况", Type.LONG, closing=True),
        Field("justified", "是否属实", Type.CHOICE, closing=True,
              choices=("属实", "部分属实", "不属实")),
        Field("measures", "整改措施", Type.LONG, closing=True),
        Field("owner", "整改负责人", Type.PERSON, closing=True),
        Field("answered_at", "答复时间", Type.DATETIME, closing=True),
        Field("answered_by", "答复人", closing=True),
        Field("satisfied", "投诉人意见", Type.CHOICE, client=True,
              choices=("满意", "基本满意", "不满意")),
    ),
)  # fmt: skip
DATA_CHANGE = Form(
    "data_change", Kind.DATA_CHANGE, "数据修改报告单", "L521、L575 事务中心数据修改报告单处理",
    (
        Field("unit", "申请单位", required=True),
        Field("tables", "涉及表与条件", Type.LONG, required=True),
        Field("personal", "是否含个人信息", Type.CHOICE, required=True, choices=("不含", "含")),
        Field("correction", "业务冲正", Type.CHOICE, required=True,
              choices=("不涉及收费和病历", "已评估，不能冲正", BY_BUSINESS),
              help="收费、病历数据应优先在业务系统冲正"),
        Field("use", "取数用途", Type.LONG, help="提取数据时必填：用于什么、给谁"),
    ),
)  # fmt: skip

OTHERS: tuple[Form, ...] = (
    RELOCATION, REBUILD, EXPANSION, OTHER_CHANGE, PROBLEM, DISTRIBUTION, EOS_NOTICE, SPARE_PART,
    DEV_EFFORT, TRAINING, COMPLAINT, DATA_CHANGE,
)  # fmt: skip
