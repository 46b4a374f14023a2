"""Where things lie: the data folder people back up, and the content shipped with the code."""

import os
from pathlib import Path


def data_folder() -> Path:
    """`JINGWEI_DATA`, or ./data: everything this installation owns."""
    return Path(os.environ.get("JINGWEI_DATA", "data")).absolute()


def content_folder() -> Path:
    """The contracts, device models and routines: inside the wheel, or beside src in a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "content"
    return shipped if shipped.is_dir() else package.parent.parent / "content"
