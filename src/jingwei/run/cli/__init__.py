"""The operator's command line: one file a group, all calling the same actions as the pages."""

import os

import typer


def main() -> None:
    """Entry point of `jingwei`: prepares Django, then hands over to the groups."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.run.settings")
    build()()


def build() -> typer.Typer:
    """The command tree. Imports the groups late: they need Django ready."""
    import django  # noqa: PLC0415

    django.setup()
    from jingwei.run.cli import tree  # noqa: PLC0415

    return tree.app
