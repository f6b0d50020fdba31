"""Imports a small package that no image brings along."""

import iniconfig  # pyright: ignore[reportMissingImports]  # the run installs it

print("imported", iniconfig.__name__)
