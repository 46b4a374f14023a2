"""The audit chain: append-only, hashed, free of secrets, and any tampering is named."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from jingwei.accounts import chain, guard, queries
from jingwei.accounts.actions import record, restore_guard
from jingwei.accounts.models import AuditEntry, User
from jingwei.terms import SHANGHAI, Result

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)


def some(count: int) -> list[AuditEntry]:
    """A chain of so many links."""
    return [
        record("张三", "finding.note", kind="finding", key=str(n), after={"n": n}, now=NOW)
        for n in range(count)
    ]


def lift() -> None:
    """Take the guard away, as an intruder with the database's password could."""
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor)


@pytest.mark.django_db
def test_the_first_entry_names_the_genesis_and_the_next_names_the_first() -> None:
    first, second = some(2)
    assert (first.sequence, first.previous_hash) == (1, chain.GENESIS)
    assert (second.sequence, second.previous_hash) == (2, first.hash)


@pytest.mark.django_db
def test_an_entry_says_who_what_when_from_where_and_whether_it_succeeded() -> None:
    user = User.objects.create(username="li", full_name="李四")
    record(
        user, "user.role", kind="user", key="wang", before={"role": "visitor"},
        after={"role": "manager"}, reason="任命", address="127.0.0.9", succeeded=False, now=NOW,
    )  # fmt: skip
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.kind, entry.object_key) == (
        "li", "user.role", "user", "wang",
    )  # fmt: skip
    assert (entry.at, entry.address, entry.succeeded, entry.reason) == (
        NOW, "127.0.0.9", False, "任命",
    )  # fmt: skip
    assert (entry.before, entry.after) == ({"role": "visitor"}, {"role": "manager"})


@pytest.mark.django_db
def test_an_untouched_chain_is_intact() -> None:
    entries = some(5)
    check = queries.verify_chain()
    assert check.intact
    assert (check.entries, check.head) == (5, entries[-1].hash)


@pytest.mark.django_db
def test_an_empty_chain_is_intact() -> None:
    assert queries.verify_chain() == queries.ChainCheck(0, chain.GENESIS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actor", "别人"),
        ("at", NOW + timedelta(microseconds=1)),
        ("after", {"n": 99}),
        ("before", {}),
        ("succeeded", False),
        ("reason", "改过"),
        ("address", "127.0.0.2"),
        ("action", "finding.close"),
        ("kind", "report"),
        ("object_key", "7"),
    ],
)
def test_a_changed_field_breaks_the_chain_at_that_entry(field: str, value: Any) -> None:
    some(5)
    lift()
    AuditEntry.objects.filter(sequence=3).update(**{field: value})
    check = queries.verify_chain()
    assert (check.broken_at, check.reason) == (3, "内容与哈希不符")
    assert check.entries == 2


@pytest.mark.django_db
def test_a_deleted_entry_is_named() -> None:
    some(5)
    lift()
    AuditEntry.objects.filter(sequence=2).delete()
    check = queries.verify_chain()
    assert (check.broken_at, check.reason) == (2, "缺少第 2 条，其后为第 3 条")


@pytest.mark.django_db
def test_an_entry_forged_with_its_own_hash_breaks_the_next_link() -> None:
    some(4)
    lift()
    row = AuditEntry.objects.values(*chain.FIELDS).get(sequence=2) | {"actor": "别人"}
    AuditEntry.objects.filter(sequence=2).update(actor="别人", hash=chain.digest(row))
    check = queries.verify_chain()
    assert (check.broken_at, check.reason) == (3, "前一条的哈希不符")


@pytest.mark.django_db
def test_a_cut_tail_is_seen_by_whoever_kept_the_last_hash() -> None:
    witness = some(5)[-1]
    lift()
    AuditEntry.objects.filter(sequence__gte=4).delete()
    assert queries.verify_chain().intact, "the chain alone can't know"
    check = queries.verify_chain(witness=(witness.sequence, witness.hash))
    assert (check.broken_at, check.reason) == (4, "缺少链外留存的第 5 条")


@pytest.mark.django_db
def test_a_chain_rewritten_as_a_whole_does_not_match_the_kept_hash() -> None:
    witness = some(3)[1]
    lift()
    AuditEntry.objects.all().delete()
    some(2)
    record("别人", "finding.note", now=NOW)
    assert queries.verify_chain(witness=(2, witness.hash)).intact
    AuditEntry.objects.all().delete()
    for _ in range(3):
        record("别人", "finding.note", now=NOW)
    check = queries.verify_chain(witness=(2, witness.hash))
    assert (check.broken_at, check.reason) == (2, "与链外留存的哈希不一致")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET actor = 'x'",
        "UPDATE accounts_auditentry SET actor = 'x' WHERE sequence = 1",
        "DELETE FROM accounts_auditentry",
        "DELETE FROM accounts_auditentry WHERE sequence = 2",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement: str) -> None:
    some(2)
    with (
        pytest.raises(DatabaseError, match="只可追加"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert queries.verify_chain().entries == 2


@pytest.mark.django_db
def test_the_database_refuses_to_empty_or_replace() -> None:
    some(2)
    statement = {
        "sqlite": "INSERT OR REPLACE INTO accounts_auditentry SELECT * FROM accounts_auditentry",
        "postgresql": "TRUNCATE accounts_auditentry",
    }[connection.vendor]
    with (
        pytest.raises(DatabaseError, match="只可追加"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert queries.verify_chain().intact


@pytest.mark.django_db
def test_the_models_own_delete_and_save_are_refused_too() -> None:
    entry = some(1)[0]
    with pytest.raises(DatabaseError, match="只可追加"), transaction.atomic():
        entry.delete()
    entry.sequence, entry.actor = 1, "别人"
    with pytest.raises(DatabaseError, match="只可追加"), transaction.atomic():
        entry.save()
    assert AuditEntry.objects.get().actor == "张三"


@pytest.mark.django_db
def test_whether_the_guard_stands_is_known() -> None:
    assert queries.guarded()
    lift()
    assert not queries.guarded()


@pytest.mark.django_db
def test_a_missing_guard_is_set_again_and_the_chain_says_so() -> None:
    some(1)
    assert not restore_guard(NOW)
    lift()
    assert restore_guard(NOW)
    assert queries.guarded()
    newest = queries.entries().first()
    assert newest is not None
    assert (newest.action, newest.succeeded) == ("audit.guard_restored", False)
    with pytest.raises(DatabaseError, match="只可追加"), transaction.atomic():
        newest.delete()


@pytest.mark.django_db
def test_what_is_undone_leaves_no_entry_and_no_gap() -> None:
    some(1)
    with transaction.atomic():
        record("张三", "asset.change", now=NOW)
        transaction.set_rollback(True)  # the change itself failed
    some(1)
    assert queries.verify_chain().entries == 2


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_chain() -> None:
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for n in range(10):
                record(name, "finding.note", key=str(n), now=NOW)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    check = queries.verify_chain()
    assert (check.intact, check.entries) == (True, 40)


@pytest.mark.django_db
def test_each_entry_leaves_its_hash_in_the_log(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with caplog.at_level("INFO", "jingwei.audit"), django_capture_on_commit_callbacks(execute=True):
        entry = some(1)[0]
    assert [row.audit_hash for row in caplog.records] == [entry.hash]  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="缺少时区"):
        record("张三", "login", now=datetime(2026, 1, 1))


@pytest.mark.django_db
def test_texts_too_long_are_cut_visibly_and_still_chained() -> None:
    entry = record("人" * 300, "a" * 100, key="k" * 300, reason="因" * 5000, now=NOW)
    entry.refresh_from_db()
    assert [len(entry.actor), len(entry.action), len(entry.object_key)] == [150, 64, 128]
    assert entry.actor.endswith("…")
    assert queries.verify_chain().intact


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [1e22, 1e-7, 0.1, -0.0, 2.5e300, float("nan"), float("inf"), 10**30, "a\0b", "\ud800", True],
)
def test_odd_values_come_back_from_the_database_as_they_were_hashed(value: Any) -> None:
    record("张三", "probe", before=value, after={"v": [value, {"w": value}]}, now=NOW)
    assert queries.verify_chain().intact


@pytest.mark.django_db
def test_secrets_do_not_enter() -> None:
    record(
        "张三", "endpoint.save", kind="endpoint", key="HW-016-1",
        before={"password": "Old-Secret-1", "key": "HW-016-1"},
        after={"settings": {"community": "Very-Private", "auth_key": "Auth-Key-2"}, "port": 161},
        reason="password=Plain-3", now=NOW,
    )  # fmt: skip
    entry = AuditEntry.objects.values().get()
    text = json.dumps(entry, default=str, ensure_ascii=False)
    for secret in ("Old-Secret-1", "Very-Private", "Auth-Key-2", "Plain-3"):
        assert secret not in text
    assert entry["before"]["key"] == "HW-016-1"
    assert entry["after"]["port"] == 161


@pytest.mark.django_db
def test_entries_are_found_by_object_actor_action_text_and_time() -> None:
    record("张三", "user.role", kind="user", key="li", reason="任命", now=NOW)
    record("李四", "user.create", kind="user", key="wang", now=NOW + timedelta(hours=1))
    record("李四", "username", kind="asset", key="HW-001", now=NOW + timedelta(hours=2))
    found = {
        "user li": queries.entries("user", "li"),
        "actor": queries.entries(actor="李四"),
        "action": queries.entries(action="user"),
        "text": queries.entries(text="任命"),
        "since": queries.entries(since=NOW + timedelta(hours=1)),
        "until": queries.entries(until=NOW + timedelta(hours=1)),
    }
    assert {name: [entry.sequence for entry in rows] for name, rows in found.items()} == {
        "user li": [1], "actor": [3, 2], "action": [2, 1], "text": [1], "since": [3, 2],
        "until": [1],
    }  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_plain_values_are_json_and_stay_what_they_are(value: Any) -> None:
    once = chain.plain(value)
    again = json.loads(json.dumps(once, allow_nan=False))
    assert again == once
    assert chain.plain(again) == once


def test_plain_knows_enums_dates_sets_and_strangers() -> None:
    assert chain.plain({"r": Result.NORMAL, "d": NOW, "s": {2, 1}, "p": Path("x")}) == {
        "r": "normal", "d": NOW.isoformat(), "s": [1, 2], "p": "x",
    }  # fmt: skip


def test_the_hash_is_the_documented_one_and_the_time_zone_does_not_matter() -> None:
    entry = dict.fromkeys(chain.FIELDS, "x") | {"sequence": 1, "at": NOW, "succeeded": True}
    written = json.dumps(
        entry | {"at": "2026-11-23T00:30:00.000000+00:00"}, sort_keys=True,
        separators=(",", ":"), ensure_ascii=False,
    )  # fmt: skip
    assert chain.digest(entry) == hashlib.sha256(written.encode()).hexdigest()
    assert chain.digest(entry | {"at": NOW.astimezone(UTC)}) == chain.digest(entry)


def test_a_missing_field_can_not_be_hashed() -> None:
    with pytest.raises(KeyError):
        chain.digest({"sequence": 1})
