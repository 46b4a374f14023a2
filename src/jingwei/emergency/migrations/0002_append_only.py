"""The database itself refuses to change or delete facts of this room: see `accounts.guard`."""

from django.db import migrations

from jingwei.accounts import guard
from jingwei.emergency.guard import GUARDED

NAMES = {
    "emergency_emergencyentry", "emergency_drillreading",
}
TABLES = [each for each in GUARDED if each.table in NAMES]


def put(apps, editor):
    """Set the guard."""
    guard.stand(editor.execute, editor.connection.vendor, TABLES)


def lift(apps, editor):
    """Take it away."""
    guard.lift(editor.execute, editor.connection.vendor, TABLES)


class Migration(migrations.Migration):
    """Append-only by trigger."""

    dependencies = [("emergency", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
