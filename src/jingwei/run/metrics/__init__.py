"""Numbers out: observations written to a remote Prometheus (remote-write 1.0)."""
