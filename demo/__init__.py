"""The face: pages that show what the registry knows. ``build_demo(store)`` makes the app; nothing is computed here."""

from .shell import build_demo, launch_options, warm_up

__all__ = ["build_demo", "launch_options", "warm_up"]
