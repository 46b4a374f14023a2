"""What every formal report begins and ends with: cover, revisions, contents, signatures.

The daily check has a front of its own (`reports.daily.front`); reports about one subject share
this one (reports.md section 0).
"""

from collections.abc import Sequence

from jingwei.reports.daily.build import numbered
from jingwei.reports.daily.front import author, revisions
from jingwei.reports.daily.sheet import Issue, Project
from jingwei.reports.document import (
    Block,
    Cover,
    Document,
    Heading,
    Meta,
    PageBreak,
    Party,
    SignatureBlock,
    minute,
)

DEMONSTRATION = "演示区域数据：本报告由演示区域的模拟设备和演示记录生成，不代表真实运行情况。"
_DATE = "日　期：　　　　年　　月　　日"


def formal(
    project: Project, issue: Issue, title: str, period: str, blocks: Sequence[Block], *,
    draft: bool, notice: str = "",
) -> Document:  # fmt: skip
    """A whole report: cover, revisions and contents, then `blocks` with their tables numbered.

    `period` is the line 报告期 of the cover; `notice` is printed in its frame, before the mark of
    a demonstration.
    """
    notices = [notice, DEMONSTRATION if project.demonstration else ""]
    return Document(
        meta=Meta(
            project=project.title, title=title, number=issue.number, version=issue.version,
            author=author(project), created=issue.created_at, mark="草稿" if draft else "",
        ),
        cover=Cover(
            facts=(
                ("项目名称", project.title),
                ("报告名称", title),
                ("报告期", period),
                ("报告编号", f"{issue.number}（V{issue.version}）"),
                ("密　　级", "内部"),
                ("服务方", project.provider or "（中标服务方，待填）"),
                ("用户方", project.client),
                ("编　　制", issue.created_by),
                ("审　　核", ""),
                ("批　　准", ""),
                ("编制日期", minute(issue.created_at)[:10]),
            ),
            notice="　".join(each for each in notices if each),
        ),
        blocks=tuple(numbered([*revisions(issue), PageBreak(), *blocks])),
    )  # fmt: skip


def signatures(heading: str, *, author_word: str = "编 制 人") -> list[Block]:
    """The last page: who wrote it, who answers for it, and what the client says."""
    return [
        Heading(1, heading),
        SignatureBlock(
            (
                Party(
                    "服务方（盖章）",
                    (f"{author_word}：__________________", "项目负责人：________________", _DATE),
                ),
                Party(
                    "用户方（盖章）",
                    (
                        "确认意见：□ 同意　　□ 有保留",
                        "说　明：__________________",
                        "签　字：__________________",
                        _DATE,
                    ),
                ),
            )
        ),
    ]
