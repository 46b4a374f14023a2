"""A whole server for the browser tests: its own process, data folder and SQLite file.

`serve.py FOLDER make` makes the small district; `serve` prints its port and serves until stdin
closes; `hotter` plays the worker once: one more thing turns abnormal.
"""
# ruff: noqa: PLC0415 - Django comes after the environment is set

import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "web"))


def main(folder: Path, act: str) -> None:
    """Prepare Django on that folder, then do one of the three."""
    (folder / "static").mkdir(parents=True, exist_ok=True)
    os.environ["JINGWEI_DATA"] = str(folder)
    os.environ.pop("JINGWEI_DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
    import django

    django.setup()
    {"make": make, "serve": serve, "hotter": hotter, "drill": drill, "sign": sign}[act]()


def hotter() -> None:
    """The PACS refuses us from now on."""
    from django.utils import timezone

    from jingwei.checks.actions import Answer, write_answers
    from jingwei.checks.models import Check, CheckState, Finding, RoutineRun
    from jingwei.terms import Result

    now = timezone.now()
    check = Check.objects.get(key="APP-10:app.dicom")
    CheckState.objects.filter(pk=check.pk).update(result="abnormal", reading="关联被拒绝")
    finding = Finding.objects.create(
        check_ref=check, target=check.target, item=check.item, origin="check", result="abnormal",
        opened_at=now, reading="关联被拒绝",
    )  # fmt: skip
    answer = Answer(
        "app.dicom", check.target_id, Result.ABNORMAL, "关联被拒绝", finding_id=finding.pk
    )
    write_answers(RoutineRun.objects.get(), [answer], now)


def drill() -> None:
    """The array is one the region can play; then what a worker does until no drill runs."""
    import time

    from django.utils import timezone

    from jingwei.assets.models import AssetRow
    from jingwei.emergency.models import Drill
    from jingwei.run.drills.attend import Attendant

    AssetRow.objects.filter(code="HW-016").update(vendor="Huawei", model="OceanStor 5500 V3")
    attendant = Attendant()
    try:
        while Drill.objects.filter(state="running").exists():
            attendant.look(timezone.now())
            time.sleep(0.5)
    finally:
        attendant.close()


def sign() -> None:
    """The contract is in force today, as a copy moved by whole years."""
    from django.utils import timezone

    from jingwei.contract import actions

    today = timezone.localdate()
    actions.load(Path(__file__).resolve().parents[2] / "content/contracts/jingan-2022", today)
    actions.ensure_demo_copy(today)


def make() -> None:
    """The tables, this year's working days, the district and people of both sides."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone
    from web_making import PASSWORD, make_world

    from jingwei.accounts.models import User
    from jingwei.calendars import actions as calendars
    from jingwei.emergency import actions as emergency

    call_command("migrate", verbosity=0, skip_checks=True)
    make_world()
    calendars.seed(timezone.now())
    content = Path(__file__).resolve().parents[2] / "content/contracts/jingan-2022"
    emergency.load_plans(content, timezone.now())
    for name, role in (
        ("wanglei", "first_line"), ("liqiang", "second_line"), ("gujing", "client_approver"),
        ("wall", "visitor"), ("zhaomin", "system_admin"),
    ):  # fmt: skip
        User.objects.create_user(name, password=PASSWORD, role=role, full_name=name.title())
    _staff(User.objects.get(username="wanglei"))
    connection.close()  # the file is copied next: nothing may be left in its log


def _staff(user: object) -> None:
    """Four on site, the first of them with a login, and four of the second line."""
    from jingwei.assets.models import Person

    for number, name in enumerate(("王磊", "驻场2", "驻场3", "驻场4"), 1):
        Person.objects.create(name=name, line="first", user=user if number == 1 else None)
    for number in range(1, 5):
        Person.objects.create(name=f"二线{number}", line="second")


def serve() -> None:
    """Print the port, serve until nobody holds our stdin any more."""
    import waitress

    from jingwei.run.wsgi import application

    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=12)
    print(server.effective_port, flush=True)
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
