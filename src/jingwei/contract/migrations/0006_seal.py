"""Seals over rows of evidence, append-only by trigger."""

from django.db import migrations, models

from jingwei.accounts import guard
from jingwei.contract.guard import GUARDED

TABLES = [each for each in GUARDED if each.table == "contract_seal"]


def put(apps, editor):
    """Set the guard."""
    guard.stand(editor.execute, editor.connection.vendor, TABLES)


def lift(apps, editor):
    """Take it away."""
    guard.lift(editor.execute, editor.connection.vendor, TABLES)


class Migration(migrations.Migration):
    """The hashes of rows nothing changes any more."""

    dependencies = [("contract", "0005_duty_sheet")]
    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField("证据种类", max_length=32, db_index=True)),
                ("columns", models.JSONField("封存的列")),
                ("rows", models.PositiveIntegerField("行数")),
                ("digests", models.TextField("逐行散列")),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField("封存时间")),
            ],
            options={"ordering": ("id",)},
        ),
        migrations.RunPython(put, lift),
    ]
