"""The sheet behind a record, and its guard: see `accounts.guard`."""

import django.db.models.deletion
from django.db import migrations, models

from jingwei.accounts import guard
from jingwei.contract.guard import GUARDED

TABLES = [each for each in GUARDED if each.table == "contract_dutysheet"]


def put(apps, editor):
    """Set the guard."""
    guard.stand(editor.execute, editor.connection.vendor, TABLES)


def lift(apps, editor):
    """Take it away."""
    guard.lift(editor.execute, editor.connection.vendor, TABLES)


class Migration(migrations.Migration):
    """Append-only by trigger."""

    dependencies = [("contract", "0004_policy")]
    operations = [
        migrations.CreateModel(
            name="DutySheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("routine", models.CharField(max_length=32, verbose_name="例行检查")),
                ("began_at", models.DateTimeField(verbose_name="开始时间")),
                ("tablet_at", models.DateTimeField(verbose_name="平板记录时间")),
                ("skew", models.IntegerField(default=0, verbose_name="平板时钟偏差（秒）")),
                ("answers", models.JSONField(default=list, verbose_name="逐项记录")),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheet",
                        to="contract.dutyrecord",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(put, lift),
    ]
