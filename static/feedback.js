/*
 * Zählwerk's feedback: a quiet button, or a block at the end of a form, that asks and listens. Licence: EUPL-1.2.
 *
 *   <script defer src="https://stats.example/feedback.js" data-site="www.marburg.de" data-service="hundesteuer"
 *           data-category="procedure"></script>
 *
 * It writes nothing to the device and reads nothing of it; of the page it reads the address and what the page's author
 * annotated. It lives in closed shadow trees, so that neither the page's styles nor scripts that record what happens on
 * a page get into it. `npm run assets` builds static/build/feedback.<language>.min.js: it puts in STYLE
 * (static/feedback/feedback.css), LANGUAGE and TEXTS (static/feedback/<language>.json); a test keeps each at 4,096
 * bytes (brotli) at most.
 */
try {
  const LIMIT = 1200; // characters of the text
  const QUICK = 2100; // milliseconds; the server takes whatever is faster for a machine
  const DETAILS = {
    easy: TEXTS.detail_easy,
    clear: TEXTS.detail_clear,
    current: TEXTS.detail_current,
    complete: TEXTS.detail_complete,
    quick: TEXTS.detail_quick,
  };

  const script = document.currentScript;
  const style = new CSSStyleSheet(); // unlike a style element, a strict Content-Security-Policy allows it
  style.replaceSync(STYLE);

  /** Milliseconds, for differences only. */
  const now = () => new Event("").timeStamp;

  /** A new element. Strings among the children become text nodes, so that Trusted Types have nothing to object to. */
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
  };

  const button = (label, onclick, kind = "") =>
    Object.assign(element("button", { type: "button", class: kind }, label), { onclick });

  const heading = () => element("h2", { tabindex: -1 }, TEXTS.title);

  // Questions

  /** A group of radio buttons; `answers` maps what is sent to what is shown. */
  const question = (name, answers, ...legend) => {
    const labels = Object.keys(answers).map((value) =>
      element("label", {}, element("input", { type: "radio", name, value }), answers[value]),
    );
    return element("fieldset", {}, element("legend", {}, ...legend), element("div", {}, ...labels));
  };

  const graded = (name, ...legend) => question(name, { 1: "1", 2: "2", 3: "3", 4: "4", 5: "5" }, ...legend);

  const hint = (text, id) => element("span", { id, class: "hint" }, text);

  const RATED = {
    procedure: TEXTS.rating_procedure,
    assistance: TEXTS.rating_assistance,
  };

  const questions = ({ category, details }) => [
    ...(RATED[category] ? [] : [question("f", { yes: TEXTS.yes, partly: TEXTS.partly, no: TEXTS.no }, TEXTS.found)]),
    graded("r", RATED[category] || TEXTS.rating_information, hint(TEXTS.scale, "scale")),
    ...(details == null
      ? []
      : [
          element(
            "fieldset",
            {},
            element("legend", {}, TEXTS.details),
            ...Object.keys(DETAILS).map((code) => graded(code, DETAILS[code])),
          ),
        ]),
  ];

  /** Fill `place` with the questions; once they are answered and kept, call `done` and show the receipt there. */
  const ask = (place, options, done) => {
    const shown = now();
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-"); // by which a second try is known as such
    let sending;

    const text = element("textarea", {
      name: "t",
      dir: "auto",
      rows: 4,
      maxlength: LIMIT,
      "aria-describedby": "notice left",
    });
    const left = hint("", "left");
    const status = element("p", { role: "status" });
    const send = element("button", { class: "strong" }, TEXTS.send);
    const form = element(
      "form",
      {},
      ...questions(options),
      element("label", { class: "text" }, TEXTS.text, text),
      hint(TEXTS.notice, "notice"),
      left,
      element("input", { name: "h", class: "trap", tabindex: -1, autocomplete: "off", "aria-hidden": true }),
      send,
      status,
    );

    (form.oninput = () => {
      left.textContent = TEXTS.left.replace("{n}", LIMIT - text.value.length);
    })();

    form.onsubmit = async (event) => {
      event.preventDefault();
      if (sending) return;
      const answers = Object.fromEntries(new FormData(form));
      if (!Object.values(answers).join("").trim()) {
        status.textContent = TEXTS.missing;
        form.querySelector("input").focus();
        return;
      }
      sending = true;
      status.textContent = TEXTS.sending;
      await new Promise((over) => setTimeout(over, QUICK - now() + shown));
      const outcome = await deliver(message(options, answers, { i: id, w: Math.round(now() - shown) }));
      sending = false;
      if (outcome.receipt) {
        done?.();
        thank(form, outcome);
        return;
      }
      status.textContent = outcome;
      send.textContent = TEXTS.again;
    };

    place.append(form);
  };

  // Sending

  /** The body of POST /feedback; docs/feedback.md explains it. */
  const message = ({ site, service, category, moment }, { r, f, t, h, ...graded }, more) => {
    const details = {};
    for (const code in graded) details[code] = +graded[code];
    return JSON.stringify({
      s: site,
      v: service,
      c: RATED[category] ? category : "information",
      u: location.href.slice(0, 2000),
      r: +r || undefined,
      f,
      t,
      m: moment,
      l: LANGUAGE,
      d: details,
      h,
      ...more,
    });
  };

  /** Send it; returns what was kept, or a text that says why nothing was. Never rejects. */
  const deliver = async (body) => {
    try {
      const response = await fetch(new URL("feedback", script.src), {
        method: "POST",
        body,
        credentials: "omit",
        keepalive: true,
        signal: AbortSignal.timeout(20000),
      });
      if (response.status == 201) return await response.json();
      if (response.status == 202) return TEXTS.dropped;
      if (response.status == 429) return TEXTS.busy;
    } catch {}
    return TEXTS.failed;
  };

  // The receipt

  const thank = (form, { receipt, masked, text }) => {
    const page = new URL("feedback/receipt?lang=" + LANGUAGE, script.src);
    const thanks = element("p", { tabindex: -1 }, TEXTS.thanks);
    const code = (kind) => element(kind, { dir: "ltr" }, receipt);
    const paper = element("iframe", { "aria-hidden": true, tabindex: -1, title: TEXTS.print });
    const printed = () => {
      const { body } = paper.contentDocument;
      body.dir = TEXTS.dir;
      body.replaceChildren(TEXTS.receipt, code("h1"), TEXTS.receipt_hint, element("p", { dir: "ltr" }, page));
      paper.contentWindow.print();
    };
    form.replaceWith(
      thanks,
      ...(masked ? [element("p", {}, TEXTS.masked), element("blockquote", { dir: "auto" }, text)] : []),
      element("p", {}, TEXTS.receipt, code("code")),
      element("p", {}, TEXTS.receipt_hint),
      button(TEXTS.print, printed),
      element("a", { href: page, target: "_blank", rel: "noreferrer" }, TEXTS.receipt_link),
      paper,
    );
    thanks.focus();
  };

  // Where it is shown

  /** Give `host` a shadow tree with these children, in the widget's language. */
  const grow = (host, label, options, ...children) => {
    const root = host.attachShadow({ mode: "closed" });
    root.adoptedStyleSheets = [style];
    root.append(
      element(
        "section",
        { lang: TEXTS.lang, dir: TEXTS.dir, class: options.scheme || "", "aria-label": label },
        ...children,
      ),
    );
    for (const type of ["keydown", "keypress", "keyup"]) // the page's shortcuts are not meant
      root.addEventListener(type, (event) => event.stopPropagation());
  };

  const seen = new WeakSet();

  /** Fill the page's blocks that are new. */
  const look = () => {
    for (const host of document.querySelectorAll("[data-zw-feedback]")) {
      if (seen.has(host)) continue;
      seen.add(host);
      const options = { ...script.dataset, ...host.dataset };
      const place = element("div", { class: "block" }, heading());
      ask(place, options);
      try {
        grow(host, TEXTS.title, options, place);
      } catch {} // an element that can have no shadow tree stays as it is
    }
  };

  if (!document.querySelector("zw-feedback")) {
    // Not there yet: this is the only copy on the page
    const dialog = element("dialog", { "aria-label": TEXTS.title });
    const asked = new Map(); // opener → what is asked there, with what was typed

    const open = (by, options) => {
      let place = asked.get(by);
      if (!place) {
        place = element("div");
        ask(place, options, () => asked.delete(by)); // afterwards it is asked anew
        asked.set(by, place);
      }
      dialog.replaceChildren(
        element("div", { class: "head" }, heading(), button(TEXTS.close, () => dialog.close())),
        place,
      );
      dialog.showModal();
      dialog.querySelector("h2").focus();
    };

    const host = element("zw-feedback");
    const { inline } = script.dataset;
    const corner = button(TEXTS.open, () => open(host, script.dataset), "corner");
    grow(host, TEXTS.open, script.dataset, ...(inline == null ? [corner] : []), dialog);
    document.body.append(host);
    if (inline != null && !script.closest("head")) script.after(element("div", { "data-zw-feedback": "" }));

    // A link by which somebody gives up leads to the page without JavaScript where this does not run.
    addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-zw-feedback-open]");
      if (!link) return;
      open(link, { ...script.dataset, moment: "abandoned", ...link.dataset });
      event.preventDefault();
    });

    look();
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  }
} catch {}
