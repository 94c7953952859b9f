"""Made by fixtures/stubs.py: do not edit."""

# fmt: off
# ruff: noqa: F403
# mypy: disable-error-code="override, misc"

from rrsdk.archetypes.blueprint import *
