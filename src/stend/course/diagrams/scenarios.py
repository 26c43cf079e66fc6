"""Every way through a diagram: which branches are taken, and what is sent then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stend.course.diagrams.model import Block, BlockKind, Branch, Diagram, DiagramError, Message
from stend.kit.languages import Text

_MOST = 256
_CONDITIONAL = frozenset({BlockKind.ALT, BlockKind.OPT, BlockKind.CRITICAL, BlockKind.BREAK})


@dataclass(frozen=True, slots=True)
class Step:
    """
    Attributes:
        parallel: the branches of `par` around it, as (line of the block, number of the branch).
        is_repeated: it stands in a loop.
    """

    message: Message
    parallel: tuple[tuple[int, int], ...] = ()
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    Attributes:
        taken: lines of the conditional branches on this way.
        is_broken: a `break` has ended the block around it.
    """

    steps: tuple[Step, ...] = ()
    taken: frozenset[int] = frozenset()
    is_broken: bool = False


def scenarios(diagram: Diagram) -> tuple[Scenario, ...]:
    """
    Raises:
        DiagramError: there are too many to look at.
    """
    return tuple(_through(diagram.items))


def conditional_branches(diagram: Diagram) -> tuple[Branch, ...]:
    """Those that may be taken or not, as they stand in the file, if anything is sent there."""
    return tuple(_conditional(diagram.items))


def _conditional(items: Sequence[Message | Block]) -> Iterator[Branch]:
    for one in items:
        if isinstance(one, Block):
            for branch in one.branches:
                if one.kind in _CONDITIONAL and branch.items:
                    yield branch
                yield from _conditional(branch.items)


def _through(items: Sequence[Message | Block]) -> list[Scenario]:
    ways = [Scenario()]
    for one in items:
        nexts = [Scenario((Step(one),))] if isinstance(one, Message) else _ways(one)
        ways = [
            joined
            for way in ways
            for joined in ([way] if way.is_broken else [_joined(way, then) for then in nexts])
        ]
        if len(ways) > _MOST:
            raise DiagramError(
                one.line,
                Text(
                    ru=f"сочетаний веток больше {_MOST}",
                    en=f"there are more than {_MOST} combinations of branches",
                ),
                Text(ru="меньше", en="fewer"),
                Text(
                    ru="Соберите ветки одного исхода в один alt.",
                    en="Gather the branches of one outcome into one alt.",
                ),
            )
    return ways


def _ways(block: Block) -> list[Scenario]:
    if block.kind is BlockKind.PAR:
        return _side_by_side(block)
    ways = [
        replace(way, taken=way.taken | {branch.line}) if block.kind in _CONDITIONAL else way
        for branch in block.branches
        for way in _through(branch.items)
    ]
    if block.kind is BlockKind.BREAK:
        ways = [replace(way, is_broken=True) for way in ways]
    else:
        # A break ends the block that it stands in, and nothing more.
        ways = [replace(way, is_broken=False) for way in ways]
    if block.kind is BlockKind.LOOP:
        ways = [_repeated(way) for way in ways]
    is_optional = block.kind in (BlockKind.OPT, BlockKind.BREAK)
    if is_optional or (block.kind is BlockKind.ALT and len(block.branches) == 1):
        ways.append(Scenario())
    return ways


def _side_by_side(block: Block) -> list[Scenario]:
    ways = [Scenario()]
    for number, branch in enumerate(block.branches):
        mark = (block.line, number)
        ways = [
            _joined(way, _marked(then, mark)) for way in ways for then in _through(branch.items)
        ]
        if len(ways) > _MOST:
            break
    return ways


def _marked(way: Scenario, mark: tuple[int, int]) -> Scenario:
    steps = tuple(replace(one, parallel=(mark, *one.parallel)) for one in way.steps)
    return replace(way, steps=steps, is_broken=False)


def _repeated(way: Scenario) -> Scenario:
    return replace(way, steps=tuple(replace(one, is_repeated=True) for one in way.steps))


def _joined(way: Scenario, then: Scenario) -> Scenario:
    return Scenario(way.steps + then.steps, way.taken | then.taken, then.is_broken)
