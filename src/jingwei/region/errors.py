"""What can go wrong with the region itself, as opposed to the faults it plays."""


class RegionError(Exception):
    """The region cannot do what was asked. The message is Chinese and says what to do."""
