"""Reading channels: the shared ones, one's own, and what was sent on them."""

from django.db.models import Prefetch, QuerySet

from jingwei.accounts.models import User
from jingwei.assets.credentials import SealBrokenError, unseal
from jingwei.desk import media
from jingwei.desk.models import Delivery, Medium, Notice, NoticeChannel

LATELY = 20


def shared(medium: Medium) -> QuerySet[NoticeChannel]:
    """The shared channels of a medium that are on: what a person's own may go through."""
    return NoticeChannel.objects.filter(user=None, medium=medium, enabled=True)


def own(user: User) -> QuerySet[NoticeChannel]:
    """This person's channels, those that are on first."""
    return user.notice_channels.order_by("-enabled", "pk")


def lately(user: User) -> QuerySet[Notice]:
    """What was last said to this person, with each attempt."""
    rows = Notice.objects.filter(channel__user=user).select_related("channel").order_by("-pk")
    return rows.prefetch_related(Prefetch("deliveries", Delivery.objects.order_by("pk")))[:LATELY]


def via(channel: NoticeChannel) -> NoticeChannel | None:
    """The shared channel a person's own goes through; None when it is gone, off or unreadable."""
    try:
        held = unseal(bytes(channel.address), media.seal_name(channel.name)).get("via", "")
    except SealBrokenError:
        return None
    return shared(Medium(channel.medium)).filter(pk=int(held)).first() if held else None


def free_name(user: User, medium: Medium) -> str:
    """A name no channel has yet: whose it is, how it travels, a number where one is needed."""
    name = f"{user.username[:40]} {medium.label}"
    taken = set(NoticeChannel.objects.filter(name__startswith=name).values_list("name", flat=True))
    tries = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(each for each in tries if each not in taken)
