"""The allocation plan: arms, ratio, block sizes and strata, read from its file; contents are in `formulary`. UNBLINDED.

Pure: no Django.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import rfc8785

from randomization.shared.protocol import CLASSES
from randomization.shared.toml_file import Table, read_text
from randomization.unblinded.formulary.contents import (
    Content,
    ContentKey,
    Level,
    Product,
    Source,
    read_contents,
    read_products,
)


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm and its share of each block."""

    name: str
    ratio: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of the plan, frozen with every list that was generated from it."""

    trial: str
    version: int
    arms: tuple[Arm, ...]
    block_sizes: tuple[int, ...]
    stratify_by_class: bool
    diluent: str
    products: Mapping[str, Product]
    contents: Mapping[ContentKey, Content]
    plan_hash: str

    @property
    def arm_names(self) -> tuple[str, ...]:
        """The arms in their order."""
        return tuple(arm.name for arm in self.arms)

    def strata(self) -> tuple[str | None, ...]:
        """The strata within a site: the immune classes, or one without a name."""
        return CLASSES if self.stratify_by_class else (None,)

    def content(self, *, arm: str, immune_class: str, route: str, level: Level) -> Content:
        """What the syringe of this route holds; the plan has an entry for every combination."""
        return self.contents[arm, immune_class, route, level]

    def needs(self, content: Content) -> dict[str, int]:
        """Units by product that one syringe takes; the diluent counts where the plan keeps it as a product."""
        wanted = {content.product: content.draw_ml}
        rest = content.final_ml - content.draw_ml
        for code, product in self.products.items():
            if rest and product.name == self.diluent:
                wanted[code] = wanted.get(code, Decimal(0)) + rest
        return {code: self.products[code].units(volume) for code, volume in wanted.items()}

    def may_need(self, route: str, level: Level) -> dict[str, int]:
        """Units by product that a syringe of this route may take, whatever the arm and class: the most of each."""
        most: dict[str, int] = {}
        for (_arm, _class, of_route, of_level), content in self.contents.items():
            if (of_route, of_level) == (route, level):
                for code, units in self.needs(content).items():
                    most[code] = max(units, most.get(code, 0))
        return dict(sorted(most.items()))

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that have contents."""
        return tuple(sorted({key[2] for key in self.contents}))

    def routes_of(self, product: str) -> frozenset[str]:
        """The routes for which a syringe of any arm, class and level may need the product."""
        return frozenset(route for route in self.routes for level in Level if product in self.may_need(route, level))


def _arm(table: Table) -> Arm:
    arm = Arm(table.text("name"), table.integer("ratio", most=64))
    table.done()
    if "|" in arm.name:
        raise table.refuse("name", "holds '|': remove it.")
    return arm


def _check_arms(top: Table, arms: tuple[Arm, ...]) -> None:
    if len({arm.name for arm in arms}) != len(arms) or not 2 <= len(arms) <= 256:
        raise top.refuse("arm", "give two or more arms, each with a name of its own.")


def _check_complete(top: Table, arms: tuple[Arm, ...], contents: Mapping[ContentKey, Content]) -> None:
    routes = sorted({key[2] for key in contents})
    for arm, immune_class, route, level in itertools.product(arms, CLASSES, routes, Level):
        if (arm.name, immune_class, route, level) not in contents:
            place = f"{arm.name}, {immune_class}, {route}, {level}"
            raise top.refuse("content", f"arm without contents for {place}: add an entry.")
    for route in routes:
        volumes = {entry.final_ml for key, entry in contents.items() if key[2] == route}
        if len(volumes) > 1:
            raise top.refuse("content", f"{route} syringes differ in final_ml: volumes must be the same for every arm.")


def _check_blocks(top: Table, arms: tuple[Arm, ...], sizes: tuple[int, ...]) -> None:
    total = sum(arm.ratio for arm in arms)
    for size in sizes:
        if not 1 <= size <= 256 or size % total:
            raise top.refuse("block_sizes", f"{size} is not a multiple of {total}, the sum of the ratios, up to 256.")
    if len(set(sizes)) != len(sizes):
        raise top.refuse("block_sizes", "a size stands twice: name each once.")


def parse_plan(text: str, *, name: str = "plan") -> Plan:
    """Read the text of a plan; raises ConfigurationError naming every wrong key and what to do."""
    return Table.parsed(text, name, _plan)


def _plan(top: Table) -> Plan:
    arms, products, sizes = top.each("arm", _arm), read_products(top), top.integers("block_sizes")
    fields = {
        "trial": top.text("trial"),
        "version": top.integer("version"),
        "stratify_by_class": top.flag("stratify_by_class"),
        "diluent": top.text("diluent"),
    }
    contents = read_contents(top)
    top.done()
    _check_arms(top, arms)
    _check_blocks(top, arms, sizes)
    _check_complete(top, arms, contents)
    return Plan(
        **fields,  # type: ignore[arg-type]
        arms=arms,
        block_sizes=sizes,
        products=products,
        contents=contents,
        plan_hash=_plan_hash(fields, arms, sizes, products, contents),
    )


def _plan_hash(
    fields: Mapping[str, object],
    arms: tuple[Arm, ...],
    sizes: tuple[int, ...],
    products: Mapping[str, Product],
    contents: Mapping[ContentKey, Content],
) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of everything the plan says; decimals are strings.

    `gtins` are left out: packs get new article numbers, and a list stays bound to the plan that it was sealed under.
    `source` and `unit_ml` stand in it only where the file gives them, so that a plan without them keeps its hash.
    """
    canonical: dict[str, object] = {
        **fields,
        "arms": [{"name": arm.name, "ratio": arm.ratio} for arm in arms],
        "block_sizes": list(sizes),
        "products": [
            {
                "code": item.code,
                "name": item.name,
                "strength": item.strength,
                "storage": item.storage,
                **({"source": str(item.source)} if item.source is not Source.SPONSOR else {}),
                **({"unit_ml": str(item.unit_ml)} if item.unit_ml is not None else {}),
            }
            for _code, item in sorted(products.items())
        ],
        "contents": [
            {
                "arm": key[0],
                "class": key[1],
                "route": key[2],
                "level": str(key[3]),
                "product": entry.product,
                "amount": entry.amount,
                "draw_ml": str(entry.draw_ml),
                "final_ml": str(entry.final_ml),
            }
            for key, entry in sorted(contents.items())
        ],
    }
    return sha256(rfc8785.dumps(canonical)).hexdigest()  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def plan_of(text: str) -> Plan:
    """A kept plan, parsed once."""
    return parse_plan(text)


def load_plan(path: str | Path) -> Plan:
    """Read a plan file; see `parse_plan`."""
    return parse_plan(read_text(path), name=Path(path).name)
