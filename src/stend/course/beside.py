"""Loads a Python file of the course by its path: these folders are no packages."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def beside(file: str, name: str) -> ModuleType:
    """A module of an exercise's own, for a `checks.py` that would be too long otherwise.

    Args:
        file: `__file__` of the one who asks.
        name: path from its folder: `operations.py`, `starter/store.py`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = Path(file).parent / name
    whole = "_".join(path.with_suffix("").parts[-4:]).replace("-", "_")
    spec = importlib.util.spec_from_file_location(f"stend_course_{whole}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their own module up there.
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module
