"""The reference of every probe, made from its declaration: it cannot go stale.

`python -m jingwei.probes.docs > docs/probes.md`
"""

import sys
from collections.abc import Iterator, Mapping, Sequence

from jingwei.probes.builtin import BUILTIN
from jingwei.probes.frame import Probe, describe
from jingwei.probes.options import Field, shown
from jingwei.probes.units import UNITS

_TYPES = {
    "int": "整数",
    "float": "数字",
    "bool": "true / false",
    "text": "文本",
    "list": "列表",
    "table": "表格",
    "map": "键值",
}
_HEAD = (
    """# Probes

Made from the code by `python -m jingwei.probes.docs > docs/probes.md`; do not edit.
Options are given in content (TOML), in forms, or on the command line as `--option k=v`; tables
are written there as JSON or TOML: `--option 'get=[{reading="uptime", oid="1.3.6.1.2.1.1.3.0"}]'`.
A unit (单位) is empty or one of: """
    + "、".join(f"`{unit}`" for unit in UNITS if unit)
    + "\n"
)


def document(probe: Probe) -> str:
    """One probe's reference as Markdown."""
    lines = [f"## `{probe.name}` {probe.label}", ""]
    lines += [line.strip() for line in probe.summary.splitlines()] + [""]
    if probe.secrets:
        lines += ["Secrets: " + "、".join(f"`{name}`" for name in probe.secrets), ""]
    lines += _options(describe(probe), f"`{probe.name}`")
    if probe.readings:
        lines += ["| Reading | Unit | Meaning |", "|---|---|---|"]
        lines += [
            f"| `{item.name}` | {item.unit or '–'} | {item.label} |" for item in probe.readings
        ]
        lines.append("")
    return "\n".join(lines)


def document_all(probes: Sequence[Probe] = BUILTIN) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(document(probe) for probe in probes)])


def _options(fields: Sequence[Field], of: str) -> Iterator[str]:
    yield f"| Option of {of} | Label | Type | Default | Notes |"
    yield "|---|---|---|---|---|"
    for field in fields:
        cells = (f"`{field.name}`", field.label, _kind(field), _default(field), _notes(field))
        yield f"| {' | '.join(cells)} |"
    yield ""
    for field in fields:
        if field.columns:
            yield from _options(field.columns, f"a row of `{field.name}`")


def _kind(field: Field) -> str:
    if field.choices == UNITS:
        return "单位"
    choices = "、".join(f"`{choice}`" for choice in field.choices if choice)
    prefix = "列表：" if field.type == "list" and choices else ""
    return prefix + (choices or _TYPES[field.type])


def _default(field: Field) -> str:
    if field.required:
        return "必填"
    value = field.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "、".join(f"`{item}`" for item in value) or "–"
    if isinstance(value, Mapping) or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    shown = str(value)
    return str(value) if isinstance(value, int) else f"`{shown}`" if len(shown) < 40 else "内置"


def _notes(field: Field) -> str:
    notes = [field.help] if field.help else []
    if field.minimum is not None and field.maximum is not None:
        notes.append(f"{shown(field.minimum)} 至 {shown(field.maximum)}")
    return "；".join(notes).replace("|", "\\|") or "–"


if __name__ == "__main__":
    sys.stdout.write(document_all())
