"""Forms fed by the desk: one paper a ticket, and ledgers of a period (reports.md section 16).

One module a kind: its frozen dataclass, `gather`, `document` and `conclusion`.
"""
