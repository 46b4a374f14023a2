"""Where things lie: the data folder people back up, and the content shipped with the code."""

import os
from contextlib import suppress
from pathlib import Path


def data_folder() -> Path:
    """`JINGWEI_DATA`, or ./data: everything this installation owns."""
    return Path(os.environ.get("JINGWEI_DATA", "data")).absolute()


def content_folder() -> Path:
    """The contracts, device models and routines: inside the wheel, or beside src in a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "content"
    return shipped if shipped.is_dir() else package.parent.parent / "content"


def private(path: Path) -> None:
    """Makes a file that only its owner can read, or makes one so that is there: the database holds
    people's names, phones and institutions.

    SQLite gives its -wal and -shm the mode of the file. What cannot be changed is left as it is:
    the connection says what is wrong, the doctor who can read it.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            if each.exists() and each.stat().st_mode & 0o077:
                each.chmod(0o600)
