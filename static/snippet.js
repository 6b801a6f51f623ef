/*
 * Zählwerk's snippet: it counts, it does not follow. Licence: EUPL-1.2.
 *
 *   <script defer src="https://stats.example/snippet.js" data-site="www.marburg.de"></script>
 *
 * It writes nothing to the device. It reads the page's own address, document.referrer and what the page's author
 * annotated; nothing of the device, and nothing of what somebody types. It never throws into the page. `make assets`
 * builds static/build/snippet.min.js, and a test keeps that at 1,100 bytes (brotli) at most: where a line looks terse,
 * or stands in an odd order, that is why.
 */
try {
  const early = window.zaehlwerk; // the page's one-line stub with the calls made so far, if any
  const script = document.currentScript;

  // Sending

  const track = (n, p, k = "event") => {
    send({ k, n, p });
  };

  /** Hand a beacon to the browser; on a prerendered page as soon as somebody sees it. Never rejects. */
  const send = async (message) => {
    try {
      const endpoint = new URL("beacon", script.src);
      const body = JSON.stringify({ s: script.dataset.site, u: current, ...message });
      if (document.prerendering) await new Promise((shown) => on("prerenderingchange", shown));
      try {
        if (navigator.sendBeacon(endpoint, body)) return;
      } catch {}
      await fetch(endpoint, { body, method: "POST", keepalive: true });
    } catch {}
  };

  // The server refuses addresses over 2,000 bytes; a shortened one still has its path.
  const here = () => location.href.replace("hash" in script.dataset ? "" : /#.*/, "").slice(0, 2000);

  /** Listen before the page does. What goes wrong in a handler stays in it: some rely on that to end. */
  const on = (types, handler) =>
    types.split(" ").map((type) =>
      addEventListener(
        type,
        (event) => {
          try {
            handler(event);
          } catch {}
        },
        true,
      ),
    );

  // Views and attention

  const view = (extra) => {
    send({ r: current, u: (current = here()), ...extra });
  };

  /** Call `navigated` after each call of history's method `name`. */
  const watch = (name, ignored) => {
    const original = history[name];
    history[name] = (...values) => [original.apply(history, values), navigated(ignored)][0];
  };

  /** Count a view if the address differs from the last one in more than what `ignored` matches. */
  const navigated = (ignored) => {
    if (here().replace(ignored, "") != current.replace(ignored, "")) view(leave());
  };

  let attention = 0; // seconds, not sent yet

  const leave = () => {
    look();
    if (attention) send({ k: "leave", d: attention });
    attention = 0;
  };

  const notFound = document.querySelector("[data-not-found],[content=not-found]") && { p: { not_found: true } };

  let current = document.referrer; // from the first view on: the address of the last view

  // Forms

  /** Tell the steps and outcomes in the page that were not there when it was last looked at. */
  const look = () => {
    before = shown;
    shown = {};
    named = 0;
    for (const kind in track) // step, outcome
      for (const element of document.querySelectorAll("[data-zw-" + kind + "]:not([hidden] *,[hidden])"))
        report(element, kind);
  };

  let shown = {}; // what has been told since the last look, or was still there

  /**
   * What the author wrote as data-zw-`name` on the element or around it. A form's own `closest` may be hidden by a field
   * of that name. So may `attributes`: then the form is not counted.
   */
  const noted = (element, name) =>
    script.closest.call(element, "[data-zw-" + name + "]")?.attributes["data-zw-" + name]?.value;

  let before = {}; // the same, at the look before

  /** Tell a step or an outcome; with an `id`, something that happened at it. Each only once between two looks. */
  const report = (element, kind, extra, id) => {
    const form = noted(element, "form");
    const value = noted(element, kind);
    const key = [kind, form, value, id];
    if (value)
      shown[key] ||=
        before[id || key] ||
        track[kind](form, value, {
          of: +noted(element, "steps") || undefined,
          auth: noted(element, "auth"),
          assurance: noted(element, "assurance"),
          payment_status: noted(element, "payment-status"),
          payment: noted(element, "payment"),
          ...extra,
        }) ||
        1;
  };

  let named = 0; // errors of named fields since the last look

  // A first copy of the snippet on this page has left its mark.
  if (!early?.on) {
    view(notFound); // first of all: if this throws, nothing has been hung into the page yet
    track.step = (form, step, p) => track(form, { step, ...p }, "step");
    track.outcome = (form, outcome, p) => track(outcome, { form, ...p }, "outcome");
    early?.q?.map((call) => track(...call));
    track.on = window.zaehlwerk = track;

    // Once a second, look at the page and whether it has attention. No clock is read; a page that sleeps is not counted.
    setInterval(() => {
      look();
      document.hidden || (attention += document.hasFocus());
    }, 1000);

    on("pagehide load visibilitychange", leave);
    on("pageshow", (event) => event.persisted && view(notFound, (shown = {})));

    on("click auxclick submit", (event) => {
      look(); // a step may be shown and left within a second
      if (event.button > 1) return;
      const [target] = event.composedPath(); // also inside an open shadow tree

      // A submit event has no button. A click into an annotated form is not yet its event.
      const annotated = target.closest(
        (event.button + 1 ? ":not(form)" : (report(target, "step", { done: true }, 1), "form")) + "[data-zw-event]",
      );
      if (annotated) {
        const properties = {};
        for (const attribute of annotated.attributes) {
          const [, key] = attribute.name.split("data-zw-event-");
          if (key) properties[key] = attribute.value;
        }
        track(noted(annotated, "event"), properties);
      }

      const link = target.closest("area,a"); // where there is none, the next line ends the handler
      const url = new URL(link.href.baseVal ?? link, location); // baseVal: a link in an SVG
      const name = /\.(pdf|zip|csv|txt|ics|(doc|xls|ppt|gp)x?|od.|mp.|xml|epub)$/i.test(url.pathname)
        ? "download"
        : url.host != location.host && "outbound";
      if (name && /^http/.test(url)) track(name, { url: url.origin + url.pathname });
    });

    // Fields are refused one after the other: wait for all, as those without a name count only if there are no others.
    on("zw-error invalid", ({ detail, target }) => {
      const p = { error: "invalid", field: noted(target, "field"), ...detail };
      if (p.field) named++;
      if (named < 11)
        setTimeout(() => {
          if (p.field || !named) report(target, "step", p, ":" + p.field);
        });
    });

    watch("pushState");
    watch("replaceState", /\?[^#]*/);
    on("popstate", navigated); // the event, taken as text, matches nothing
  }
} catch {}
