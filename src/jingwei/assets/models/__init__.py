"""The register: what there is, where it stands, what it depends on, how it can be asked."""

from jingwei.assets.models.application import Application, Coverage, Database, System
from jingwei.assets.models.hardware import AssetRow, PowerCord, Unit
from jingwei.assets.models.people import Person, Vendor
from jingwei.assets.models.place import Institution, Rack, Room, Site
from jingwei.assets.models.target import Credential, Dependency, Endpoint, Target

__all__ = [
    "Application",
    "AssetRow",
    "Coverage",
    "Credential",
    "Database",
    "Dependency",
    "Endpoint",
    "Institution",
    "Person",
    "PowerCord",
    "Rack",
    "Room",
    "Site",
    "System",
    "Target",
    "Unit",
    "Vendor",
]
