"""Every write of the register; each change goes to the audit chain with before and after."""

from jingwei.assets.actions.credentials import remove_credential, save_credential
from jingwei.assets.actions.endpoints import (
    remove_demo_endpoints,
    remove_endpoint,
    save_endpoint,
    set_endpoints,
)
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.actions.imports import Imported, import_file
from jingwei.assets.actions.save import Change, edit_application, edit_row, edit_unit, save
from jingwei.assets.actions.seed import SeedError, seed
from jingwei.assets.actions.seen import MovedOnError, marks
from jingwei.assets.actions.uploads import drop_upload, keep_upload, kept_upload

__all__ = [
    "Change",
    "Imported",
    "MovedOnError",
    "RefusedError",
    "SeedError",
    "drop_upload",
    "edit_application",
    "edit_row",
    "edit_unit",
    "import_file",
    "keep_upload",
    "kept_upload",
    "marks",
    "remove_credential",
    "remove_demo_endpoints",
    "remove_endpoint",
    "save",
    "save_credential",
    "save_endpoint",
    "seed",
    "set_endpoints",
]
