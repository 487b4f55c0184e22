"""What a picker counts: its own picks, and what passed by in the load that nobody sends."""

from inference.simulator.errors import Object
from inference.simulator.world.engines.load import Finished
from inference.simulator.world.engines.loads import Loads
from inference.simulator.world.exposition import Labels
from inference.simulator.world.pickers.metrics import new_page, of_model
from inference.simulator.world.pickers.picking import Endpoint
from inference.simulator.world.pickers.pool import places_of, seen
from inference.simulator.world.view import View


class Counting:
    def __init__(self, version: str) -> None:
        self._page = new_page(version)
        self._tokens: dict[tuple[str, int], int] = {}
        self._running: dict[str, int] = {}
        self._read_until: dict[int, int] = {}

    def in_flight(self, address: str, port: int) -> int:
        """Tokens that were sent to an endpoint and are not answered yet."""
        return self._tokens.get((address, port), 0)

    def picked(self, model: str, chosen: Endpoint, namespace: str, seconds: float) -> None:
        where = (
            ("pod_name", chosen.pod),
            ("namespace", namespace),
            ("port", str(chosen.port)),
        )
        labels: Labels = (("status", "success"), ("target_model_name", model), *where)
        self._page.add("inference_extension_scheduler_attempts_total", labels)
        self._page.observe("inference_extension_scheduler_e2e_duration_seconds", (), seconds)
        self._page.observe("inference_extension_prefix_indexer_hit_ratio", (), chosen.matched)
        self._page.add("inference_objective_request_total", _with_priority(model))

    def failed(self, model: str, code: str) -> None:
        labels = (*of_model(model), ("error_code", code))
        self._page.add("inference_objective_request_error_total", labels)

    def began(self, model: str, chosen: Endpoint, tokens: int) -> None:
        place = (chosen.address, chosen.port)
        self._tokens[place] = self._tokens.get(place, 0) + tokens
        self._running[model] = self._running.get(model, 0) + 1

    def ended(self, model: str, chosen: Endpoint, tokens: int, seconds: float, status: int) -> None:
        """The answer is complete, or will never be; `status` is the one it began with."""
        place = (chosen.address, chosen.port)
        self._tokens[place] = max(0, self._tokens.get(place, 0) - tokens)
        self._running[model] = max(0, self._running.get(model, 0) - 1)
        labels = of_model(model)
        self._page.observe("inference_objective_request_duration_seconds", labels, seconds)
        self._page.observe("inference_objective_input_tokens", labels, tokens)
        if status >= 400:  # noqa: PLR2004  (where errors begin)
            self.failed(model, "ModelServerError")

    def page(self, pool: Object | None, view: View, loads: Loads, blocks: int) -> str:
        """The text of /metrics."""
        for model, running in self._running.items():
            labels = (("model_name", model),)
            self._page.set("inference_objective_running_requests", labels, running)
        self._page.set("inference_extension_prefix_indexer_size", (), blocks)
        if pool is not None:
            self._look_at(pool, view, loads)
        return self._page.text()

    def _look_at(self, pool: Object, view: View, loads: Loads) -> None:
        name = pool["metadata"]["name"]
        labels, places = (("name", name),), places_of(view, pool)
        states = [seen(loads, address, port) for _, address, port in places]
        count = max(1, len(states))
        means = {
            "average_queue_size": sum(one[0] for one in states) / count,
            "average_running_requests": sum(one[1] for one in states) / count,
            "average_kv_cache_utilization": sum(one[2] for one in states) / count,
            "ready_pods": float(len(places)),
        }
        for what, value in means.items():
            self._page.set(f"inference_pool_{what}", labels, value)
        self._page.clear("inference_pool_per_pod_queue_size")
        for (pod, _, _), state in zip(places, states, strict=True):
            of_pod = (*labels, ("model_server_pod", pod))
            self._page.set("inference_pool_per_pod_queue_size", of_pod, round(state[0]))
        for _, address, port in places:
            self._pass_by(loads, address, port)

    def _pass_by(self, loads: Loads, address: str, port: int) -> None:
        """Requests of the unseen load went through this picker, too."""
        engine = loads.at(address, port)
        if engine is None or engine.serving is None:
            return
        serving = engine.serving
        until, ended = serving.unseen_since(self._read_until.get(id(serving), 0))
        self._read_until[id(serving)] = until
        for one in ended:
            self._take(serving.settings.names[0], one)

    def _take(self, model: str, one: Finished) -> None:
        labels, page = of_model(model), self._page
        page.add("inference_objective_request_total", _with_priority(model))
        seen_by: dict[str, float] = {
            "request_duration_seconds": one.total,
            "request_ttft_seconds": one.first_token,
            "normalized_time_per_output_token_seconds": one.total / one.output,
            "input_tokens": one.prompt,
            "output_tokens": one.output,
        }
        for name, value in seen_by.items():
            page.observe(f"inference_objective_{name}", labels, value)
        if one.is_error:
            self.failed(model, "ModelServerError")


def _with_priority(model: str) -> Labels:
    return (*of_model(model), ("priority", "0"))
