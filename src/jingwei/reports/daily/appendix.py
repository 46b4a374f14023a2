"""附件 逐项明细: every target in one line, every item it was asked in one column."""

from dataclasses import dataclass, replace

from jingwei.reports.daily.checks import grid_cell
from jingwei.reports.daily.sheet import Answer, Item, Sheet
from jingwei.reports.daily.words import clip, length, natural
from jingwei.reports.document import (
    Block,
    Cell,
    Column,
    Heading,
    Note,
    Row,
    RowsRef,
    Table,
    ordinal,
)

# In characters of the smallest type (8 pt): a landscape line of 257 mm, the columns of key and
# name, and what each cell's margins take.
LINE = 89.0
KEY = 5.5
NAME = 14.0
PAD = 1.4


@dataclass(frozen=True, slots=True)
class Family:
    """Items that share targets, and those targets with their answers."""

    items: tuple[Item, ...]
    targets: dict[str, dict[str, Answer]]


def families(sheet: Sheet) -> list[Family]:
    """Items that are asked of the same targets, together: servers in one grid, UPS in another.

    Items of rooms that do not exist yet (`until`) are all 未检 for one reason and stay out, and so
    do databases, which section 五 already lists with every reading.
    """
    items = [
        item
        for section in sheet.sections
        for item in section.items
        if item.answers and not item.until and section.id != "database"
    ]
    groups: list[tuple[set[str], list[Item]]] = []
    for item in items:
        targets = {answer.target for answer in item.answers}
        joined = [group for group in groups if group[0] & targets]
        merged: tuple[set[str], list[Item]] = (targets, [item])
        for group in reversed(joined):
            merged = (group[0] | merged[0], group[1] + merged[1])
            groups.remove(group)
        groups.append(merged)
    groups.sort(key=lambda group: items.index(group[1][-1]))
    return [_family(sorted(held, key=items.index)) for _, held in groups]


def _family(items: list[Item]) -> Family:
    targets: dict[str, dict[str, Answer]] = {}
    for item in items:
        for answer in item.answers:
            targets.setdefault(answer.target, {})[item.id] = answer
    return Family(tuple(items), dict(sorted(targets.items(), key=lambda pair: natural(pair[0]))))


def appendix(sheet: Sheet) -> list[Block]:
    """The grids. Empty when nothing was planned."""
    held = families(sheet)
    if not held:
        return []
    blocks: list[Block] = [
        Heading(1, "附件　逐项明细"),
        Note(
            "每个检查对象一行，每个检查项一列；● 正常　◆ 关注　✕ 异常　? 未检　– 不适用　"
            "／ 该对象不检此项。过长的实测值截断为“…”，全文见网页“报告 → 明细”。"
            "尚未接入模块的检查项（第三、六、十节）不在此列。"
        ),
    ]
    sections = {item.id: section.label for section in sheet.sections for item in section.items}
    for number, family in enumerate(held, start=1):
        name = sections[family.items[-1].id].removesuffix("检查").removesuffix("状态")
        many = f"等 {len(family.items)} 项" if len(family.items) > 1 else ""
        title = f"{name}：{family.items[0].label}{many}，{len(family.targets)} 个对象"
        blocks.append(Heading(2, f"{ordinal(2, number)}{title}"))
        blocks += _grids(family)
    return blocks


def _grids(family: Family) -> list[Block]:
    """One grid of the targets with several items; those with one item alone, two a line."""
    single: dict[str, dict[str, Answer]] = {}
    several: dict[str, dict[str, Answer]] = {}
    for target, answers in family.targets.items():
        (several if len(answers) > 1 else single)[target] = answers
    blocks: list[Block] = [_grid(family.items, several)] if several else []
    for item in family.items:
        alone = {target: held for target, held in single.items() if item.id in held}
        if alone:
            blocks.append(_pairs(item, alone))
    return blocks


def _grid(items: tuple[Item, ...], targets: dict[str, dict[str, Answer]]) -> Table:
    shown = [item for item in items if any(item.id in answers for answers in targets.values())]
    cells = {
        target: [grid_cell(answers.get(item.id)) for item in shown]
        for target, answers in targets.items()
    }
    needs = [
        max(length(item.label) / 2, *(length(held[index].text) for held in cells.values()))
        for index, item in enumerate(shown)
    ]
    widths = fitted(needs, LINE - KEY - NAME - PAD * (len(shown) + 2))
    columns = (
        Column("对象", KEY + PAD),
        Column("名称", NAME + PAD),
        *(Column(item.label, width + PAD) for item, width in zip(shown, widths, strict=True)),
    )
    rows = tuple(
        Row(
            (
                *_name(target, targets[target]),
                *(_clipped(cell, width) for cell, width in zip(held, widths, strict=True)),
            )
        )
        for target, held in cells.items()
    )
    return Table(columns, rows, size="tiny")


def fitted(needs: list[float], room: float) -> list[float]:
    """Share `room` among columns: who needs less than an even share gets it, the rest split on."""
    widths = dict.fromkeys(range(len(needs)), 0.0)
    waiting = sorted(widths, key=lambda index: needs[index])
    while waiting:
        share = room / len(waiting)
        index = waiting.pop(0)
        widths[index] = min(max(needs[index], 4.0), share)
        room -= widths[index]
    return [widths[index] for index in range(len(needs))]


def _clipped(cell: Cell, width: float) -> Cell:
    return replace(cell, text=clip(cell.text, width))


def _pairs(item: Item, targets: dict[str, dict[str, Answer]]) -> Table:
    wide = LINE / 2 - KEY - NAME - 3 * PAD
    half = (Column("对象", KEY + PAD), Column("名称", NAME + PAD), Column(item.label, wide + PAD))
    cells = [
        (*_name(target, answers), _clipped(grid_cell(answers[item.id]), wide))
        for target, answers in targets.items()
    ]
    blank = (Cell(""), Cell(""), Cell(""))
    middle = (len(cells) + 1) // 2
    left, right = cells[:middle], cells[middle:]
    right += [blank] * (middle - len(right))
    rows = tuple(Row((*one, *other)) for one, other in zip(left, right, strict=True))
    return Table((*half, *half), rows, size="tiny")


def _name(target: str, answers: dict[str, Answer]) -> tuple[Cell, Cell]:
    label = next(iter(answers.values())).label
    return Cell(target, rows=RowsRef(target=target)), Cell(clip(label, NAME - 1.5))
