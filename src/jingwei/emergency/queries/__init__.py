"""Every read of emergencies and drills."""
