"""The ways out: made, changed, switched off; what is secret of them is sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import IntegrityError, transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.credentials import SealBrokenError, seal, unseal
from jingwei.desk import media
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.writing import name_of, plain, wanted
from jingwei.desk.models import Medium, NoticeChannel, Topic

MOST_OWN = 3  # channels of one person
LONGEST_MINUTES = 24 * 60

# A person's own channel goes through one that who manages notices has set up (`media.OWN`): else
# any login could make the server talk to any address inside the network.


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel as somebody wants it. An empty secret keeps the one that is sealed.

    Quiet hours are a person's own: from and to together, clock times in Shanghai.
    """

    name: str
    medium: Medium
    address: Mapping[str, str]
    topics: Sequence[str] = ()
    enabled: bool = True
    throttle_minutes: int = 15
    digest_minutes: int = 0
    user: User | None = None
    via: NoticeChannel | None = field(default=None)
    quiet_from: time | None = None
    quiet_to: time | None = None


def save_channel(
    wanted_: Wanted, by: User, now: datetime, *, channel: NoticeChannel | None = None
) -> NoticeChannel:
    """Make a channel, or change one. A person's own goes `via` a shared channel of its medium.

    Raises ForbiddenError for who may not, BadInputError naming the field that is wrong.
    """
    _may_save(wanted_, channel, by)
    name = plain("name", wanted("name", wanted_.name, "名称"), "名称", 64)
    with transaction.atomic():
        held = channel and NoticeChannel.objects.select_for_update().get(pk=channel.pk)
        address = _address(wanted_, held, by)
        row = held or NoticeChannel(medium=wanted_.medium, user=wanted_.user)
        before = _facts(held) if held else None
        row.name, row.enabled, row.topics = name, wanted_.enabled, _topics(wanted_.topics)
        row.throttle_minutes = _minutes("throttle_minutes", wanted_.throttle_minutes)
        row.digest_minutes = _minutes("digest_minutes", wanted_.digest_minutes)
        row.quiet_from, row.quiet_to = _quiet(wanted_)
        row.address = seal(address, media.seal_name(name))
        row.shown = _shown(row.medium, address, wanted_.via)[:200]
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise BadInputError("name", f"已有名为“{name}”的渠道，请换一个名称") from None
        accounts.record(
            by, "notice_channel.save", kind="notice_channel", key=name, before=before,
            after=_facts(row), now=now,
        )  # fmt: skip
    return row


def switch(channel: NoticeChannel, by: User, now: datetime, *, on: bool) -> None:
    """Switch a channel on or off. What waits on one that is off waits until it is on again.

    Raises ForbiddenError, BadInputError when a person has as many as one may have.
    """
    demand_over(channel, by)
    if on and channel.user is not None and _all_taken(channel.user):
        raise BadInputError("enabled", f"个人渠道最多同时启用 {MOST_OWN} 个；请先停用一个")
    with transaction.atomic():
        if NoticeChannel.objects.filter(pk=channel.pk, enabled=not on).update(enabled=on):
            accounts.record(
                by, "notice_channel.switch", kind="notice_channel", key=channel.name,
                before={"enabled": not on}, after={"enabled": on}, now=now,
            )  # fmt: skip
    channel.refresh_from_db()


def address_of(channel: NoticeChannel) -> dict[str, str]:
    """The whole address, for whoever sends. Raises SealBrokenError, and LookupError when the
    gateway of a person's channel is gone or off, or his account is.
    """
    own = unseal(bytes(channel.address), media.seal_name(channel.name))
    if "via" not in own:
        return own
    if channel.user is not None and not channel.user.is_active:
        raise LookupError("本人的账号已停用")
    gateway = NoticeChannel.objects.filter(
        pk=int(own["via"]), user__isnull=True, medium=channel.medium, enabled=True
    ).first()
    if gateway is None:
        raise LookupError("所用的公共渠道已停用")
    shared = unseal(bytes(gateway.address), media.seal_name(gateway.name))
    return {**shared, **{key: text for key, text in own.items() if key != "via"}}


def demand_over(channel: NoticeChannel, by: User) -> None:
    """Raises ForbiddenError unless it is his own, or a shared one and he manages notices."""
    own = channel.user_id == by.pk and may(by.role, May.SEE_DESK)
    if not by.is_active or not (own or may(by.role, May.MANAGE_NOTICES)):
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能管理这个通知渠道")


def _may_save(wanted_: Wanted, channel: NoticeChannel | None, by: User) -> None:
    if channel is not None:
        demand_over(channel, by)
        if channel.medium != wanted_.medium or channel.user != wanted_.user:
            raise BadInputError("medium", "方式和归属不能改；请另建一个渠道")
    else:
        demand_over(NoticeChannel(user=wanted_.user), by)
        if wanted_.user is not None and _all_taken(wanted_.user):
            raise BadInputError("name", f"个人渠道最多 {MOST_OWN} 个；请先停用一个")
    if wanted_.user is not None:
        if wanted_.medium not in media.OWN:
            raise BadInputError("medium", "Webhook 由管理人设为公共渠道")
        via = wanted_.via
        if via is None or via.user_id is not None or via.medium != wanted_.medium:
            raise BadInputError("via", "请选择经由哪个公共渠道发送")


def _all_taken(user: User) -> bool:
    return user.notice_channels.filter(enabled=True).count() >= MOST_OWN


def _address(wanted_: Wanted, held: NoticeChannel | None, by: User) -> dict[str, str]:
    given = {key: text.strip() for key, text in wanted_.address.items()}
    if wanted_.user is not None and wanted_.via is not None:
        mine = media.OWN[wanted_.medium].name
        text = given.get(mine, "") or (_own_part(held, mine) if held is not None else "")
        if wrong := media.own_problem(wanted_.medium, text):
            raise BadInputError(mine, wrong)
        return {"via": str(wanted_.via.pk), mine: text}
    known = [one.name for one in media.FIELDS[wanted_.medium]]
    whole = {key: given.get(key, "") for key in known}
    if held is not None:
        _keep_secrets(wanted_.medium, whole, held)
    for name, wrong in media.problems(wanted_.medium, whole).items():
        raise BadInputError(name, wrong)
    return whole


def _own_part(held: NoticeChannel, mine: str) -> str:
    """What a person said of himself before; nothing when the key of the seal is gone."""
    try:
        return unseal(bytes(held.address), media.seal_name(held.name)).get(mine, "")
    except SealBrokenError:
        return ""


def _quiet(wanted_: Wanted) -> tuple[time | None, time | None]:
    start, end = wanted_.quiet_from, wanted_.quiet_to
    if (start is None) != (end is None):
        missing = "quiet_from" if start is None else "quiet_to"
        raise BadInputError(missing, "免打扰的开始和结束要一起填，或都留空")
    if start is not None and start == end:
        raise BadInputError("quiet_to", "免打扰的开始和结束不能相同；不想收到请停用")
    if start is not None and wanted_.user is None:
        raise BadInputError("quiet_from", "公共渠道没有免打扰时段")
    return start, end


def _keep_secrets(medium: Medium, address: dict[str, str], held: NoticeChannel) -> None:
    """An empty secret means the one that is there, but never to be sent to another server."""
    try:
        before = unseal(bytes(held.address), media.seal_name(held.name))
    except SealBrokenError:
        return  # the fields say themselves that they must be filled in again
    fields = media.FIELDS[medium]
    places = [one.name for one in fields if one.name in {"host", "port", "base", "url", "security"}]
    moved = any(address[name] != before.get(name, "") for name in places)
    for one in fields:
        if one.secret and not address[one.name] and before.get(one.name):
            if moved:
                raise BadInputError(one.name, f"改了服务地址，请重新填写{one.label}")
            address[one.name] = before[one.name]


def _topics(topics: Sequence[str]) -> list[str]:
    unknown = [each for each in topics if each not in Topic.values]
    if unknown:
        raise BadInputError("topics", f"没有主题“{unknown[0][:30]}”")
    return sorted(set(topics))


def _minutes(name: str, minutes: int) -> int:
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise BadInputError(name, f"应为 0 到 {LONGEST_MINUTES} 分钟，收到 {minutes}")
    return minutes


def _shown(medium: str, address: Mapping[str, str], via: NoticeChannel | None) -> str:
    if via is None:
        return media.shown(Medium(medium), address)
    own = media.own_shown(Medium(medium), address[media.OWN[Medium(medium)].name])
    return f"{via.name} → {own}"


def _facts(channel: NoticeChannel) -> dict[str, object]:
    """What the audit chain keeps of a channel: nothing secret."""
    return {
        "name": channel.name, "medium": str(channel.medium), "shown": channel.shown,
        "topics": list(channel.topics), "enabled": channel.enabled,
        "throttle_minutes": channel.throttle_minutes, "digest_minutes": channel.digest_minutes,
        "user": channel.user.username if channel.user else None,
        "quiet": f"{channel.quiet_from:%H:%M}-{channel.quiet_to:%H:%M}"
        if channel.quiet_from and channel.quiet_to else "",
    }  # fmt: skip
