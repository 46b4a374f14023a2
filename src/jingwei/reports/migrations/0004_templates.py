"""The clients' templates, append-only, and which of them a final file was written by."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jingwei.accounts import guard
from jingwei.reports import guard as own

NAMES = {"reports_reportfile", "reports_reporttemplate"}
TABLES = [each for each in own.GUARDED if each.table in NAMES]


def put(apps, editor):
    """Set the guards of the new table, and of the one that got a column."""
    guard.stand(editor.execute, editor.connection.vendor, TABLES)


def lift(apps, editor):
    """Take them away: only ever when migrating back."""
    guard.lift(editor.execute, editor.connection.vendor, TABLES)


class Migration(migrations.Migration):
    """ReportTemplate, ReportFile.template."""

    dependencies = [
        ("reports", "0003_life_of_a_report"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ReportTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False,
                                           verbose_name="ID")),
                ("kind", models.CharField("报告类别", max_length=32)),
                ("version", models.PositiveIntegerField("版本")),
                ("name", models.CharField("文件名", max_length=200, blank=True)),
                ("sha256", models.CharField(max_length=64, blank=True)),
                ("path", models.CharField(max_length=300, blank=True)),
                ("fields", models.JSONField("所用字段", default=list)),
                ("reason", models.CharField("说明", max_length=200, blank=True)),
                ("at", models.DateTimeField("上传时间")),
                ("by_name", models.CharField("上传人", max_length=150)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT,
                                         related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("kind", "-version"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version"), name="report_template_version"
                    )
                ],
            },
        ),
        migrations.AddField(
            "reportfile", "template",
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT,
                              related_name="files", to="reports.reporttemplate"),
        ),
        migrations.RunPython(put, lift),
    ]  # fmt: skip
