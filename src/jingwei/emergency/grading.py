"""Which level an event probably has, with its reason. A person decides and the client agrees.

The tender's own words (L684-689): level 2 = several areas, or a core system; level 1 = a core
system at 永和路, HIS and PACS named. "Core system" stands in both (ambiguity A04). Pure.
"""

from dataclasses import dataclass

from jingwei.emergency.models.words import Level

HOME = "SITE-1"  # 永和路数据中心: the clauses of emergencies know no other place (L680, A34)
NAMED = ("PACS", "HIS")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is hit. `core` is yes, proposed or no, as the register says; `site` a site code.

    `institutions` None: nobody has registered whom the system serves.
    """

    system: str
    core: str = "no"
    site: str = HOME
    institutions: int | None = 0
    areas: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A level, or none where the fault table alone applies. `doubt` names the ambiguity."""

    level: Level | None
    reason: str
    doubt: str = ""
    system: str = ""


def suggest(scope: Scope) -> Suggestion:
    """The level, why, and what in the tender leaves it open."""
    if scope.site != HOME:
        return Suggestion(
            None, "应急响应条款只适用于永和路数据中心（L680）；其他站点按故障表计时", "A34"
        )
    name = scope.system or "所选对象"
    if is_named(scope.system):
        return Suggestion(
            Level.ONE,
            f"{name}属招标文件点名的核心系统（L689“核心系统故障，包括HIS、PACS等”）：一级",
        )
    count = scope.institutions or 0
    several = count > 1 or scope.areas > 1
    if scope.core in ("yes", "proposed"):
        who = "招标文件列为核心系统" if scope.core == "yes" else "拟定核心系统，清单待甲方确认"
        also = f"，且影响 {count} 家机构" if several and count else ""
        return Suggestion(
            Level.TWO,
            f"{name}{who}{also}：默认二级（L688）",
            "A04：一级、二级的定义都写有“核心系统故障”，HIS、PACS 以外默认二级，以甲方同意为准",
        )
    if several:
        reach = f"{count} 家机构" if count > 1 else f"{scope.areas} 个片区"
        return Suggestion(Level.TWO, f"影响 {reach}，属多区域信息系统故障（L688）：二级")
    return Suggestion(None, _unsuggested(scope), system=scope.system)


def _unsuggested(scope: Scope) -> str:
    """Why no level is suggested; what nobody has registered is never taken for little."""
    if not scope.system:
        return "请选择应用系统；机房、供电、网络等影响多个系统的，属多区域信息系统故障（L688）"
    start = f"{scope.system}不在核心系统之列"
    if scope.institutions is None:
        return f"{start}，台账未登记覆盖机构，无法按范围判断；请按实际影响定级"
    return f"{start}，影响未超出单个机构：按故障表处理；确需启动应急请说明依据"


def is_named(system: str) -> bool:
    """Whether the definition of level 1 names this system."""
    return any(word in system.upper() for word in NAMED)
