"""The same request for a shell and for Python: text that says exactly what was asked. Pure."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from inference.health.probing import Target
from inference.health.prompts import Prompt

_USUAL_PORT = {True: 443, False: 80}


@dataclass(frozen=True, slots=True)
class Calls:
    curl: str
    python: str


def calls(target: Target, prompt: Prompt) -> Calls:
    """Both go where the gateway is, whether or not DNS knows the route's name already."""
    body = prompt.body(target.model)
    return Calls(_curl(target, body), _python(target, body))


def _curl(target: Target, body: dict[str, Any]) -> str:
    """The name stays in the address: the gateway routes by it, and a certificate is for it."""
    ip = f"[{target.address}]" if ":" in target.address else target.address
    return " \\\n  ".join(
        [
            f"curl --no-buffer {shlex.quote(_base(target, target.hostname) + '/chat/completions')}",
            f"--resolve {shlex.quote(f'{target.hostname}:{target.port}:{ip}')}",
            "--header 'Content-Type: application/json'",
            f"--data {shlex.quote(json.dumps(body, ensure_ascii=False))}",
        ]
    )


def _python(target: Target, body: dict[str, Any]) -> str:
    """Over TLS the name has to lead there; else the address does, with the name beside it."""
    if target.is_tls:
        base, headers = _base(target, target.hostname), ""
    else:
        host = f"[{target.address}]" if ":" in target.address else target.address
        base = _base(target, host)
        headers = f'\n    default_headers={{"Host": {target.hostname!r}}},'
    arguments = "".join(f"    {name}={value!r},\n" for name, value in body.items())
    return (
        "from openai import OpenAI\n\n"
        f'client = OpenAI(\n    base_url={base!r},\n    api_key="unused",{headers}\n)\n'
        f"answer = client.chat.completions.create(\n{arguments})\n"
        "for chunk in answer:\n"
        "    for choice in chunk.choices:\n"
        '        print(choice.delta.content or "", end="", flush=True)\n'
    )


def _base(target: Target, host: str) -> str:
    scheme = "https" if target.is_tls else "http"
    port = "" if target.port == _USUAL_PORT[target.is_tls] else f":{target.port}"
    return f"{scheme}://{host}{port}{target.path_prefix}/v1"
