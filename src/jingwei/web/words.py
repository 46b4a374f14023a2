"""Chinese words for what is stored as a code and shown on these pages."""

AUDIT_GROUPS: dict[str, str] = {
    "login": "登录",
    "logout": "退出",
    "user": "用户",
    "routine": "日检",
    "finding": "异常处置",
    "maintenance": "维护窗口",
    "report": "报告",
    "hardware": "硬件清单",
    "units": "设备",
    "applications": "应用",
    "institutions": "机构",
    "people": "人员",
    "endpoints": "端点",
    "endpoint": "端点",
    "credential": "凭据",
    "register": "台账",
    "calendar": "日历",
    "safeguard": "保障期",
    "contract": "合同",
    "api": "接口令牌",
    "ticket": "工单",
}

_AUDIT: dict[str, str] = {
    "login": "登录",
    "login.failed": "登录失败",
    "login.locked": "登录锁定",
    "logout": "退出",
    "user.create": "新建用户",
    "user.role": "改角色",
    "user.name": "改姓名",
    "user.reset_password": "重置密码",
    "user.change_password": "修改密码",
    "user.deactivate": "停用账号",
    "user.reactivate": "恢复账号",
    "user.unlock": "解除锁定",
    "routine.request": "发起检查",
    "routine.confirm": "完成日检",
    "routine.confirm-item": "确认检查项",
    "routine.answer": "填写检查项",
    "routine.header": "填写表头",
    "finding.open": "登记异常",
    "finding.acknowledge": "确认异常",
    "finding.note": "填写跟进",
    "finding.close": "关闭异常",
    "maintenance.add": "登记维护",
    "maintenance.cancel": "取消维护",
    "report.build": "生成报告",
    "report.submit": "提交报告",
    "report.sign": "签收报告",
    "report.return": "退回报告",
    "endpoint.set": "批量登记端点",
    "endpoint.remove": "删除端点",
    "register.seed": "登记台账",
    "user.institution": "登记所属机构",
    "ticket.opened": "建单",
    "ticket.state": "工单流转",
    "ticket.instant": "记录时间点",
    "ticket.severity": "工单定级",
    "ticket.pause": "申请暂停计时",
    "ticket.resume": "恢复计时",
    "ticket.answer": "甲方答复",
    "ticket.remote": "标明远程解决",
    "ticket.assign": "指派工单",
    "ticket.link": "关联工单",
    "ticket.escalate": "升级支持",
    "ticket.message": "用户留言",
    "ticket.work": "处理记录",
    "ticket.file": "上传附件",
}
_ENDINGS = {"create": "新建", "change": "修改", "remove": "删除", "add": "登记", "end": "结束"}


def audit_word(action: str) -> str:
    """What an audit entry's action is called; an unknown one stays as it is."""
    if action in _AUDIT:
        return _AUDIT[action]
    group, _, ending = action.rpartition(".")
    if group in AUDIT_GROUPS and ending in _ENDINGS:
        return f"{_ENDINGS[ending]}{AUDIT_GROUPS[group]}"
    return action
