"""The check engine beside its peers: targets, and one side per system, each started and counted."""
