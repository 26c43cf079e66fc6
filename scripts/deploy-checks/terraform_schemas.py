"""What Terraform's providers know, read from the typed packages that were generated from them.

The providers themselves are in no registry that is reached from here. CDKTF's packages tell the
names as Terraform has them, and which are blocks. Pulumi's tell names in camel case, types and what
is required, and no more: what of theirs is a block, and which names are required that Pulumi makes
up itself, is written down here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
_COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)
_MAP = re.compile(r"\{\s*\[key: string\]: ([^;]+);\s*\}")
_INPUT = re.compile(r"^ +(?:readonly )?(\w+)(\??): (.*);$", re.MULTILINE)
_SIMPLE = {"string": "string", "number": "number", "boolean": "bool", "any": "string"}


@dataclass(frozen=True, slots=True)
class Pulumi:
    """A package of Pulumi's.

    Attributes:
        nested_are_blocks: what has fields of its own is a block; otherwise it is an attribute.
        named: resources whose `name` or `display_name` is required, though Pulumi makes it up.
        resources: Terraform's names, and the files that tell of them.
    """

    folder: Path
    nested_are_blocks: bool
    resources: Mapping[str, str]
    blocks: tuple[str, ...] = ()

    def schemas(self) -> Schema:
        inner = _interfaces((self.folder / "types" / "input.d.ts"), missing_ok=True)
        outer = _interfaces((self.folder / "types" / "output.d.ts"), missing_ok=True)
        provider = _bare((self.folder / "provider.d.ts").read_text("utf-8"))
        given = _fields(_body(provider, "interface ProviderArgs "))
        return {
            "provider": self._block(given, {}, inner, outer, optional=True),
            "resources": {
                name: self._resource(file, inner, outer) for name, file in self.resources.items()
            },
            "data": {},
        }

    def _resource(self, file: str, inner: Mapping[str, str], outer: Mapping[str, str]) -> Schema:
        text = _bare((self.folder / f"{file}.d.ts").read_text("utf-8"))
        kind = file[0].upper() + file[1:]
        given = _fields(_body(text, f"interface {kind}Args "))
        told = _fields(_body(text, f"class {kind} "))
        for name in ("name", "displayName"):
            if name in given:
                given[name] = (given[name][0], True)
        told["id"] = ("string", False)
        return self._block(given, told, inner, outer)

    def _block(
        self,
        given: Mapping[str, tuple[str, bool]],
        told: Mapping[str, tuple[str, bool]],
        inner: Mapping[str, str],
        outer: Mapping[str, str],
        *,
        optional: bool = False,
    ) -> Schema:
        attributes: Schema = {}
        blocks: Schema = {}
        for name, (kind, required) in given.items():
            key = snake(name)
            plain, is_list = _listed(kind)
            fields = _fields(inner.get(plain.removeprefix("inputs."), ""))
            if plain.startswith("inputs.") and (self.nested_are_blocks or key in self.blocks):
                block = self._block(fields, {}, inner, outer)
                blocks[key] = {**block, "required": required, "single": not is_list}
                continue
            wanted = required and not optional
            attributes[key] = {
                **self._described(kind, inner),
                "required": wanted,
                "optional": not wanted,
                "computed": not wanted and name in told and not optional,
            }
        for name, (kind, _) in told.items():
            if (key := snake(name)) not in attributes and key not in blocks:
                attributes[key] = {"type": _type(kind, outer), "computed": True}
        return {"attributes": attributes, "blocks": blocks}

    def _described(self, kind: str, inner: Mapping[str, str]) -> Schema:
        """The type, or the attributes of what has some."""
        plain, is_list = _listed(kind)
        if not plain.startswith("inputs."):
            return {"type": _type(kind, inner)}
        fields = _fields(inner[plain.removeprefix("inputs.")])
        attributes = {
            snake(name): {
                **self._described(one, inner),
                "required": required,
                "optional": not required,
            }
            for name, (one, required) in fields.items()
        }
        return {"nested": {"attributes": attributes, "list": is_list}}


@dataclass(frozen=True, slots=True)
class Cdktf:
    """A package of CDKTF's.

    Attributes:
        resources, data: Terraform's names, and the folders that tell of them.
    """

    folder: Path
    resources: Mapping[str, str]
    data: Mapping[str, str]

    def schemas(self) -> Schema:
        return {
            "provider": _cdktf_block(self.folder / "lib" / "provider", optional=True),
            "resources": {
                k: _cdktf_block(self.folder / "lib" / v) for k, v in self.resources.items()
            },
            "data": {k: _cdktf_block(self.folder / "lib" / v) for k, v in self.data.items()},
        }


def _cdktf_block(folder: Path, *, optional: bool = False) -> Schema:
    text = (folder / "index.d.ts").read_text("utf-8")
    interface = re.search(
        r"export interface (\w+)Config (?:extends [^{]*)?\{(.*?)\n\}", text, re.DOTALL
    )
    if interface is None:
        raise ValueError(f"{folder} has no Config")
    block = _cdktf_fields(interface[2], text)
    for one in block["attributes"].values():
        one["computed"] = one["optional"] and not optional
    getters = re.search(rf"export declare class {interface[1]} (.*?)\n\}}", text, re.DOTALL)
    for name, kind in re.findall(r"get (\w+)\(\): ([^;]+);", getters[1] if getters else ""):
        key = snake(name)
        known = key in block["attributes"] or key in block["blocks"]
        if not known and not name.endswith("Input") and (told := _listed(kind)[0]) in _SIMPLE:
            block["attributes"][key] = {"type": _SIMPLE[told], "computed": True}
    return block


def _cdktf_fields(body: str, text: str) -> Schema:
    attributes: Schema = {}
    blocks: Schema = {}
    pattern = r"/\*\*(.*?)\*/\s*readonly \w+(\??): (.*?);(?:\n|$)"
    for comment, question, kind in re.findall(pattern, body, re.DOTALL):
        key = re.search(r"#(\w+) ", comment)[1]  # type: ignore[index]
        plain = kind.partition(" | ")[0].removesuffix("[]")
        if key == "id" or key == "alias":
            continue
        if " block\n" in comment:
            inner = re.search(rf"export interface {plain} \{{(.*?)\n\}}", text, re.DOTALL)
            nested = _cdktf_fields(inner[1] if inner else "", text)
            single = not kind.partition(" | ")[0].endswith("[]")
            blocks[key] = {**nested, "required": not question, "single": single}
        else:
            described = {"required": not question, "optional": bool(question)}
            attributes[key] = {"type": _type(kind.partition(" | ")[0], {}), **described}
    attributes.setdefault(
        "id", {"type": "string", "computed": True, "optional": True, "required": False}
    )
    return {"attributes": attributes, "blocks": blocks}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _bare(text: str) -> str:
    """Without comments, maps on one line, and the wrappers of Pulumi's values taken away."""
    text = _MAP.sub(r"Map<\1>", _COMMENT.sub("", text))
    for wrapper in ("pulumi.Input<", "pulumi.Output<"):
        text = text.replace(wrapper, "<")
    return text


def _interfaces(path: Path, *, missing_ok: bool = False) -> Mapping[str, str]:
    if missing_ok and not path.exists():
        return {}
    text = _bare(path.read_text("utf-8"))
    return dict(re.findall(r"export interface (\w+) \{(.*?)\n\}", text, re.DOTALL))


def _body(text: str, head: str) -> str:
    found = re.search(rf"export (?:declare )?{re.escape(head)}(.*?)\n\}}", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there is no {head}")
    return found[1]


def _fields(body: str) -> dict[str, tuple[str, bool]]:
    """Type and whether it must be given, by name."""
    return {name: (_plain(kind), not question) for name, question, kind in _INPUT.findall(body)}


def _plain(kind: str) -> str:
    kind = kind.replace(" | undefined", "").replace(" ", "")
    if "Map<" in kind:
        return "Map<string>"
    return kind.replace("<", "").replace(">", "")


def _listed(kind: str) -> tuple[str, bool]:
    return kind.removesuffix("[]"), kind.endswith("[]")


def _type(kind: str, interfaces: Mapping[str, str]) -> Any:
    """In the form of cty's JSON. What is no part of the check's files may be anything: a text."""
    if kind == "Map<string>":
        return ["map", "string"]
    plain, is_list = _listed(kind)
    name = plain.rpartition(".")[2]
    if plain in _SIMPLE:
        inner: Any = _SIMPLE[plain]
    elif name in interfaces:
        inner = ["object", dict(_object(interfaces[name], interfaces))]
    else:
        inner = "string"
    return ["list", inner] if is_list else inner


def _object(body: str, interfaces: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, (kind, _) in _fields(body).items():
        yield snake(name), _type(kind, interfaces)
