"""What every write of this room does: ask who may, stamp what is late, add to the audit chain."""

from datetime import datetime, timedelta
from typing import Any

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.contract.actions.errors import BadInputError, ForbiddenError
from jingwei.contract.clauses import Clauses
from jingwei.contract.models import Contract
from jingwei.contract.queries.content import content_of

LATE = timedelta(minutes=30)
_WORDS = {May.HANDLE_TICKETS: "登记履约记录", May.APPROVE_TICKETS: "代表甲方确认"}


def demand(by: User, *any_of: May) -> None:
    """Raises ForbiddenError unless this person may do one of these."""
    if not (by.is_active and any(may(by.role, each) for each in any_of)):
        what = "或".join(_WORDS[each] for each in any_of)
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能{what}")


def name_of(by: User) -> str:
    """How a person is named in a record."""
    return by.full_name or by.username


def past(at: datetime, now: datetime) -> datetime:
    """The instant itself. Raises BadInputError without a time zone or when it is still to come."""
    if at.tzinfo is None:
        raise BadInputError("at", f"时间缺少时区：{at.isoformat()}")
    if at > now:
        raise BadInputError("at", "时间晚于当前时间；只能记录已经发生的事")
    return at


def wanted(field: str, text: str, what: str, most: int = 200) -> str:
    """The text without blanks around it. Raises BadInputError when it is empty or too long."""
    found = text.strip()
    if not found or "\x00" in found:
        raise BadInputError(field, f"请填写{what}")
    if len(found) > most:
        raise BadInputError(field, f"{what}不超过 {most} 字，收到 {len(found)} 字")
    return found


def clauses_of(contract: Contract) -> Clauses:
    """What the contract's content says. Raises BadInputError for a contract without obligations."""
    found = content_of(contract)
    if found is None:
        raise BadInputError("contract", f"{contract.code} 没有登记义务")
    return found


def audit(
    contract: Contract, action: str, by: User, now: datetime, *, key: str, after: Any,
    reason: str = "",
) -> None:  # fmt: skip
    """One link of the audit chain."""
    accounts.record(
        by, f"contract.{action}", kind="contract", key=key,
        after={"contract": f"{contract.code} v{contract.version}", **after}, reason=reason, now=now,
    )  # fmt: skip
