"""python -m jingwei.run: the same as `jingwei`."""

from jingwei.run.cli import main

main()
