"""Jingwei 静卫: the operations platform of a regional health information platform."""

__version__ = "0.1.0"
