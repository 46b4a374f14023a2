"""Pictures of numbers: what a chart says, where its parts lie, and how pages and Word draw it."""

from jingwei.reports.charts.chart import Chart, Limit, Series

__all__ = ["Chart", "Limit", "Series"]
