"""Sending what stands in the outbox: one small file a medium, one loop beside the engine."""
