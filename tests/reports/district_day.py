# ruff: noqa: E501
"""A made-up but full-sized day: the routine of the shipped content over 172 units, 25 apps."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from jingwei.reports.daily.sheet import (
    Answer,
    FollowUp,
    Head,
    Incident,
    Issue,
    Item,
    Project,
    Revision,
    Section,
    Sheet,
)
from jingwei.terms import SHANGHAI, Result

DAY = date(2026, 11, 20)
ROUTINE = Path(__file__).resolve().parents[2] / "content" / "routines" / "daily.toml"
MOMENT = datetime(2026, 11, 20, 8, 12, 30, tzinfo=SHANGHAI)
UNITS = {
    "crac": (2, "艾默生精密空调CRV35RA"), "ups": (4, "山特15K（每年两次充放电）"),
    "server": (74, "公卫数据库服务器联想Lenovo-RD650"), "storage": (3, "华为OceanStor 5300 V3"),
    "fc-switch": (4, "博科 Brocade 300 光纤交换机"), "switch": (19, "H3C S5130-28S-EI 接入交换机"),
    "firewall": (27, "启明星辰天清汉马 USG 防火墙"), "ids": (3, "绿盟入侵检测 NIDS"),
    "netgap": (2, "天融信 TopRules 7000 网闸"), "log-audit": (2, "日志审计系统"),
    "bastion": (3, "堡垒机（内网）"), "nac": (1, "准入控制"), "situational-awareness": (1, "态势感知平台"),
    "situational-probe": (16, "态势感知探针"), "masking": (1, "数据脱敏"), "db-firewall": (2, "数据库防火墙"),
    "waf": (2, "Web 应用防火墙"), "load-balancer": (2, "F5 负载均衡"), "av-gateway": (1, "防毒墙"),
    "kvm": (3, "KVM 切换器"),
}  # fmt: skip
READINGS = {
    "app.available": "HTTP 200，UP，38 ms", "app.login": "HTTP 200，含登录表单",
    "app.certificate": "剩 203 天", "app.dicom": "C-ECHO 0x0000，12 ms", "app.hl7": "AA，9 ms",
    "db.connection": "可查询，3.1 ms", "db.sessions": "32 / 200", "db.tablespace": "61.35 %",
    "db.locks": "0 个", "storage.controller": "2 / 2 在线", "storage.pool": "健康，71.20 %",
    "storage.disk": "25 / 25 健康", "fc.port": "24 / 24 在线，误码 0", "server.disk": "8 / 8 健康",
    "server.online": "运行 182 天", "server.power": "2 / 2 正常", "server.thermal": "风扇正常，21 ℃",
    "server.memory": "无告警", "server.load": "CPU 21 %，内存 54 %，/ 62 %",
    "network.online": "运行 301 天", "network.load": "CPU 8 %，内存 41 %", "network.hardware": "正常",
    "network.port": "2 / 2 up", "security.online": "应答", "security.load": "CPU 11 %，内存 38 %",
    "room.temperature": "22.4 ℃", "room.humidity": "51.0 %RH", "room.leak": "0 / 4 告警",
    "crac.cooling": "开机，制冷 46 %", "crac.alarm": "0 条", "ups.output": "市电正常",
    "ups.load": "43 %", "ups.battery": "正常，100 %", "ups.software": "市电，数据 4 秒前",
    "app.queue": "2 个队列，0 条积压", "app.cache": "内存 12 %，从库 1 个", "app.runtime": "堆 41 %",
    "app.directory": "可登录，8 ms", "app.sms": "三网登录 41 ms", "app.wechat": "取令牌成功，96 ms",
    "db.replication": "延迟 0 秒", "db.archive": "归档无失败",
    "db.health": "0 个坏页", "db.jobs": "0 个失败", "db.accounts": "最早 120 天后到期",
    "app.images": "两天内 12 个检查", "app.images-in": "C-STORE 0000，31 ms",
    "storage.parts": "电源 2 项、风扇 4 项均正常",
    "app.interfaces": "应答 200，35 ms", "server.windows": "4 台虚机，C: 52 %",
    "server.virtual": "5 台虚机在运行，数据存储 62 %",
    "server.clock": "相差 3 ms", "server.files": "2 个未变", "network.time": "第 3 层，相差 2 ms", "network.names": "10.1.0.5，2 ms",
}  # fmt: skip
REASONS = {
    "exchange": "交换数据模块尚未接入",
    "backups": "备份模块尚未接入",
    "logs": "日志模块尚未接入",
}


def targets() -> list[tuple[str, str, str]]:
    """(key, kind, label) of everything registered."""
    found = [(f"APP-{n:02d}", "application", f"第 {n} 应用信息系统") for n in range(1, 26)]
    found += [(f"DB-{n:02d}", "database", f"区域平台库 {n}") for n in range(1, 5)]
    for row, (kind, (number, name)) in enumerate(UNITS.items(), start=1):
        found += [(f"HW-{row:03d}-{k}", kind, name) for k in range(1, number + 1)]
    found += [("ROOM-01", "room", "永和路数据中心机房"), ("ROOM-02", "room", "容灾机房")]
    return [*found, ("SITE-1", "site", "永和路数据中心")]


def sheet(routine: Path, *, faults: dict[tuple[str, str], Answer] | None = None) -> Sheet:
    """A finished working day; `faults` replaces answers by (item, target)."""
    content = tomllib.loads(routine.read_text(encoding="utf-8"))
    everything = targets()
    serial = 1000
    sections = []
    for section in content["section"]:
        items = []
        for item in content["item"]:
            if item["section"] != section["id"]:
                continue
            answers = []
            for key, kind, label in everything:
                applies = item["applies"]
                if kind not in applies.get("kinds", ()) and key not in applies.get("keys", ()):
                    continue
                serial += 1
                answer = _answer(item, key, kind, label, serial)
                answers.append((faults or {}).get((item["id"], key), answer))
            items.append(
                Item(item["id"], item["label"], item["standard"], item["mode"],
                     item.get("until", ""), tuple(answers))
            )  # fmt: skip
        sections.append(Section(section["id"], section["number"], section["label"], tuple(items)))
    return Sheet(
        project=Project("静安区区域卫生信息平台日常运维", "上海市静安区卫生信息中心", "", "jingan-2022 v1", True),
        head=Head(
            date=DAY, working_day=True, inspector="王磊", reviewer="陈思远",
            present=("王磊", "陈思远", "李婷", "赵敏"), weather="多云 9～15 ℃",
            started_at=MOMENT.replace(hour=6, minute=0), finished_at=MOMENT, run=7,
        ),
        sections=tuple(sections),
        coverage={f"APP-{n:02d}": "全区" if n < 12 else "静安北" if n < 18 else "二级医院8家，社区服务中心15家"
                  for n in range(1, 26)},
    )  # fmt: skip


def _answer(item: dict, key: str, kind: str, label: str, serial: int) -> Answer:
    if item.get("until"):
        return Answer(key, label, kind, Result.UNCHECKED, id=serial, reason=REASONS[item["until"]],
                      at=MOMENT, source="automatic")  # fmt: skip
    if item["mode"] == "manual":
        return Answer(key, label, kind, Result.UNCHECKED, reason="待人工检查")
    if item["id"] == "server.power" and serial % 9 == 0:
        return Answer(key, label, kind, Result.UNCHECKED, id=serial, at=MOMENT, source="automatic",
                      reason="IPMI 探针尚未接入；该型号无 Redfish")  # fmt: skip
    took = 38.0 if item["id"].startswith("app.") else None
    return Answer(key, label, kind, Result.NORMAL, id=serial, reading=READINGS[item["id"]],
                  at=MOMENT, source="automatic", took_ms=took)  # fmt: skip


def bad_day(routine: Path) -> Sheet:
    """A day with four exceptions, one of them healed, one without a finding."""
    names = {key: label for key, _, label in targets()}

    def wrong(key: str, kind: str, result: Result, **more: object) -> Answer:
        return Answer(
            key, names[key], kind, result, id=90001, at=MOMENT, source="automatic", **more
        )  # type: ignore[arg-type]

    faults = {
        ("storage.disk", "HW-004-3"): wrong(
            "HW-004-3", "storage", Result.ABNORMAL, reading="CTE0.3 预失效（24 / 25 健康）",
            threshold="全部健康", finding=31, trend="昨日正常",
        ),
        ("room.temperature", "ROOM-01"): wrong(
            "ROOM-01", "room", Result.ABNORMAL, reading="29.4 ℃", threshold="not 18..28", finding=32,
        ),
        ("app.certificate", "APP-07"): wrong(
            "APP-07", "application", Result.ATTENTION, reading="剩 21 天", threshold="< 30 天", finding=33,
        ),
        ("app.available", "APP-19"): wrong(
            "APP-19", "application", Result.ABNORMAL, reading="HTTP 500", threshold="200",
            reason="自检返回 DOWN",
        ),
    }  # fmt: skip
    made = sheet(routine, faults=faults)
    at = MOMENT - timedelta(hours=2)
    incidents = (
        Incident(31, "HW-004-3", names["HW-004-3"], "storage.disk", "磁盘（故障与预失效）", Result.ABNORMAL, at,
                 reading="CTE0.3 预失效", threshold="全部健康", acknowledged_at=MOMENT, acknowledged_by="王磊",
                 follow_ups=(FollowUp(MOMENT, "王磊", "已核对 SMART，申请备件"),)),
        Incident(32, "ROOM-01", names["ROOM-01"], "room.temperature", "机房温度", Result.ABNORMAL, at,
                 reading="29.4 ℃", threshold="not 18..28"),
        Incident(33, "APP-07", names["APP-07"], "app.certificate", "证书有效期", Result.ATTENTION, at,
                 reading="剩 21 天"),
        Incident(30, "HW-006-2", names["HW-006-2"], "network.online", "交换机在线", Result.ABNORMAL, at,
                 closed_at=MOMENT, reading="无应答", threshold="应答"),
    )  # fmt: skip
    return replace(made, incidents=incidents)


def issue(version: int = 1) -> Issue:
    """The first version, made the same morning."""
    entry = Revision("V1", MOMENT, "王磊", "初稿")
    return Issue("JAWS-RJ-20261120-01", version, MOMENT, "王磊", (entry,))
