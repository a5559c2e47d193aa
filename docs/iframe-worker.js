// The site's search runs in a Worker, which browsers refuse to a page that was opened from the disk.
// There, the same script runs in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #frame = document.createElement("iframe");
    #loaded;

    constructor(address) {
      super();
      this.#frame.hidden = true;
      document.documentElement.append(this.#frame);
      const scope = this.#frame.contentWindow;
      scope.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.#loaded = new Promise((resolve, reject) => {
        const script = scope.document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = reject;
        scope.document.head.append(script);
      });
    }

    postMessage(data) {
      const scope = this.#frame.contentWindow;
      this.#loaded.then(() => scope.dispatchEvent(new scope.MessageEvent("message", { data })));
    }

    terminate() {
      this.#frame.remove();
    }
  };
}
