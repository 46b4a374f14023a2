"""The district's services: queues, caches, a directory, clocks, names, UPS software, a shell."""
