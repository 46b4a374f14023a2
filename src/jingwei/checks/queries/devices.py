"""The device models of the content, and what they say of one target of the register."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from jingwei.assets.models import Target
from jingwei.checks import content


def device_models() -> list[content.DeviceModel]:
    """The device models of the content, read again when a file changed. Raises ContentError."""
    folder = Path(settings.JINGWEI_CONTENT)
    files = [*folder.glob("devices/*.toml"), *folder.glob("routines/*.toml")]
    return _load(folder, tuple(sorted((str(f), f.stat().st_mtime_ns) for f in files)))


@lru_cache(maxsize=2)
def _load(folder: Path, state: tuple[tuple[str, int], ...]) -> list[content.DeviceModel]:
    del state
    return content.load_devices(folder / "devices")


def facts_of(target: Target) -> content.TargetFacts:
    """What content may match on. `target` has its unit's row, and its database, loaded."""
    row = target.unit.row if target.unit else None
    return content.TargetFacts(
        key=target.key,
        kind=target.kind,
        vendor=row.vendor if row else "",
        model=row.model if row else "",
        role=row.role if row else "",
        zone=row.zone if row else "",
        engine=target.database.engine if target.database else "",
    )


def limits_of(target: Target) -> str:
    """What nobody can ask of this target, in the words of its model; empty when nothing is said.

    Content that does not load says nothing here: the board and the doctor tell its mistake.
    """
    try:
        return content.limits_of(device_models(), facts_of(target))
    except content.ContentError:
        return ""
