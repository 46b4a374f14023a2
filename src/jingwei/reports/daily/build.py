"""The daily report as one document tree: the 13 sections of reports.md section 2, in order."""

from dataclasses import replace

from jingwei.reports.charts import Chart
from jingwei.reports.daily import front
from jingwei.reports.daily.appendix import appendix
from jingwei.reports.daily.checks import sections
from jingwei.reports.daily.incidents import incidents
from jingwei.reports.daily.sheet import Issue, Sheet
from jingwei.reports.document import Block, Document, Meta, PageBreak, Table


def document(sheet: Sheet, issue: Issue, *, draft: bool) -> Document:
    """Draw up the report. Pure: the same sheet and issue always give the same tree.

    `draft` prints 草稿 on every page: a paper that was not submitted must look like it.
    """
    detail = appendix(sheet)
    blocks: list[Block] = [
        *front.revisions(issue),
        PageBreak(),
        *front.header(sheet),
        *front.summary(sheet),
        PageBreak(),
        *sections(sheet),
        PageBreak(landscape=True),
        *incidents(sheet),
        PageBreak(),
        *front.signatures(sheet),
        *([PageBreak(landscape=True), *detail] if detail else []),
    ]
    return Document(
        meta=Meta(
            project=sheet.project.title,
            title=front.TITLE,
            number=issue.number,
            version=issue.version,
            author=front.author(sheet.project),
            created=issue.created_at,
            mark="草稿" if draft else "",
        ),
        cover=front.cover(sheet, issue),
        blocks=tuple(numbered(blocks)),
    )


def numbered(blocks: list[Block]) -> list[Block]:
    """表 1, 表 2 ... and 图 1, 图 2 ...: every caption gets its number, 修订记录 excepted."""
    made: list[Block] = []
    number = pictures = 0
    for block in blocks:
        if isinstance(block, Table) and block.caption and block.caption != front.REVISIONS:
            number += 1
            made.append(replace(block, caption=f"表 {number}　{block.caption}"))
        elif isinstance(block, Chart):
            pictures += 1
            made.append(replace(block, title=f"图 {pictures}　{block.title}"))
        else:
            made.append(block)
    return made
