"""Modules of the product, found by their names and by what addresses lead to."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pharmacy
import randomization


def delivery_modules() -> list[str]:
    """Modules called `web` or `api`, those inside them, and whatever a `urls` module leads to."""
    names = set()
    for package in (randomization, pharmacy):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            parts = module.name.split(".")
            if {"web", "api"} & set(parts):
                names.add(module.name)
            elif parts[-1] == "urls":
                views = vars(import_module(module.name)).values()
                names |= {view.__name__ for view in views if inspect.ismodule(view)}
    return sorted(name for name in names if not name.startswith("django"))


def modules_of_services() -> Iterator[str]:
    for package in (randomization, pharmacy):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".services." in module.name:
                yield module.name
