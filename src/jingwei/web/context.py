"""What every template may use: the frame of a page."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from jingwei.accounts.roles import May
from jingwei.assets import queries as assets
from jingwei.checks import queries as checks
from jingwei.emergency import queries as emergency
from jingwei.web.access import allowed

# group, URL name, label, who sees it, the URL names whose pages light it up
MENU: tuple[tuple[str, str, str, May, tuple[str, ...]], ...] = (
    ("工作台", "board", "今日", May.SEE_BOARD, ("board", "board-section")),
    ("工作台", "findings", "异常与处置", May.SEE_BOARD, ("findings", "finding")),
    ("工作台", "my-work", "我的工作", May.SEE_DESK, ("my-work",)),
    ("工作台", "tickets", "工单", May.SEE_DESK, ("tickets", "ticket")),
    ("工作台", "search", "查找", May.SEE_DESK, ("search",)),
    ("工作台", "intake", "登记报修", May.HANDLE_TICKETS, ("intake", "intake-done")),
    (
        "工作台",
        "own-tickets",
        "本机构报修",
        May.REPORT_OWN,
        ("own-tickets", "own-report", "own-done"),
    ),
    ("工作台", "own-receipts", "文件签收", May.REPORT_OWN, ("own-receipts",)),
    (
        "服务台",
        "data-changes",
        "数据修改",
        May.SEE_DESK,
        (
            "data-changes",
            "data-change-new",
            "data-change-edit",
            "data-change-print",
            "data-change-months",
        ),
    ),
    (
        "服务台",
        "ticket-new",
        "填写表单",
        May.HANDLE_TICKETS,
        ("ticket-new", "ticket-new-form"),
    ),
    (
        "服务台",
        "end-of-service",
        "停止服务公告",
        May.SEE_DESK,
        ("end-of-service", "end-of-service-new", "end-of-service-row"),
    ),
    ("服务台", "effort", "开发工作量", May.SEE_DESK, ("effort",)),
    ("服务台", "handovers", "交接班", May.HANDLE_TICKETS, ("handovers",)),
    (
        "服务台",
        "knowledge",
        "知识库",
        May.SEE_DESK,
        ("knowledge", "article", "article-new", "article-edit"),
    ),
    (
        "服务台",
        "roster",
        "排班与请假",
        May.SEE_DESK,
        (
            "roster",
            "leave",
            "leave-new",
            "leave-correct",
            "leave-return",
            "roster-period",
            "roster-period-correct",
            "roster-period-cancel",
            "ical",
        ),
    ),
    (
        "应急",
        "emergencies",
        "应急事件",
        May.SEE_DESK,
        ("emergencies", "emergency", "emergency-declare"),
    ),
    ("应急", "plans", "应急预案", May.SEE_DESK, ("plans", "plan", "plan-version")),
    (
        "应急",
        "drills",
        "演练",
        May.SEE_DESK,
        ("drills", "drill", "drill-pick", "drill-new", "drill-edit"),
    ),
    ("应急", "availability", "可用性与时限", May.SEE_DESK, ("availability",)),
    ("合同", "compliance", "合同履约", May.SEE_DESK, ("compliance", "obligation")),
    ("合同", "duties", "周期工作", May.SEE_DESK, ("duties", "duty-new", "duty-record")),
    ("合同", "inspections", "现场巡检", May.SEE_DESK, ("inspections", "inspection-tablet")),
    ("合同", "papers", "合同文件", May.SEE_DESK, ("papers",)),
    ("合同", "appraisals", "服务质量考核", May.SEE_DESK, ("appraisals", "appraisal")),
    ("合同", "decisions", "歧义与裁定", May.SEE_DESK, ("decisions",)),
    (
        "监控",
        "checks",
        "检查与曲线",
        May.SEE_BOARD,
        ("checks", "check", "check-stop", "heartbeat-new"),
    ),
    ("监控", "maintenance", "维护窗口", May.SEE_BOARD, ("maintenance", "maintenance-new")),
    ("监控", "wall", "大屏", May.SEE_WALL, ("wall",)),
    ("资产与配置", "units", "设备台账", May.SEE_ASSETS, ("units", "unit", "unit-new", "unit-edit")),
    ("资产与配置", "applications", "应用系统", May.SEE_ASSETS, ("applications", "application")),
    ("资产与配置", "endpoints", "接入端点", May.SEE_ASSETS, ("endpoints", "endpoint")),
    ("报告", "reports", "报告", May.SEE_REPORTS, ("reports", "report")),
    ("系统", "users", "用户", May.MANAGE_USERS, ("users", "user-new", "user", "contacts")),
    ("系统", "notices", "通知渠道", May.MANAGE_NOTICES, ("notices", "channel-new", "channel-edit")),
    ("系统", "audit", "审计日志", May.SEE_AUDIT, ("audit",)),
    ("系统", "about", "系统状态", May.SEE_BOARD, ("about",)),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the left menu."""

    name: str
    label: str
    url: str
    here: bool


def page(request: HttpRequest) -> dict[str, object]:
    """as_of, demo, menu and open_findings; nothing but the empty frame for strangers."""
    as_of = getattr(request, "as_of", None)
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"as_of": as_of, "menu": [], "demo": False, "open_findings": 0}
    sees_board = allowed(request, May.SEE_BOARD)
    return {
        "as_of": as_of,
        "menu": menu(request),
        "demo": assets.demo_active(),
        "open_findings": checks.open_counts(as_of).total if sees_board else 0,
        "on_top": emergency.on_top(),
        "sees_desk": allowed(request, May.SEE_DESK),
    }


def menu(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    """The groups this role may see, each link keeping the as-of date."""
    match = request.resolver_match
    here = match.url_name if match else ""
    as_of = getattr(request, "as_of", None)
    suffix = f"?as_of={as_of.isoformat()}" if as_of else ""
    return [
        (
            gettext(group),
            [
                Link(name, gettext(label), reverse(name) + suffix, here in inside)
                for _, name, label, _, inside in rows
            ],
        )
        for group, rows in groupby(
            (row for row in MENU if allowed(request, row[3])), key=lambda row: row[0]
        )
    ]
