"""The life of a report: its steps in full, what people write into it, and the database's guard."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

from jingwei.accounts import guard
from jingwei.reports import guard as own
from jingwei.reports.life import ReportState

NAMES = {"reports_reportstep", "reports_reportfile", "reports_reportstatement"}
TABLES = [each for each in own.GUARDED if each.table in NAMES]


def entered(apps, editor):
    """Steps of before were written down when they happened."""
    apps.get_model("reports", "ReportStep").objects.update(entered_at=F("at"))


def put(apps, editor):
    """Set the guards; the table's own of 0002 is replaced by one that knows every state."""
    own.stand(editor.execute, editor.connection.vendor)
    guard.stand(editor.execute, editor.connection.vendor, TABLES)


def lift(apps, editor):
    """Take them away: only ever when migrating back."""
    own.lift(editor.execute, editor.connection.vendor)
    guard.lift(editor.execute, editor.connection.vendor, TABLES)


class Migration(migrations.Migration):
    """Reviewed, delivered, archived; scans; statements."""

    dependencies = [
        ("reports", "0002_snapshots_never_change"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterModelOptions("reportstep", {"ordering": ("id",)}),
        migrations.AddField(
            "reportstep", "entered_at",
            models.DateTimeField("录入时间", default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField("reportstep", "late", models.BooleanField("补录", default=False)),
        migrations.AddField(
            "reportstep", "receiver", models.CharField("签收人", max_length=64, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "reportstep", "name", models.CharField("扫描件", max_length=200, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "reportstep", "media_type", models.CharField(max_length=100, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "reportstep", "sha256", models.CharField(max_length=64, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "reportstep", "path", models.CharField(max_length=300, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            "report", "state",
            models.CharField("状态", max_length=16, choices=ReportState.choices, default="draft"),
        ),
        migrations.AlterField(
            "reportstep", "state",
            models.CharField("状态", max_length=16, choices=ReportState.choices),
        ),
        migrations.CreateModel(
            name="ReportStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False,
                                           verbose_name="ID")),
                ("key", models.CharField("位置", max_length=32)),
                ("before", models.TextField("原句")),
                ("text", models.TextField("填写内容")),
                ("at", models.DateTimeField("时间")),
                ("by_name", models.CharField("填写人", max_length=150)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                                         related_name="+", to=settings.AUTH_USER_MODEL)),
                ("report", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                                             related_name="statements", to="reports.report")),
            ],
            options={"ordering": ("id",)},
        ),
        migrations.RunPython(entered, migrations.RunPython.noop),
        migrations.RunPython(put, lift),
    ]  # fmt: skip
