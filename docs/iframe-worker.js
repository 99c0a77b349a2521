// Search from the disk: browsers refuse workers to pages that no server sent, so a hidden frame stands in for one.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      const inner = this.frame.contentWindow;
      this.hear = (event) => {
        if (event.source !== inner) return;
        const message = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(message);
        if (this.onmessage) this.onmessage(message);
      };
      window.addEventListener("message", this.hear);
      inner.document.open();
      inner.document.write(
        `<script>postMessage = (message) => parent.postMessage(message, "*")</script><script src="${url}"></script>`,
      );
      inner.document.close();
      this.ready = new Promise((resolve) => inner.addEventListener("load", resolve));
    }

    postMessage(data) {
      const inner = this.frame.contentWindow;
      this.ready.then(() => inner.dispatchEvent(new inner.MessageEvent("message", { data })));
    }

    terminate() {
      window.removeEventListener("message", this.hear);
      this.frame.remove();
    }
  };
}
