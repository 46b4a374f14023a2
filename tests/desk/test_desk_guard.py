"""The database refuses to change, delete or replace a fact of the desk and of an emergency."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from desk_making import MORNING as NOW
from desk_making import incident, person, target
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from jingwei.accounts import guard, queries
from jingwei.accounts.actions import restore_guard
from jingwei.accounts.guard import Guarded
from jingwei.accounts.queries import entries
from jingwei.assets.models import Person
from jingwei.desk.models import AppendOnly, Article, Attendance, TicketEvent, TicketTarget

FACTS = [
    model
    for room in ("desk", "emergency")
    for model in apps.get_app_config(room).get_models()
    if issubclass(model, AppendOnly)
]
TABLES = [model._meta.db_table for model in FACTS]


def run(statement: str) -> None:
    """One statement, undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def unique_columns(model: type[models.Model]) -> set[tuple[str, ...]]:
    """Every set of columns that holds a row only once, but the primary key."""
    alone = {
        (field.column,)
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }
    return alone | {
        tuple(model._meta.get_field(name).column for name in each.fields)
        for each in model._meta.constraints
        if isinstance(each, models.UniqueConstraint)
    }


def one_of_each() -> dict[str, models.Model]:
    """A row in each table that is simple to fill."""
    by = person()
    ticket = incident(by)
    worker = Person.objects.create(name="张三")
    came = Attendance(
        person=worker, date=date(2026, 11, 23), came_at=NOW, source="门禁", entered_at=NOW, by=by,
        by_name="张三",
    )  # fmt: skip
    came.save()
    article = Article(
        number=1, version=1, title="处理", solution="重启", at=NOW, by=by, by_name="张"
    )
    article.save()
    link = TicketTarget(
        ticket=ticket, target=target(), at=NOW,
        by_name="张三",
    )  # fmt: skip
    link.save()
    event = TicketEvent.objects.first()
    assert event is not None
    return {each._meta.db_table: each for each in (event, came, article, link)}


@pytest.mark.django_db
def test_the_migrations_alone_leave_every_table_of_facts_guarded(
    django_db_setup: tuple[str, ...],
) -> None:
    assert django_db_setup == (), "a migration rebuilt the table: end it with guard.stand"


def test_every_model_of_facts_names_its_table_to_the_guard() -> None:
    named = {each.table for each in guard.everywhere()}
    assert set(TABLES) <= named
    assert len(TABLES) >= 12


@pytest.mark.parametrize("model", FACTS, ids=TABLES)
def test_the_guard_knows_every_key_by_which_a_row_could_be_replaced(model: Any) -> None:
    (held,) = (each for each in guard.everywhere() if each.table == model._meta.db_table)
    assert set(held.keys) == unique_columns(model)
    assert held.key == model._meta.pk.column


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_its_triggers(table: str) -> None:
    assert queries.guarded()
    (held,) = (each for each in guard.everywhere() if each.table == table)
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor, (held,))
    assert queries.unguarded() == (table,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["desk_ticketevent", "desk_attendance", "desk_article", "desk_tickettarget"]
)
def test_a_row_of_facts_is_neither_changed_nor_deleted_by_any_statement(table: str) -> None:
    row = one_of_each()[table]
    for statement in (
        f"UPDATE {table} SET id = id",
        f"UPDATE {table} SET by_name = '别人' WHERE id = {row.pk}",
        f"DELETE FROM {table} WHERE id = {row.pk}",
    ):
        with pytest.raises(DatabaseError, match="只可追加"):
            run(statement)
    row.refresh_from_db()
    assert row.by_name != "别人"  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_query_set_that_goes_round_the_model_is_refused_too() -> None:
    one_of_each()
    with pytest.raises(DatabaseError, match="只可追加"), transaction.atomic():
        models.QuerySet(TicketEvent).update(at=NOW - timedelta(days=1))
    with pytest.raises(DatabaseError, match="只可追加"), transaction.atomic():
        models.QuerySet(TicketEvent)._raw_delete(using="default")


@pytest.mark.django_db
def test_a_table_is_not_emptied_nor_a_row_replaced_by_its_number_or_its_key() -> None:
    rows = one_of_each()
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")  # no truncating while a foreign key waits
        for table in rows:
            with pytest.raises(DatabaseError, match="只可追加"):
                run(f"TRUNCATE {table} CASCADE")
        return
    for table, row in rows.items():
        with pytest.raises(IntegrityError, match="不可替换"):
            run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        row.refresh_from_db()
    columns = "number, version, title, symptom, cause, solution, keywords, at, by_name, by_id"
    with pytest.raises(IntegrityError, match="不可替换"):  # its own id, another's key
        run(f"INSERT OR REPLACE INTO desk_article ({columns}) SELECT {columns} FROM desk_article")
    assert Article.objects.count() == 1


@pytest.mark.django_db
def test_adding_stays_possible_and_an_ordinary_double_is_still_an_integrity_error() -> None:
    article = one_of_each()["desk_article"]
    assert isinstance(article, Article)
    again = {"title": "二", "solution": "换盘", "at": NOW, "by": article.by, "by_name": "张"}
    Article(number=1, version=2, **again).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Article(number=1, version=2, **again).save()
    assert Article.objects.count() == 2


@pytest.mark.django_db
def test_a_missing_trigger_comes_back_and_the_chain_names_the_table() -> None:
    gone = [each for each in guard.everywhere() if each.table == "desk_effort"]
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor, gone)
    assert restore_guard(datetime(2026, 11, 23, 9, tzinfo=NOW.tzinfo))
    newest = entries().first()
    assert newest is not None
    assert "desk_effort" in newest.reason
    assert queries.unguarded() == ()


@pytest.mark.django_db
def test_a_table_rebuilt_as_a_migration_does_it_loses_its_triggers_and_is_named() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL alters a table where it stands")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE rebuilt AS SELECT * FROM desk_delivery")
        cursor.execute("DROP TABLE desk_delivery")
        cursor.execute("ALTER TABLE rebuilt RENAME TO desk_delivery")
    assert queries.unguarded() == ("desk_delivery",)


def test_a_table_without_another_name_gives_its_own_to_its_triggers() -> None:
    assert Guarded("desk_effort").prefix == "desk_effort"
    assert guard.AUDIT.prefix == "audit"
