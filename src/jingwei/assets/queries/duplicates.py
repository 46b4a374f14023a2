"""Rows and units that may stand for the same thing: flagged for a person, never merged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from jingwei.assets.models import AssetRow, Endpoint, Unit


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Keys of the register that look alike, why, and what to do about it."""

    kind: str
    keys: tuple[str, ...]
    why: str

    @property
    def advice(self) -> str:
        """What a person should do."""
        return _ADVICE[self.kind]

    @property
    def links(self) -> list[tuple[str, str]]:
        """What to show and the register key to look it up by."""
        return [(key, key.split()[0]) for key in self.keys]


_ADVICE = {
    "serial": "现场核对序列号，改正录错的一台",
    "row": "现场核对序列号；是否同一批由甲方裁定（招标文件疑问，不合并）",
    "address": "核对地址和端口，改正录错的一个",
    "place": "现场核对机柜和 U 位",
}


def suspected_duplicates() -> list[Suspicion]:
    """All suspicions: same serial, same model and purchase month, same address and port, same U."""
    return [*_serials(), *_rows(), *_addresses(), *_places()]


def _serials() -> list[Suspicion]:
    repeated = (
        Unit.objects.filter(valid_to__isnull=True)
        .exclude(serial="")
        .values_list("serial")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .values_list("serial", flat=True)
        .order_by("serial")
    )
    return _grouped(
        "serial",
        [
            (serial, code, f"序列号同为 {serial}")
            for serial, code in Unit.objects.filter(
                serial__in=list(repeated), valid_to__isnull=True
            ).values_list("serial", "code")
        ],
    )


def _rows() -> list[Suspicion]:
    """Rows of one model bought in one month, unless both state different uses or zones."""
    alike: dict[tuple[int, str, date], list[AssetRow]] = defaultdict(list)
    for row in AssetRow.objects.exclude(model=""):
        alike[row.site_id, row.model, row.purchase_month].append(row)
    found = []
    for rows in alike.values():
        close = [row for row in rows if any(_may_be_one(row, one) for one in rows)]
        if close:
            why = f"型号同为 {close[0].model}，购置月份同为 {close[0].purchase_month:%Y-%m}"
            found.append(Suspicion("row", tuple(row.code for row in close), why))
    return found


def _may_be_one(one: AssetRow, other: AssetRow) -> bool:
    if one.pk == other.pk:
        return False
    stated = ((one.role, other.role), (one.zone, other.zone))
    return all(not a or not b or a == b for a, b in stated)


def _addresses() -> list[Suspicion]:
    alike = [
        (f"{one.address}:{one.port}", f"{one.target.key} {one.protocol}", "")
        for one in Endpoint.objects.filter(demo=False)
        .exclude(port=0)
        .select_related("target")
        .order_by("target__order")
    ]
    found = []
    for suspicion_key, members in _groups(alike).items():
        targets = {key.split()[0] for key, _ in members}
        if len(targets) > 1:  # one thing may speak two protocols on one port
            keys = tuple(key for key, _ in members)
            found.append(Suspicion("address", keys, f"地址和端口同为 {suspicion_key}"))
    return found


def _places() -> list[Suspicion]:
    alike = [
        (
            f"{one.rack_id} {one.rack_u}",
            one.code,
            f"同在 {one.rack} 的 U{one.rack_u}",
        )
        for one in Unit.objects.filter(
            rack__isnull=False, rack_u__isnull=False, valid_to__isnull=True
        ).select_related("rack__room")
    ]
    return _grouped("place", alike)


def _grouped(kind: str, alike: list[tuple[str, str, str]]) -> list[Suspicion]:
    return [
        Suspicion(kind, tuple(key for key, _ in members), members[0][1])
        for members in _groups(alike).values()
        if len(members) > 1
    ]


def _groups(alike: list[tuple[str, str, str]]) -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for group, key, why in alike:
        groups[group].append((key, why))
    return groups
