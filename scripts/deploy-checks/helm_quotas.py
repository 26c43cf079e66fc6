"""Whether the pods of a release fit into the quota that it sets: else none of them would start."""

from collections.abc import Iterator, Sequence
from typing import Any

_FACTORS = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9}


def quota_problems(objects: Sequence[Any], pods: Sequence[Any]) -> Iterator[str]:
    containers = [container for pod in pods for container in pod.spec["containers"]]
    for one in objects:
        if one["kind"] == "ResourceQuota":
            yield from _beyond(one["spec"]["hard"], containers, objects, len(pods))
        elif one["kind"] == "LimitRange":
            (limits,) = one["spec"]["limits"]
            for container in containers:
                for what, most in limits["max"].items():
                    if amount(container["resources"]["limits"][what]) > amount(most):
                        yield f"{container['name']} has more {what} than one may have, {most}"


def _beyond(
    hard: Any, containers: Sequence[Any], objects: Sequence[Any], pods: int
) -> Iterator[str]:
    sizes = [
        claim["spec"]["resources"]["requests"]["storage"]
        for one in objects
        if one["kind"] == "StatefulSet"
        for claim in one["spec"].get("volumeClaimTemplates", ())
    ]
    taken = {
        "pods": float(pods),
        "persistentvolumeclaims": float(len(sizes)),
        "requests.storage": sum(amount(size) for size in sizes),
    }
    for kind in ("requests", "limits"):
        for what in ("cpu", "memory"):
            of_each = (amount(one["resources"][kind][what]) for one in containers)
            taken[f"{kind}.{what}"] = sum(of_each)
    for what, most in hard.items():
        if taken[what] > amount(most):
            yield f"the pods take {taken[what]:g} of {what}, and the quota is {most}"


def amount(quantity: str | int) -> float:
    """Cores, bytes or pieces (API conventions, "Quantity")."""
    text = str(quantity)
    for suffix, factor in _FACTORS.items():
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)
