"""What the year happens to: the tender's 54 rows of devices, its 25 applications, its people."""

# Quantity of each row of the tender's list of devices, HW-001 to HW-054: 172 units.
_QUANTITIES = (
    2, 1, 2, 1, 2, 2, 2, 2, 2, 2, 4, 9, 5, 10, 2, 1, 2, 4, 2, 2, 1, 2, 2, 4, 2, 1, 2, 2, 1, 1,
    1, 1, 2, 1, 16, 6, 1, 2, 1, 1, 2, 1, 2, 2, 1, 1, 1, 1, 1, 2, 1, 1, 27, 20,
)  # fmt: skip
UNITS = tuple(
    f"HW-{row:03d}-{number}"
    for row, quantity in enumerate(_QUANTITIES, start=1)
    for number in range(1, quantity + 1)
)
UPS = ("HW-002-1", "HW-003-1", "HW-003-2", "HW-004-1")
APPLICATIONS = tuple(f"APP-{number:02d}" for number in range(1, 26))
CORE, PLAIN = "APP-10", "APP-15"  # PACS is named by the tender; the other nobody calls core
SERVER = "HW-005-1"  # no core device by itself, at 永和路
ROOM = "ROOM-01"
FIRST_LINE = ("year-first-1", "year-first-2", "year-first-3", "year-first-4", "year-first-5")
SECOND_LINE = ("year-second-1", "year-second-2", "year-second-3")
