"""As `pip._internal`, which programs use like `pip` itself."""

import pip
from pip import main as main

__path__ += [f"{folder}/_internal" for folder in pip.__path__[1:]]
