"""The tender's register, seeded, and what imports of it need."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def contract_folder(content_folder: Path) -> Path:
    return content_folder / "contracts" / "jingan-2022"


@pytest.fixture
def register(db: None, contract_folder: Path) -> None:
    """The tender's 54 rows, 172 units, 25 applications."""
    from jingwei.assets import actions  # noqa: PLC0415 - Django is ready by now

    actions.seed(contract_folder, now=NOW)


@pytest.fixture
def import_rows() -> Callable[..., Any]:
    """Imports a header and rows as an XLSX, for real unless told otherwise."""
    from jingwei.assets import actions  # noqa: PLC0415
    from jingwei.assets.tables import writing  # noqa: PLC0415

    def run(
        headers: Sequence[str], *rows: Sequence[str], dry_run: bool = False, **more: Any
    ) -> Any:
        data = writing.to_xlsx("表", headers, rows)
        return actions.import_file(data, dry_run=dry_run, actor="tester", now=NOW, **more)

    return run
