"""The database itself refuses to change or delete an audit entry: see `accounts.guard`."""

from django.db import migrations

from jingwei.accounts import guard


def put(apps, editor):
    """Set the guard."""
    guard.stand(editor.execute, editor.connection.vendor, (guard.AUDIT,))


def lift(apps, editor):
    """Take it away."""
    guard.lift(editor.execute, editor.connection.vendor, (guard.AUDIT,))


class Migration(migrations.Migration):
    """Append-only by trigger."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(put, lift)]
