"""The database itself refuses to change or delete facts of this room: see `accounts.guard`."""

from django.db import migrations

from jingwei.accounts import guard
from jingwei.desk.guard import GUARDED

NAMES = {
    "desk_ticketevent", "desk_workentry", "desk_endofservice", "desk_sparepart", "desk_effort",
    "desk_ticketfile", "desk_tickettarget", "desk_article", "desk_attendance", "desk_delivery",
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

    dependencies = [("desk", "0002_forms_roster_and_notices")]
    operations = [migrations.RunPython(put, lift)]
