"""From content and register to checks: made once, changed in place, never deleted."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import check_making as making
import pytest
from check_making import NOON, celsius, saw

from jingwei.assets import actions as assets
from jingwei.assets.models import Database, Endpoint, Target
from jingwei.checks import content
from jingwei.checks.actions import record, sync
from jingwei.checks.actions.sync import sync_checks
from jingwei.checks.models import Check, CheckState, Finding, Observation
from jingwei.checks.queries import facts_of
from jingwei.region import plan
from jingwei.rules.rule import parse
from jingwei.terms import Endpoint as Place
from jingwei.terms import Peer, Result

pytestmark = pytest.mark.django_db

TEMPLATE = content.CheckTemplate(
    id="modbus.temperature", item="room.temperature", label="机房温度", probe="modbus",
    protocol="modbus", options={"read": []}, rules=(parse(making.HOT),), every=60, timeout=3,
    retries=1, strikes=2, on_error=Result.UNCHECKED, source="tender L664",
)  # fmt: skip
ROOM = content.DeviceModel(
    id="room", label="机房", source="tender", match=content.Match(kinds=("room",)),
    checks=(TEMPLATE,),
    unchecked=(content.Unchecked("room.leak", "没有漏水绳"),),
)  # fmt: skip


@pytest.fixture
def room() -> Target:
    return making.target()


def test_a_target_with_an_endpoint_gets_its_check_and_a_state_that_is_due(room: Target) -> None:
    endpoint = making.endpoint(room)
    assert sync_checks([ROOM], NOON) == sync.Synced(1, 0, 0, 0)
    check = Check.objects.get()
    assert check.key == "ROOM-01:modbus.temperature"
    assert check.endpoint == endpoint
    assert [parse(table) for table in check.rules] == [parse(making.HOT)]
    state = CheckState.objects.get(check_ref=check)
    assert state.result == Result.UNCHECKED
    assert state.due is not None
    assert NOON < state.due <= NOON + timedelta(seconds=60)


def test_a_target_without_the_protocol_gets_no_check_and_the_reason_says_so(room: Target) -> None:
    making.endpoint(room, "snmp", 161)
    assert sync_checks([ROOM], NOON).created == 0
    wanted = [("room.temperature", room.pk), ("room.leak", room.pk), ("room.walk", room.pk)]
    reasons = sync.unchecked_reasons([ROOM], wanted)
    assert "modbus" in reasons["room.temperature", room.pk]
    assert reasons["room.leak", room.pk] == "没有漏水绳"
    assert reasons["room.walk", room.pk]


def test_syncing_again_changes_nothing(room: Target) -> None:
    making.endpoint(room)
    sync_checks([ROOM], NOON)
    before = CheckState.objects.get().due
    assert sync_checks([ROOM], NOON + timedelta(hours=1)) == sync.Synced(0, 0, 1, 0)
    assert CheckState.objects.get().due == before


def test_a_changed_template_changes_its_check_in_place(room: Target) -> None:
    making.endpoint(room)
    sync_checks([ROOM], NOON)
    check = Check.objects.get()
    record([saw(check, celsius(24))])
    cooler = replace(TEMPLATE, every=120, rules=(parse({**making.HOT, "crit": "not 18..26"}),))
    synced = sync_checks([replace(ROOM, checks=(cooler,))], NOON)
    assert synced == sync.Synced(0, 1, 0, 0)
    changed = Check.objects.get()
    assert (changed.pk, changed.every) == (check.pk, 120)
    assert changed.rules[0]["crit"] == "not 18..26"
    assert Observation.objects.exists()


def test_a_template_that_is_gone_switches_its_check_off_and_closes_its_finding(
    room: Target,
) -> None:
    making.endpoint(room)
    sync_checks([ROOM], NOON)
    check = Check.objects.get()
    record([saw(check, celsius(30), confirmed=True)])
    assert sync_checks([], NOON + timedelta(minutes=5)).disabled == 1
    check.refresh_from_db()
    finding = Finding.objects.get()
    assert not check.enabled
    assert finding.closed_at == NOON + timedelta(minutes=5)
    assert "停用" in finding.detail
    assert Observation.objects.filter(series__check_ref=check).exists()
    assert CheckState.objects.get(check_ref=check).due is None


def test_a_template_that_comes_back_takes_up_its_old_check(room: Target) -> None:
    making.endpoint(room)
    sync_checks([ROOM], NOON)
    pk = Check.objects.get().pk
    sync_checks([], NOON)
    assert sync_checks([ROOM], NOON) == sync.Synced(0, 1, 0, 0)
    check = Check.objects.get()
    assert (check.pk, check.enabled) == (pk, True)
    assert CheckState.objects.get().due is not None


def test_an_endpoint_that_is_removed_switches_its_check_off(room: Target) -> None:
    making.endpoint(room)
    sync_checks([ROOM], NOON)
    Endpoint.objects.all().delete()
    assert sync_checks([ROOM], NOON).disabled == 1
    assert Check.objects.get().endpoint is None


def test_a_target_out_of_service_is_not_checked(room: Target) -> None:
    making.endpoint(room)
    Target.objects.update(valid_to=date(2026, 11, 23))
    assert sync_checks([ROOM], NOON).created == 0
    Target.objects.update(valid_to=date(2026, 11, 24))
    assert sync_checks([ROOM], NOON).created == 1


def test_a_passive_check_needs_no_endpoint_and_keeps_its_token(room: Target) -> None:
    beat = replace(
        TEMPLATE, id="backup.beat", item="backup.run", probe="heartbeat", protocol="heartbeat",
        options={"every": 3600}, rules=(parse({"reading": "heartbeat.overdue", "crit": "= true"}),),
    )  # fmt: skip
    model = replace(ROOM, checks=(beat,))
    sync_checks([model], NOON)
    token = Check.objects.get().heartbeat_token
    assert len(token) >= 32
    sync_checks([replace(ROOM, checks=(replace(beat, every=120),))], NOON)
    assert Check.objects.get().heartbeat_token == token


def test_a_database_is_matched_by_its_engine() -> None:
    database = Database.objects.create(code="DB-09", name="x", engine="postgresql")
    target = Target.objects.create(key="DB-09", kind="database", label="x", database=database)
    assert facts_of(target).engine == "postgresql"


def test_all_the_shipped_content_syncs_over_the_shipped_register(content_folder: Path) -> None:
    folder = content_folder
    assets.seed(folder / "contracts" / "jingan-2022", now=NOON)
    devices = content.load_devices(folder / "devices")
    places = []
    for target in Target.objects.select_related("unit__row", "database"):
        facts = facts_of(target)
        peer = Peer(target.key, target.kind, target.label, facts.vendor, facts.model)
        places += [Place(target.key, one, "127.0.0.1", 1) for one in plan.protocols_of(peer)]
    assets.set_endpoints(places, demo=True, actor="x", now=NOON)
    synced = sync_checks(devices, NOON)
    assert synced.created == Check.objects.count() > 600
    assert sync_checks(devices, NOON) == sync.Synced(0, 0, synced.created, 0)
