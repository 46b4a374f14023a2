"""Judging readings: pure functions over values. No Django, clock, disk, network or chance.

document ─▶ rule (+ condition, units, duration) ─▶ judge ─▶ state
                                         baseline, summary: looking back over days
"""
