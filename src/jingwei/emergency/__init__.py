"""Emergencies of level 1 and 2, contingency plans, drills: one set of clocks for all three."""
