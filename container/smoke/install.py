"""Imports a small package that no image brings along."""

import iniconfig

print("imported", iniconfig.__name__)
