"""The figures of one try, counted while its answer streams. Pure; seconds of a monotonic clock."""

from dataclasses import dataclass

from inference.health.chunks import Chunk


@dataclass(slots=True)
class Tally:
    """`began`: when the gateway was dialled, as any client would have to."""

    began: float
    first_at: float | None = None
    last_at: float | None = None
    pieces: int = 0
    counted: int | None = None
    finish: str = ""

    def take(self, chunk: Chunk, now: float) -> None:
        if chunk.says_something:
            self.pieces += 1
            self.first_at = now if self.first_at is None else self.first_at
            self.last_at = now
        if chunk.tokens is not None:
            self.counted = chunk.tokens
        self.finish = chunk.finish or self.finish

    @property
    def first_token_ms(self) -> int | None:
        return None if self.first_at is None else round((self.first_at - self.began) * 1000)

    @property
    def until_now_ms(self) -> int | None:
        """From the call to the last that was said."""
        return None if self.last_at is None else round((self.last_at - self.began) * 1000)

    @property
    def tokens(self) -> int:
        """As the engine counts them, where it does; else the pieces that came."""
        return self.pieces if self.counted is None else self.counted

    @property
    def tokens_per_second(self) -> float | None:
        """Of those after the first, which waits for the prompt. None for fewer than two."""
        if self.first_at is None or self.last_at is None or self.tokens < 2:  # noqa: PLR2004
            return None
        span = self.last_at - self.first_at
        return (self.tokens - 1) / span if span > 0 else None
