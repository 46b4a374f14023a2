"""Small words of the emergency report."""

from jingwei.sla.clock import ClockState

LIMITS = {
    "emergency_respond": "应急响应（5 分钟内，L680）",
    "emergency_arrive": "到场（1 小时内，L681）",
    "disaster_diagnose": "灾难诊断（2 小时内，L516）",
    "disaster_repair": "灾难基本修复（4 小时内，L516）",
    "phone": "故障电话响应",
    "on_site": "故障到场",
    "repair": "故障排除（到场后）",
}
STATES = {
    ClockState.NOT_STARTED: "未起算",
    ClockState.RUNNING: "计时中",
    ClockState.PAUSED: "已暂停",
    ClockState.OVERDUE: "超时",
    ClockState.MET: "达标",
    ClockState.BREACHED: "超时",
    ClockState.NOT_APPLICABLE: "不适用",
    ClockState.DEFECT: "数据缺陷",
    ClockState.UNPUBLISHED: "未公布",
}


def duration(seconds: int | None) -> str:
    """X 小时 Y 分 Z 秒 (reports.md section 0); seconds only where there are some."""
    if seconds is None:
        return "—"
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, odd = divmod(rest, 60)
    parts = [f"{hours} 小时" if hours else "", f"{minutes} 分" if minutes or seconds == 0 else ""]
    parts.append(f"{odd} 秒" if odd else "")
    return sign + " ".join(part for part in parts if part)
