"""The check at upload: is it Word, are its fields known, is what the contract demands in it?

What a template may say is a short list (fields, loops over tables, if), so that a template cannot
do anything but show fields.
"""

import difflib
import re
from collections.abc import Iterable, Mapping

from jinja2 import TemplateSyntaxError, nodes

from jingwei.reports.errors import ReportError
from jingwei.reports.templated.fields import Fields
from jingwei.reports.templated.fill import filled
from jingwei.reports.templated.package import look
from jingwei.reports.templated.word import environment, opened, sources

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For,
    nodes.If, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Const,
)  # fmt: skip
_LOOP = {"index", "index0", "first", "last", "length"}
_TAG = re.compile(r"{[{%].*?[%}]}", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")


def check(data: bytes, fields: Fields, demanded: Mapping[str, str]) -> list[str]:
    """The fields a template names, in its order; it is right. Raises ReportError otherwise.

    `demanded` is chapter → why; each must be in the template by its text, a value or a table.
    """
    look(data)
    template = opened(data)
    used: list[str] = []
    for part, source in sources(template):
        used += _used(part, source, fields)
    if not used:
        raise ReportError("模板中没有任何字段；字段写作 {{ 报告编号 }}，可先下载示例模板")
    for chapter, why in demanded.items():
        known = fields.chapters.get(chapter, [chapter])
        if not set(known) & set(used):
            choice = "、".join(known[:6])
            raise ReportError(f"模板缺少“{chapter}”（{why}）：至少用到以下字段之一：{choice}")
    filled(data, fields)  # what only shows when it is filled shows now
    return list(dict.fromkeys(used))


def _used(part: str, source: str, fields: Fields) -> Iterable[str]:
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError as error:
        raise ReportError(f"{part}：{_where(source, error)}") from error
    used: list[str] = []
    _walk(tree, part, fields, {}, used)
    return used


def _where(source: str, error: TemplateSyntaxError) -> str:
    """The tag nearest to where Jinja stumbled, as it was typed."""
    lines = source.splitlines()
    near = lines[error.lineno - 1] if 0 < error.lineno <= len(lines) else source
    tags = [_MARKUP.sub("", tag) for tag in _TAG.findall(near)] or [_MARKUP.sub("", near)[:60]]
    if "end of" in (error.message or "") or "Unexpected" in (error.message or ""):
        hint = "循环或条件没有成对（for … endfor、if … endif）"
    else:
        hint = "字段写法有误"
    return f"{hint}，在 {tags[-1][:80]} 附近（{error.message}）"


def _walk(
    node: nodes.Node, part: str, fields: Fields, loops: dict[str, str], used: list[str]
) -> None:
    """Every node is of the short list, and every name is known where it stands."""
    if not isinstance(node, _ALLOWED):
        raise ReportError(f"{part}：模板里只能用字段、表格循环和条件，不支持 {_name(node)}")
    if isinstance(node, nodes.For):
        _loop(node, part, fields, loops, used)
        return
    if isinstance(node, nodes.Getattr):
        _column(node, part, fields, loops)
        return
    if isinstance(node, nodes.Name):
        _known(node.name, part, fields, loops)
        used.append(node.name)
        return
    for child in node.iter_child_nodes():
        _walk(child, part, fields, loops, used)


def _loop(
    node: nodes.For, part: str, fields: Fields, loops: dict[str, str], used: list[str]
) -> None:
    if not (isinstance(node.iter, nodes.Name) and isinstance(node.target, nodes.Name)):
        raise ReportError(f"{part}：循环写作“for 行 in 表名”")
    if node.recursive:
        raise ReportError(f"{part}：不支持嵌套自身的循环")
    if node.iter.name not in fields.lists:
        _unknown(node.iter.name, part, fields.lists, "表")
    if loops:
        raise ReportError(f"{part}：循环里不能再套循环（{node.iter.name}）")
    if node.target.name in fields.values or node.target.name in fields.lists:
        raise ReportError(f"{part}：循环变量“{node.target.name}”与字段同名，请换一个，如“行”")
    used.append(node.iter.name)
    inner = {node.target.name: node.iter.name}
    for child in [*node.body, *node.else_, *([node.test] if node.test else [])]:
        _walk(child, part, fields, inner, [])


def _column(node: nodes.Getattr, part: str, fields: Fields, loops: dict[str, str]) -> None:
    owner = node.node.name if isinstance(node.node, nodes.Name) else ""
    if owner == "loop" and loops:
        if node.attr not in _LOOP:
            _unknown(node.attr, part, sorted(_LOOP), "loop 的属性")
        return
    if owner not in loops:
        raise ReportError(f"{part}：“{owner or '…'}.{node.attr}”只能写在循环里，前半是循环变量")
    columns = fields.lists[loops[owner]].columns
    if node.attr not in columns:
        _unknown(node.attr, part, columns, f"表“{loops[owner]}”的列")


def _known(name: str, part: str, fields: Fields, loops: dict[str, str]) -> None:
    if name in fields.values:
        return
    if name in loops:
        raise ReportError(f"{part}：“{name}”是一整行，请写到列，如 {name}.{'列名'}")
    if name in fields.lists:
        raise ReportError(f"{part}：“{name}”是一张表，请写作 {{%tr for 行 in {name} %}}")
    _unknown(name, part, fields.names, "字段")


def _unknown(name: str, part: str, known: Iterable[str], what: str) -> None:
    near = difflib.get_close_matches(name, list(known), 3, 0.4)
    hint = f"；是不是“{'”或“'.join(near)}”？" if near else "；可用的见模板页的字段表"
    raise ReportError(f"{part}：没有{what}“{name[:60]}”{hint}")


def _name(node: nodes.Node) -> str:
    return {"Filter": "过滤器（|）", "Call": "函数", "Macro": "宏", "Include": "引用其他文件"}.get(
        type(node).__name__, type(node).__name__
    )
