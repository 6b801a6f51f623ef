/*
 * Zählwerk's snippet: it counts, it does not follow. Licence: EUPL-1.2.
 *
 *   <script defer src="https://stats.example/snippet.js" data-site="www.marburg.de"></script>
 *
 * It writes nothing to the device. It reads the page's own address, document.referrer and what the page's author
 * annotated; nothing of the device. It never throws into the page. `make assets` builds static/build/snippet.min.js,
 * and a test keeps that under 800 bytes (brotli): where a line looks terse, that is why.
 */
try {
  const early = window.zaehlwerk; // the page's one-line stub with the calls made so far, if any
  const script = document.currentScript;
  const notFound = document.querySelector("[data-not-found],[name=zaehlwerk][content=not-found]") && {
    p: { not_found: true },
  };

  let current = document.referrer; // from the first view on: the address of the last view

  // The server refuses addresses over 2,000 bytes; a shortened one still has its path.
  const here = () => location.href.replace("hash" in script.dataset ? "" : /#.*/, "").slice(0, 2000);

  const on = (types, handler) => types.split(" ").map((type) => addEventListener(type, handler, true));

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

  const track = (n, p) => {
    send({ k: "event", n, p });
  };

  let attention = 0; // seconds, not sent yet

  const leave = () => {
    if (attention) send({ k: "leave", d: attention });
    attention = 0;
  };

  const view = (extra) => {
    leave();
    send({ r: current, u: (current = here()), ...extra });
  };

  /** Count a view if the address differs from the last one in more than what `ignored` matches. */
  const navigated = (ignored) => {
    if (here().replace(ignored, "") != current.replace(ignored, "")) view();
  };

  /** Call `navigated` after each call of history's method `name`. */
  const watch = (name, ignored) => {
    const original = history[name];
    history[name] = function () {
      const result = original.apply(this, arguments);
      navigated(ignored);
      return result;
    };
  };

  // A first copy of the snippet on this page has left its mark.
  if (!early?.on) {
    view(notFound); // first of all: if this throws, nothing has been hung into the page yet
    early?.q?.map((call) => track(...call));
    track.on = window.zaehlwerk = track;

    watch("pushState");
    watch("replaceState", /\?[^#]*/);
    on("popstate", navigated); // the event, taken as text, matches nothing
    on("pageshow", (event) => event.persisted && view(notFound));
    on("pagehide visibilitychange", leave);

    // Once a second, look whether the page has attention. No clock is read, and a page that sleeps is not counted.
    setInterval(() => document.hidden || (attention += document.hasFocus()), 1000);

    on("click auxclick submit", (event) => {
      try {
        if (event.button > 1) return;
        const [target] = event.composedPath(); // also inside an open shadow tree

        // A submit event has no button. A click into an annotated form is not yet its event.
        const annotated = target.closest((event.button + 1 ? ":not(form)" : "form") + "[data-zw-event]");
        if (annotated) {
          const properties = {};
          for (const attribute of annotated.attributes) {
            const [, key] = attribute.name.split("data-zw-event-");
            if (key) properties[key] = attribute.value;
          }
          track(annotated.getAttribute("data-zw-event"), properties);
        }

        const link = target.closest("area,a"); // where there is none, the next line ends in the catch
        const url = new URL(link.href.baseVal ?? link, location); // baseVal: a link in an SVG
        const name = /\.(pdf|zip|csv|txt|ics|(doc|xls|ppt)x?|od.|mp.|gpx|xml|epub)$/i.test(url.pathname)
          ? "download"
          : url.host != location.host && "outbound";
        if (name && /^http/.test(url)) track(name, { url: url.origin + url.pathname });
      } catch {}
    });
  }
} catch {}
