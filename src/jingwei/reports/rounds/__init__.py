"""Reports about rounds, checks and discharges people make by the calendar, and about the register.

One module a kind: its frozen dataclass, `gather`, `document` and `conclusion`.
"""
