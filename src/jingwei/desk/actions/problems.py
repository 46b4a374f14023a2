"""A problem ticket for what keeps coming back: repeated data fixes of one cause are a defect."""

from datetime import datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.forms import keep
from jingwei.desk.actions.intake import Intake, open_ticket
from jingwei.desk.forms.others import PROBLEM
from jingwei.desk.models import Channel, Kind, Ticket
from jingwei.desk.queries.data_changes import Repeated

FIT = 200  # characters of the field that names the changes


def open_problem(found: Repeated, by: User, now: datetime) -> Ticket:
    """One tap: a problem that names the changes; who is in charge is filled in later.

    Raises BadInputError when such a problem is open already, ForbiddenError.
    """
    if found.problem is not None:
        raise BadInputError("problem", f"已有问题单 {found.problem.number}")
    title = f"{found.system}反复数据修改：{found.cause}"[:200]
    intake = Intake(
        kind=Kind.PROBLEM, title=title, channel=Channel.OTHER, application=found.application
    )
    numbers = list(found.numbers)
    while len(" ".join(numbers)) > FIT:
        numbers.pop(0)  # the newest ones say where to look
    pattern = f"{found.system}因“{found.cause}”在 90 天内修改数据 {len(found.numbers)} 次"
    with transaction.atomic():
        ticket = open_ticket(intake, by, now)
        keep(ticket, PROBLEM, {"incidents": " ".join(numbers), "pattern": pattern}, by, now)
    return ticket
