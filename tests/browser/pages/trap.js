/*
 * Runs before the page: every property and method that the snippet must not touch notes its name in
 * `window.trapped` when a script called snippet.js reads, calls or writes it, and works as before otherwise.
 */
(() => {
  const trapped = [];
  const untrappable = [];

  const note = (label) => {
    if (new Error().stack.includes("/snippet.js")) trapped.push(label);
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
        note(label);
        return own.get ? own.get.call(this) : own.value;
      },
      set(value) {
        note(`${label} =`);
        if (own.set) own.set.call(this, value);
        else own.value = value;
      },
    });
  };

  const trapAll = (object, label, allowed = []) => {
    for (const property of Object.getOwnPropertyNames(object)) {
      if (property !== "constructor" && !allowed.includes(property)) trap(object, property, `${label}.${property}`);
    }
  };

  const trapSome = (object, label, properties) => {
    for (const property of properties.split(" ")) trap(object, property, label + property);
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
  trapSome(HTMLInputElement.prototype, "input.", "value checked files defaultValue");
  trapSome(HTMLTextAreaElement.prototype, "textarea.", "value defaultValue");
  trapSome(HTMLSelectElement.prototype, "select.", "value selectedIndex options");
  trapSome(HTMLFormElement.prototype, "form.", "elements");
  trapSome(Element.prototype, "element.", "getBoundingClientRect clientWidth scrollTop innerHTML outerHTML");
  trapSome(HTMLElement.prototype, "element.", "innerText offsetWidth style");
  trapSome(Node.prototype, "node.", "textContent");
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
