"""Charts for tests: one of each form, each with something nobody knows."""

from typing import Any

from jingwei.reports.charts import Chart, Limit, Series

MONTHS = ("11月", "12月", "1月")


def chart(form: str = "bar", **more: Any) -> Chart:
    """Two series over three months; December of the second is not known."""
    given: dict[str, Any] = {
        "title": "图 1　件数", "unit": "件", "labels": MONTHS,
        "series": (Series("重", (1, 2, 3)), Series("轻", (4, None, 0))),
    }  # fmt: skip
    return Chart(form, **{**given, **more})  # type: ignore[arg-type]


def ratio(**more: Any) -> Chart:
    """A share with its limit, the second month not collected."""
    given: dict[str, Any] = {
        "title": "图 2　月可用率", "unit": "%", "series": (Series("可用率", (100.0, None, 99.85)),),
        "limits": (Limit("99.9 % 下限", 99.9),), "axis": (99.8, 100.0), "places": 3,
        "note": "12月：未采集。",
    }  # fmt: skip
    return chart("line", **{**given, **more})
