"""A small contract of another place, to show that nothing is made for one district only."""

from datetime import datetime
from pathlib import Path

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.terms import SHANGHAI

FILES = {
    "contract.toml": """
code = "seaside"
version = 1
title = "海滨区远程心电运维"
client = "海滨区卫生健康委员会"
provider = "某服务商"
period_start = 2025-03-15
period_end = 2025-09-14
""",
    "documents.toml": """
[[document]]
id = "nda"
label = "保密协议"

[[document]]
id = "monthly"
label = "月报"
""",
    "duties.toml": """
[[duty]]
id = "round"
label = "现场巡视"
line = "first"
fields = [
  { id = "place", label = "地点" },
  { id = "result", label = "结果" },
]

[[event]]
id = "finding"
label = "异常"
""",
    "ambiguities.toml": """
[[ambiguity]]
id = "B01"
issue = "每日是否含周末未写"
default = "按自然日"

[[ambiguity.reading]]
id = "natural"
label = "自然日"
arguments = { days = "natural" }

[[ambiguity.reading]]
id = "working"
label = "工作日"
arguments = { days = "working" }

[[ambiguity]]
id = "B02"
issue = "月报截止日未写"
default = "须约定"
value = "due_days"
""",
    "obligations/all.toml": """
[[obligation]]
id = "seaside.daily"
position = 1
clause = "第一条"
lines = [3]
text = "每日检查一次"
kind = "cadence"
phase = "operation"
proof = "auto"
measure = "routine.done"
arguments = { items = ["*"], complete = false }
evidence = ["日检单"]
reports = ["daily-check"]
ambiguities = ["B01"]

[[obligation]]
id = "seaside.round"
position = 2
clause = "第二条"
lines = [4]
text = "每月现场巡视一次，由甲方确认"
kind = "cadence"
phase = "operation"
proof = "semi"
measure = "duty.done"
arguments = { duty = "round", every = "month", confirmed = true }
evidence = ["巡视记录"]
reports = ["monthly"]

[[obligation]]
id = "seaside.report"
position = 3
clause = "第三条"
lines = [5]
text = "每月提交月报"
kind = "document"
phase = "operation"
proof = "auto"
measure = "document.delivered"
arguments = { document = "monthly", every = "month" }
evidence = ["月报"]
reports = ["monthly"]
ambiguities = ["B02"]

[[obligation]]
id = "seaside.nda"
position = 4
clause = "第四条"
lines = [6]
text = "签订保密协议"
kind = "document"
phase = "contract-start"
proof = "manual"
measure = "document.filed"
arguments = { documents = ["nda"] }
evidence = ["保密协议"]
reports = ["contract"]
""",
}


def write_contract(folder: Path, **changes: str) -> Path:
    """The small contract's folder; `changes` give other text for a file by its stem."""
    place = folder / "seaside"
    (place / "obligations").mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (place / name).write_text(changes.get(Path(name).stem, text), encoding="utf-8")
    return place


def at(text: str) -> datetime:
    """An instant in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def person(username: str, role: Role = Role.FIRST_LINE) -> User:
    """Somebody with a role."""
    return User.objects.create_user(username, password="Right-Horse-9", role=role)
