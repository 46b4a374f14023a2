"""The database itself refuses to change or delete facts of this room: see `accounts.guard`."""

from django.db import migrations

from jingwei.accounts import guard
from jingwei.contract.guard import GUARDED

NAMES = {
    "contract_obligation", "contract_ambiguity", "contract_decision", "contract_document",
    "contract_documentstep", "contract_dutyrecord", "contract_dutyconfirmation",
    "contract_dutyfile",
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

    dependencies = [("contract", "0002_obligations_papers_and_duties")]
    operations = [migrations.RunPython(put, lift)]
