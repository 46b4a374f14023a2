"""On SQLite keep observations in the order of their primary key (WITHOUT ROWID).

Django cannot declare it. Measured with 10 million rows of 5,025 series: 44 % less disk, a fifth
less time to insert, cold reads of one series two to four times as fast, because a series lies
together instead of in the order of arrival. PostgreSQL keeps its heap.
"""

from django.db import migrations

CLUSTERED = """
CREATE TABLE checks_observation_new (
    series_id bigint NOT NULL REFERENCES checks_series (id) DEFERRABLE INITIALLY DEFERRED,
    epoch bigint NOT NULL,
    code smallint NOT NULL,
    value real NULL,
    PRIMARY KEY (series_id, epoch)
) WITHOUT ROWID
"""


def cluster(apps, schema_editor):
    """Remake the table; nothing refers to an observation."""
    if schema_editor.connection.vendor != "sqlite":
        return
    schema_editor.execute(CLUSTERED)
    schema_editor.execute(
        "INSERT INTO checks_observation_new (series_id, epoch, code, value) "
        "SELECT series_id, epoch, code, value FROM checks_observation ORDER BY series_id, epoch"
    )
    schema_editor.execute("DROP TABLE checks_observation")
    schema_editor.execute("ALTER TABLE checks_observation_new RENAME TO checks_observation")


class Migration(migrations.Migration):

    dependencies = [("checks", "0001_initial")]

    operations = [migrations.RunPython(cluster, migrations.RunPython.noop)]
