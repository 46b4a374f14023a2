"""The one table of allowed transitions: what leads where, for which kinds, and who may.

What is not in here cannot happen, from no page, command or interface. `needs` names the facts a
step cannot do without; what must be compared with other facts is guarded in `actions`.
"""

from dataclasses import dataclass

from jingwei.accounts.roles import May
from jingwei.desk.models.words import Kind, State


@dataclass(frozen=True, slots=True)
class Transition:
    """One step. `needs` are names of facts, "reason" among them."""

    step: str
    label: str
    kinds: frozenset[Kind]
    start: frozenset[State]
    end: State
    may: May
    needs: tuple[str, ...] = ()


_ALL = frozenset(Kind)
_DATA = frozenset({Kind.DATA_CHANGE})
_CHANGE = frozenset({Kind.CHANGE})
_PLAIN = _ALL - _DATA
_WORK, _CLIENT = May.HANDLE_TICKETS, May.APPROVE_TICKETS
_S = State


def _of(*states: State) -> frozenset[State]:
    return frozenset(states)


TABLE: tuple[Transition, ...] = (
    Transition("accept", "受理", _PLAIN, _of(_S.NEW), _S.ACCEPTED, _WORK),
    Transition("start", "开始处理", _PLAIN - _CHANGE, _of(_S.ACCEPTED), _S.WORKING, _WORK),
    # A change needs the client's word and a signed health check before anybody touches a device.
    Transition("approve", "批准变更", _CHANGE, _of(_S.ACCEPTED), _S.APPROVED, _CLIENT),
    Transition(
        "sign_precheck", "签署变更前健康检查", _CHANGE, _of(_S.APPROVED), _S.PRECHECKED, _CLIENT,
        ("precheck_ref",),
    ),
    Transition("start", "开始变更", _CHANGE, _of(_S.PRECHECKED), _S.WORKING, _WORK),
    Transition("resolve", "解决", _PLAIN, _of(_S.WORKING), _S.RESOLVED, _WORK, ("solution",)),
    Transition("reopen", "退回处理", _PLAIN, _of(_S.RESOLVED), _S.WORKING, _WORK, ("reason",)),
    Transition("reject", "用户不认可", _PLAIN, _of(_S.RESOLVED), _S.WORKING, _CLIENT, ("reason",)),
    Transition("confirm", "用户确认", _PLAIN, _of(_S.RESOLVED), _S.CONFIRMED, _CLIENT),
    Transition("close", "关闭", _PLAIN, _of(_S.CONFIRMED), _S.CLOSED, _WORK),
    # A provider that could cancel a fault by itself could stop any clock.
    Transition(
        "cancel", "撤销", _PLAIN,
        _of(_S.NEW, _S.ACCEPTED, _S.APPROVED, _S.PRECHECKED, _S.WORKING), _S.CANCELLED, _CLIENT,
        ("reason",),
    ),
    Transition("apply", "提交申请", _DATA, _of(_S.DRAFT, _S.RETURNED), _S.APPLIED, _WORK),
    Transition("review", "信息中心审核", _DATA, _of(_S.APPLIED), _S.REVIEWED, _CLIENT),
    Transition(
        "approve", "批准", _DATA, _of(_S.REVIEWED), _S.APPROVED, _CLIENT,
        ("window_start", "window_end"),
    ),
    Transition(
        "approve_orally", "记录紧急口头批准", _DATA, _of(_S.APPLIED, _S.REVIEWED), _S.APPROVED,
        _WORK, ("oral_by", "window_start", "window_end", "reason"),
    ),
    Transition("approve_again", "二级批准", _DATA, _of(_S.APPROVED), _S.APPROVED, _CLIENT),
    Transition(
        "back_up", "完成备份", _DATA, _of(_S.APPROVED), _S.BACKED_UP, _WORK, ("backup_ref",)
    ),
    Transition(
        "execute", "开始执行", _DATA, _of(_S.BACKED_UP), _S.EXECUTING, _WORK, ("session_ref",)
    ),
    Transition(
        "finish", "执行完成", _DATA, _of(_S.EXECUTING), _S.EXECUTED, _WORK,
        ("actual_rows", "images_ref"),
    ),
    Transition(
        "roll_back", "回滚", _DATA, _of(_S.EXECUTING, _S.EXECUTED, _S.CHECKED), _S.ROLLED_BACK,
        _WORK, ("reason",),
    ),
    Transition("check", "复核", _DATA, _of(_S.EXECUTED), _S.CHECKED, _WORK),
    Transition(
        "verify", "申请人验证", _DATA, _of(_S.CHECKED), _S.VERIFIED, _CLIENT, ("verified_by",)
    ),
    Transition("archive", "归档", _DATA, _of(_S.VERIFIED, _S.ROLLED_BACK), _S.ARCHIVED, _WORK),
    Transition(
        "return", "退回", _DATA, _of(_S.APPLIED, _S.REVIEWED, _S.APPROVED), _S.RETURNED, _CLIENT,
        ("reason",),
    ),
    Transition(
        "cancel", "撤销", _DATA,
        _of(_S.DRAFT, _S.RETURNED, _S.APPLIED, _S.REVIEWED, _S.APPROVED, _S.BACKED_UP),
        _S.CANCELLED, _WORK, ("reason",),
    ),
)  # fmt: skip


def find(kind: str, state: str, step: str) -> Transition | None:
    """The transition of that name from here, or None when there is no such way."""
    for each in TABLE:
        if each.step == step and kind in each.kinds and state in each.start:
            return each
    return None


def from_here(kind: str, state: str) -> tuple[Transition, ...]:
    """Every way on from here, in the order of the table."""
    return tuple(each for each in TABLE if kind in each.kinds and state in each.start)


def first_state(kind: Kind) -> State:
    """Where a new ticket begins."""
    return State.DRAFT if kind is Kind.DATA_CHANGE else State.NEW
