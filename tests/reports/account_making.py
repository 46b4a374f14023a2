"""An account of a quarter made by hand: every sort of row once, no database."""

from datetime import date
from typing import Any

from desk_making import at

from jingwei.reports.daily.sheet import Issue, Project
from jingwei.reports.periodic import facts
from jingwei.reports.periodic.facts import Account
from jingwei.reports.periodic.spans import Span
from jingwei.terms.obligation import Standing

START, END = date(2022, 11, 1), date(2023, 1, 31)
ISSUE = Issue("JAWS-JB-2022Q1-01", 1, at("2023-02-10 10:00"), "王磊")


def span(**more: Any) -> Span:
    """The first contract quarter, over."""
    given: dict[str, Any] = {
        "kind": "quarterly", "subject": "2022-Q1", "label": "2022 合同年度第 1 季度",
        "first": START, "last": END, "year_first": START, "year_last": date(2023, 10, 31),
        "as_of": at("2023-02-01 00:00"),
    }  # fmt: skip
    return Span(**{**given, **more})


def budgets(**more: Any) -> facts.Budgets:
    """An hour and a half of 8.76 h used."""
    given: dict[str, Any] = {
        "down_used": 5400, "down_period": 5400, "down_excluded": 0, "down_limit": 31536,
        "down_left": 26136, "ratio": 99.983, "down_met": True, "emergency_used": 3600,
        "emergency_sum": 7200, "emergency_excluded": 600, "emergency_limit": 86400,
        "emergency_left": 82800, "emergency_met": True, "days_used": "2.50",
        "days_period": "2.50", "days_limit": "217.50", "days_left": "215.00",
        "days_note": "按 1 人月 = 21.75 人日计", "drills_done": 1, "drills_needed": 2,
    }  # fmt: skip
    return facts.Budgets(**{**given, **more})


def fault(number: str = "GD-2022-00001", **more: Any) -> facts.Fault:
    """A fault that was solved."""
    given: dict[str, Any] = {
        "title": "PACS 打不开", "where": "区域PACS", "severity": "造成生产运行中断",
        "cause": "设备硬件故障", "at": at("2022-11-07 09:00"),
        "restored": at("2022-11-07 10:30"), "state": "已关闭",
    }  # fmt: skip
    return facts.Fault(number, **{**given, **more})


def promise(key: str, standing: Standing, clause: str = "总则", **more: Any) -> facts.Promise:
    """One obligation."""
    return facts.Promise(key, clause, f"原文 {key}", standing.value, "1/1", "每日", **more)


def empty(**more: Any) -> Account:
    """Nothing happened, nothing was collected."""
    given: dict[str, Any] = {
        "project": Project("静安区区域卫生信息平台日常运维", "信息中心"), "span": span(),
        "working_days": 62, "daily": facts.Daily(62, 0, 0, 0), "found": facts.Found(0, 0, 0),
        "budgets": budgets(down_used=0, down_period=0),
        "people": facts.People(62, 0, (), 4, 0, 0),
    }  # fmt: skip
    return Account(**{**given, **more})


def whole(**more: Any) -> Account:
    """Every sort of row once."""
    given: dict[str, Any] = {
        "daily": facts.Daily(62, 61, 6100, 6000, ("2022-12-05",)),
        "found": facts.Found(5, 4, 1),
        "budgets": budgets(watched_from=START),
        "people": facts.People(62, 60, ("2022-11-09（3 人）",), 4, 2, 1, ("王磊 → 李婷",)),
        "tickets": (facts.Tally("故障", 2, 1, 0),),
        "requests": (facts.Tally("数据手工导入", 3, 2, 1), facts.Tally("报表", 0)),
        "channels": (facts.Tally("电话", 5, 3, 1),),
        "systems": (facts.Tally("区域PACS", 1, 1),),
        "institutions": (facts.Tally("静安中心医院", 1, 1),),
        "severities": (facts.Tally("造成生产运行中断", 1, 1),),
        "causes": (facts.Tally("设备硬件故障", 1, 1),),
        "kept": (facts.Kept("造成生产运行中断", "电话响应", "5x8", 3, 1, 0, 1, 1),),
        "late": (facts.Late("GD-2022-00002", "慢", "电话响应", "5x8", 1800, 3600),),
        "faults": (fault(),),
        "left": (fault("GD-2022-00009", state="处理中", restored=None),),
        "changes": (
            facts.Change("GD-2022-00003", at("2022-12-01 09:00"), "HW-016-1", "设备扩容：扩盘",
                         "顾主任", at("2022-12-01 08:00"), "已关闭"),
            facts.Change("GD-2022-00004", at("2022-12-02 09:00"), "—", "搬迁", "", None, "新建"),
        ),
        "checked": (facts.Checked("机房检查", 10, 1, 2, 3),),
        "climate": (facts.Climate("ROOM-01", "温度（℃）", 92, 19.5, 29.4, ("2022-11-07",)),),
        "duties": (facts.Owing("应用系统月度巡视", 75, 50, ("2022-12（0/25）",), 0),),
        "records": (
            facts.Record("security-check", "系统安全检查", at("2023-01-10 09:00"), "", "李婷",
                         "正常", True, "duty:7", (("范围与方法", "基线核查"), ("漏洞情况", ""))),
            facts.Record("ups-round", "UPS 主机巡检", at("2023-01-11 09:00"), "HW-001-1", "王磊",
                         "", False, "duty:8"),
        ),
        "events": (
            facts.Event("YJ-2022-001", "PACS 不可用", "一级应急响应事件",
                        at("2022-12-24 09:00"), None, "未分类"),
        ),
        "drills": ("YL-2022-01（2022-12-10）",),
        "parts": (
            facts.Part("GD-2022-00001", at("2022-11-07 10:00"), "存储", "控制器", "OLD", "NEW",
                       "原厂正品", "", "保险柜", 5400),
        ),
        "endings": (facts.Ending("华为 5500", date(2022, 1, 1), date(2022, 12, 31), 2, True),),
        "expiries": (facts.Expiry("HW-016", "存储", date(2022, 12, 31), True, "保内"),),
        "ahead": (facts.Ahead("UPS 充放电维护", date(2022, 11, 1), date(2023, 4, 30), 4),),
        "missing": (("备份作业结果", "平台的这一部分尚未接入"),),
        "papers": ("季报（JAWS-JB-2022Q1-01）",),
        "promises": (
            promise("a", Standing.MET, refs=("ticket:1", "ticket:2", "ticket:3"), more=4),
            promise("b", Standing.BREACHED), promise("c", Standing.NO_EVIDENCE, "日常维护"),
            promise("d", Standing.NOT_AGREED, "日常维护", open=("A03",)),
        ),
    }  # fmt: skip
    return empty(**{**given, **more})
