"""What processes cost: CPU seconds and memory of a tree, read from /proc."""

from pathlib import Path


def tree(roots: list[int]) -> list[int]:
    """The processes and everything they started that still runs."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (fields := _stat(int(path.name))) is not None:
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def seconds(roots: list[int]) -> float:
    """CPU seconds the living processes of the trees have run so far, to the nanosecond.

    From schedstat, not from the ticks of stat: who wakes often and sleeps before the next tick is
    hardly seen by ticks. Processes that ended meanwhile are not counted: none of the sides has any.
    """
    total = 0
    for pid in tree(roots):
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except (OSError, IndexError):
                continue
    return total / 1e9


def resident(roots: list[int], part: str = "Pss") -> float:
    """Memory of the trees in MB; what processes share is counted once (PSS).

    `part` "Pss_Anon" is what they hold themselves, without the files they map (a database).
    """
    total = 0
    for pid in tree(roots):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(
            int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{part}:")
        )
    return total / 1024


def _stat(pid: int) -> list[str] | None:
    """The fields of stat after the name, which may hold spaces: state, parent, ..."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()
