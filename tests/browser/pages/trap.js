/*
 * Runs before the page: every property and method that the snippet must not touch notes its name in
 * `window.trapped` when a script called snippet.js reads, calls or writes it, and works as before otherwise.
 * `window.trapping` may name another script, labels that are allowed to it, and elements that are its own.
 */
(() => {
  const trapped = [];
  const untrappable = [];
  const { script = "/snippet.js", allowed = [], owns = () => false } = window.trapping ?? {};

  const note = (label, object) => {
    if (allowed.includes(label) || owns(object)) return;
    if (new Error().stack.includes(script)) trapped.push(label);
  };

  const trap = (object, property, label) => {
    const own = Object.getOwnPropertyDescriptor(object, property);
    if (!own?.configurable) {
      untrappable.push(label);
      return;
    }
    Object.defineProperty(object, property, {
      configurable: true,
      enumerable: own.enumerable,
      get() {
        note(label, this);
        return own.get ? own.get.call(this) : own.value;
      },
      set(value) {
        note(`${label} =`, this);
        if (own.set) own.set.call(this, value);
        else own.value = value;
      },
    });
  };

  const trapAll = (object, label, allowed = []) => {
    for (const property of Object.getOwnPropertyNames(object)) {
      if (/^constructor$|^[A-Z_]+$/.test(property) || allowed.includes(property)) continue; // [A-Z_]: a constant
      trap(object, property, `${label}.${property}`);
    }
  };

  const trapSome = (object, label, properties) => {
    for (const property of properties.split(" ")) trap(object, property, label + property);
  };

  /** Attributes may be read, but only those in which the page's author speaks to the snippet. */
  const trapAuthors = (object, property) => {
    const own = Object.getOwnPropertyDescriptor(object, property);
    const noteName = (name) => name.startsWith("data-zw-") || note(`attribute ${name}`);
    const replaced = own.get
      ? { get() { noteName(this.name); return own.get.call(this); } }
      : { value(name) { noteName(name); return own.value.call(this, name); } };
    Object.defineProperty(object, property, { ...own, ...replaced });
  };

  trapAll(Navigator.prototype, "navigator", ["sendBeacon"]);
  trapAll(Screen.prototype, "screen");
  trapAll(Storage.prototype, "storage");
  trapAll(Date.prototype, "Date");
  trapAll(Intl, "Intl");
  trapAll(HTMLCanvasElement.prototype, "canvas");
  trapAll(MouseEvent.prototype, "mouse", ["button"]);
  trapAll(Performance.prototype, "performance");
  trapSome(History.prototype, "history.", "length state");
  trapSome(Document.prototype, "document.", "cookie title fonts lastModified domain characterSet scripts forms");
  // Everything of every control: value, checked, files, name, type, validity, selectedOptions, form, …
  trapAll(HTMLInputElement.prototype, "input");
  trapAll(HTMLTextAreaElement.prototype, "textarea");
  trapAll(HTMLSelectElement.prototype, "select");
  trapAll(HTMLOptionElement.prototype, "option");
  trapAll(HTMLButtonElement.prototype, "button");
  trapAll(HTMLFieldSetElement.prototype, "fieldset");
  trapAll(HTMLOutputElement.prototype, "output");
  trapAll(HTMLLabelElement.prototype, "label");
  trapAll(HTMLFormElement.prototype, "form");
  trapAll(HTMLFormControlsCollection.prototype, "controls");
  trapAll(HTMLOptionsCollection.prototype, "options");
  trapAll(RadioNodeList.prototype, "radios");
  trapAll(ValidityState.prototype, "validity");
  trapAll(FileList.prototype, "files");
  trapAll(FormData.prototype, "FormData");
  trapAll(InputEvent.prototype, "typed");
  trapAll(KeyboardEvent.prototype, "key");
  trapAll(SubmitEvent.prototype, "submit");
  trapSome(Element.prototype, "element.", "id className getBoundingClientRect clientWidth scrollTop innerHTML outerHTML");
  trapSome(HTMLElement.prototype, "element.", "innerText offsetWidth style title");
  trapSome(Node.prototype, "node.", "textContent nodeValue cloneNode childNodes firstChild");
  trapAuthors(Attr.prototype, "value");
  trapAuthors(Element.prototype, "getAttribute");
  trapSome(
    window,
    "",
    "screen localStorage sessionStorage indexedDB caches cookieStore name matchMedia getComputedStyle " +
      "visualViewport innerWidth innerHeight outerWidth outerHeight screenX screenY screenLeft screenTop scrollX scrollY " +
      "pageXOffset pageYOffset devicePixelRatio performance crypto speechSynthesis Date Intl FormData Notification " +
      "AudioContext OfflineAudioContext OffscreenCanvas RTCPeerConnection WebGLRenderingContext Image Worker SharedWorker " +
      "BroadcastChannel WebSocket XMLHttpRequest EventSource",
  );
  // Not trapped: `navigator` itself, through which sendBeacon is reached; what is read of it is, above.
  Object.assign(window, { trapped, untrappable });
})();
