// What htmx cannot do for a try: read a stream that is asked for once, show it as text, stop it.
"use strict";

(() => {
  const form = document.getElementById("try-form");
  if (!form) return;

  const part = (name) => document.getElementById(`try-${name}`);
  const [answer, said, thought, problem] = ["answer", "said", "thought", "problem"].map(part);
  const [status, stop] = [part("status"), part("stop")];
  const send = form.querySelector('[type="submit"]');
  let running = null;

  send.disabled = false;
  status.textContent = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  stop.addEventListener("click", () => running && running.abort());

  async function attempt() {
    if (running) return;
    running = new AbortController();
    begin();
    try {
      const asked = new URLSearchParams(new FormData(form));
      const ticket = await ticketFor(asked, running.signal);
      asked.delete("csrfmiddlewaretoken");
      asked.set("ticket", ticket);
      await read(await post(form.dataset.stream, asked, running.signal));
    } catch (error) {
      if (error.name === "AbortError") status.textContent = "Stopped by you.";
      else refuse(error.sentence || "The console cannot be reached. Try again when it is back.");
    } finally {
      running = null;
      end();
    }
  }

  async function ticketFor(asked, signal) {
    const response = await fetch(form.action, { method: "POST", body: asked, signal });
    if (response.status === 401) {
      document.dispatchEvent(new CustomEvent("signed-out"));
      throw refused("You are signed out. Sign in in another tab, and try it again here: your prompt stays.");
    }
    const is_json = (response.headers.get("Content-Type") || "").includes("json");
    if (!is_json) throw refused("This page is too old. Load it again, and sign in if asked to.");
    const told = await response.json();
    if (!response.ok) throw refused(told.sentence);
    return told.ticket;
  }

  async function post(address, body, signal) {
    const response = await fetch(address, { method: "POST", body, signal });
    if (!response.ok) throw refused(await response.text());
    return response;
  }

  async function read(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      events.forEach(take);
    }
  }

  function take(event) {
    const [, name, data] = event.match(/^event: (\w+)\ndata: (.*)$/) || [];
    if (!name) return;
    const told = JSON.parse(data);
    if (name === "said") {
      said.append(told.text);
      thought.append(told.thought);
      thought.hidden = !thought.textContent;
      status.textContent = "The answer is coming.";
    } else if (name === "figures") show(told);
    else if (name === "problem") refuse(told.sentence);
  }

  function show(figures) {
    for (const [name, text] of Object.entries(figures)) {
      answer.querySelector(`[data-figure="${name}"]`).textContent = text;
    }
  }

  function refused(sentence) {
    return Object.assign(new Error(sentence), { sentence });
  }

  function refuse(sentence) {
    problem.textContent = sentence;
    problem.hidden = false;
    status.textContent = "";
  }

  function begin() {
    for (const place of answer.querySelectorAll("[data-figure]")) place.textContent = "";
    for (const place of [said, thought, problem]) place.textContent = "";
    thought.hidden = problem.hidden = true;
    answer.hidden = stop.hidden = false;
    answer.setAttribute("aria-busy", "true");
    send.setAttribute("aria-disabled", "true"); // and not `disabled`: it keeps the focus
    status.textContent = "Waiting for the first token.";
  }

  function end() {
    if (document.activeElement === stop) send.focus();
    stop.hidden = true;
    send.removeAttribute("aria-disabled");
    answer.removeAttribute("aria-busy");
    if (!problem.hidden || status.textContent.startsWith("Stopped")) return;
    status.textContent = `Answered at ${new Date().toTimeString().slice(0, 5)}.`;
  }
})();
