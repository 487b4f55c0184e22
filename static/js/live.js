// What htmx cannot do for a live page: say how live it is, pause it, grey what is old, poll instead.
(() => {
  "use strict";

  const live = document.getElementById("live");
  if (!live || !window.htmx) return;

  const GREY_AFTER = 30000; // nothing heard for so long: what the page shows may no longer be so
  const POLL_AFTER = 8000; // without a stream for so long: ask now and then
  const POLL_EVERY = 5000;
  const FINAL = { 401: "signed-out", 404: "gone" };
  const WORDS = {
    connecting: "Connecting",
    live: "Live",
    polling: "Every 5 s",
    paused: "Paused",
    lost: "No connection",
    "signed-out": "Signed out",
    gone: "Not there any more",
  };

  const AGED = ["live", "lost"]; // with how long ago something was heard

  const word = live.querySelector("[data-word]");
  const age = live.querySelector("[data-age]"); // apart: nobody wants each second read out
  const asker = live.querySelector("[data-asks]");
  const pause = document.getElementById("live-pause");
  let state = "connecting";
  let heardAt = Date.now();
  let streamedAt = Date.now();
  let polledAt = 0;
  let ahead = 0; // milliseconds by which this clock is ahead of the server's
  let tag = "";
  let isPaused = false;
  let isStreaming = false;
  let again = 500;

  function enter(next) {
    state = next;
    say();
  }

  function say() {
    const shown = isPaused && state !== "signed-out" ? "paused" : state;
    const seconds = Math.round((Date.now() - heardAt) / 1000);
    live.dataset.state = shown;
    write(word, WORDS[shown]);
    write(age, AGED.includes(shown) ? `, ${span(seconds)}` : "");
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function heard() {
    heardAt = Date.now();
    for (const element of document.querySelectorAll("[data-unheard]")) {
      element.classList.remove("is-stale");
      delete element.dataset.unheard;
    }
  }

  // --- The stream -----------------------------------------------------------------------------

  live.addEventListener("htmx:sse:after:connection", () => {
    isStreaming = true;
    streamedAt = Date.now();
    again = 500;
    heard();
    enter("live");
  });

  live.addEventListener("htmx:sse:before:connection", (event) => {
    if (Object.values(FINAL).includes(state)) event.preventDefault();
  });

  live.addEventListener("htmx:sse:before:message", (event) => {
    const { data, event: name } = event.detail.message;
    streamedAt = Date.now();
    heard();
    if (state === "lost") enter("live"); // it had only been silent
    if (name === "beat") ahead = Date.now() - Number(data);
    else if (isPaused && (!name || name.startsWith("changed-"))) event.preventDefault();
    say();
  });

  live.addEventListener("htmx:sse:error", (event) => {
    isStreaming = false;
    enter(FINAL[event.detail.status] || "connecting");
  });

  live.addEventListener("htmx:sse:close", connectAgain);
  live.addEventListener("htmx:error", (event) => {
    if (event.target === live) connectAgain();
  });
  live.addEventListener("htmx:response:error", (event) => {
    if (event.target !== live) return;
    const final = FINAL[event.detail.ctx.response.status];
    if (final) enter(final);
    else connectAgain();
  });

  // Only now: htmx may have looked at the page before its extension, or this script, was there.
  function begin() {
    live.setAttribute("hx-sse:connect", live.dataset.stream);
    htmx.process(live);
    htmx.trigger(live, "reconnect");
  }

  // The extension goes on by itself once it was connected; before that, nobody does.
  function connectAgain() {
    isStreaming = false;
    if (Object.values(FINAL).includes(state)) return;
    enter("connecting");
    setTimeout(() => htmx.trigger(live, "reconnect"), again * (1 + Math.random()));
    again = Math.min(again * 2, 30000);
  }

  // --- Nothing moves under the mouse ----------------------------------------------------------

  // Rows of what is data-still come and go: not while somebody points at them, or stands in them.
  const STILL = "[data-still]:is(:hover, :focus-within)";
  let isHeld = false;

  document.addEventListener("htmx:before:swap", (event) => {
    const { tasks } = event.detail;
    for (let place = tasks.length - 1; place >= 0; place--) {
      const { target } = tasks[place];
      if (target instanceof Element && target.matches(STILL)) {
        tasks.splice(place, 1);
        isHeld = true;
      }
    }
  });

  function letGo() {
    if (!isHeld || isPaused || document.querySelector(STILL)) return;
    isHeld = false;
    tag = "";
    ask();
  }

  // --- Asking instead, and after a pause ------------------------------------------------------

  function ask() {
    polledAt = Date.now();
    const headers = tag ? { "If-None-Match": tag } : {};
    htmx.ajax("GET", live.dataset.now, { source: asker, target: asker, swap: "none", headers });
  }

  asker.addEventListener("htmx:after:request", (event) => {
    const { response } = event.detail.ctx;
    if (response.status === 200) tag = response.headers.get("ETag") || "";
    if (response.status === 200 || response.status === 304) {
      heard();
      if (!isStreaming) enter("polling");
    } else if (FINAL[response.status]) enter(FINAL[response.status]);
  });

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      pause.querySelector("[data-pause-word]").textContent = isPaused ? "Go on" : "Pause live";
      if (!isPaused) {
        tag = "";
        ask();
      }
      say();
    });
  }

  // --- Time -----------------------------------------------------------------------------------

  function grey() {
    for (const element of document.querySelectorAll(live.dataset.parts)) {
      if (!element.classList.contains("is-stale")) {
        element.classList.add("is-stale");
        element.dataset.unheard = "";
      }
    }
  }

  // <… data-at="2026-06-01T12:00:00Z" data-stale-after="30">: grey when it is older than that.
  function greyByAge(now) {
    for (const element of document.querySelectorAll("[data-at][data-stale-after]")) {
      const age = now - ahead - Date.parse(element.dataset.at);
      element.classList.toggle("is-stale", age > Number(element.dataset.staleAfter) * 1000);
    }
  }

  function span(seconds) {
    if (seconds < 60) return `${seconds} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86400)} d`;
  }

  // <time data-ago="" datetime="…">: how long ago; with data-ago="too", beside the time itself.
  function countAges() {
    const today = new Date().toDateString();
    for (const element of document.querySelectorAll("time[data-ago]")) {
      const age = Math.floor((Date.now() - ahead - Date.parse(element.dateTime)) / 1000);
      const at = new Date(element.dateTime);
      element.setAttribute("aria-live", "off"); // it may stand in a sentence that is read out
      const clock = [at.getHours(), at.getMinutes()].map((one) => String(one).padStart(2, "0")).join(":");
      let text = `${span(Math.max(age, 0))} ago`;
      if (element.dataset.ago === "too") {
        if (age < 0 || at.toDateString() !== today) continue;
        text = `${clock} (${text})`;
      }
      if (element.textContent !== text) element.textContent = text;
    }
  }

  // Before the browser paints what was swapped in, so that nothing flickers.
  new MutationObserver(countAges).observe(document.getElementById("main"), {
    childList: true,
    subtree: true,
    characterData: true,
  });

  function tick() {
    const now = Date.now();
    const isOver = Object.values(FINAL).includes(state);
    if (!document.hidden && !isOver) {
      if (!isStreaming && now - streamedAt > POLL_AFTER && now - polledAt > POLL_EVERY) {
        if (!isPaused) ask();
      }
      if (now - heardAt > GREY_AFTER) {
        grey();
        if (state !== "polling" || now - polledAt > GREY_AFTER) enter("lost");
      }
    } else if (isOver) grey();
    greyByAge(now);
    countAges();
    letGo();
    say();
  }

  document.addEventListener("visibilitychange", () => {
    // The stream was closed while nobody looked; it has a moment to come back before all is grey.
    if (!document.hidden) heardAt = Math.max(heardAt, Date.now() - GREY_AFTER + 3000);
  });

  if (document.readyState === "complete") begin();
  else window.addEventListener("load", () => setTimeout(begin));
  setInterval(tick, 1000);
  countAges();
  say();
})();
