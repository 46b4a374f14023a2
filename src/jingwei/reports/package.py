"""Office files as what they are: zip packages, packed so that equal contents give equal bytes."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)


def repacked(made: bytes, changed: Mapping[str, bytes] | None = None) -> bytes:
    """The same package with one fixed time stamp on every part; `changed` parts are replaced."""
    changed = changed or {}
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as source, zipfile.ZipFile(target, "w") as packed:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            packed.writestr(info, changed.get(name) or source.read(name))
    return target.getvalue()
