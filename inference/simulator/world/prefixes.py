"""What of a prompt was seen before: chains of blocks, remembered for a while. Pure."""

import zlib
from collections import OrderedDict
from collections.abc import Sequence


def blocks_of(prompt: str, size: int, most: int = 256) -> tuple[int, ...]:
    """One number for each whole block; equal numbers mean equal text up to there."""
    data = prompt.encode()
    chain, found = 0, []
    for start in range(0, min(len(data), size * most) - size + 1, size):
        chain = zlib.crc32(data[start : start + size], chain)
        found.append(chain)
    return tuple(found)


class Prefixes:
    """The last `capacity` blocks."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held: OrderedDict[int, None] = OrderedDict()

    def matched(self, blocks: Sequence[int]) -> int:
        """How many of the blocks, from the first on, are held."""
        for count, block in enumerate(blocks):
            if block not in self._held:
                return count
        return len(blocks)

    def keep(self, blocks: Sequence[int]) -> None:
        for block in blocks:
            self._held[block] = None
            self._held.move_to_end(block)
        while len(self._held) > self._capacity:
            self._held.popitem(last=False)

    def __len__(self) -> int:
        return len(self._held)
