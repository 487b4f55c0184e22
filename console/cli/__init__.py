"""The `waybill` command: a thin client of REST. It knows no table and no settings."""

from console.cli.command import main

__all__ = ["main"]
