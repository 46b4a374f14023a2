"""Every write of emergencies and drills."""
