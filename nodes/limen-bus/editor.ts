import type { EditorNode, EditorRed } from "../lib/editor/globals.d.ts";

declare const RED: EditorRed & { i18n: { lang(): string }; nodes: { dirty(is: boolean): void } };

interface Reader {
  address: number;
  state: string;
  present: boolean;
}

/** The readers of a deployed line, each with a button that gives it a key of its own. */
limen.extend("limen-bus", {
  prepare(node: EditorNode, { read, onChange }) {
    // keys come and go by pairing too: a form that was opened before must not empty the field when it is saved
    const field = $("#node-config-input-keys");
    const row = $("<div>").addClass("form-row").insertAfter("#limen-row-readers");
    const box = $("<div>").attr("aria-live", "polite");
    row.append($("<label>").text(node._("limen-bus.pair.title")), box);

    const line = (text: string): JQuery => $("<div>").text(text);
    const list = (readers: Reader[]): void => {
      box.empty();
      for (const { address, state } of readers) {
        const said = $("<span>").text(` ${address}: ${node._(`limen-bus.pair.state-${state}`)} `);
        // a reader that works is not taken from its door: it gets a new key under the one it has
        const how = state === "online" ? "own" : "public";
        const button = $("<button>")
          .attr({ type: "button", class: "red-ui-button red-ui-button-small" })
          .text(node._(how === "own" ? "limen-bus.pair.new-key" : "limen-bus.pair.button"));
        button.on("click", () => pair(address, how, button, said));
        $("<div>").append(said, button).appendTo(box);
        hint(how === "own" ? "new-key-hint" : "hint").appendTo(box);
      }
    };
    const hint = (key: string): JQuery =>
      $("<div>")
        .addClass("limen-hint")
        .text(node._(`limen-bus.pair.${key}`));
    const load = (): void => {
      $.getJSON(`limen/osdp/${node.id}`)
        .done(({ readers }: { readers: Reader[] }) => list(readers))
        .fail(() => box.empty().append(line(node._("limen-bus.pair.deploy-first"))));
    };
    const pair = (address: number, how: "own" | "public", button: JQuery, said: JQuery): void => {
      box.find("button").prop("disabled", true);
      said.text(` ${address}: ${node._(`limen-bus.pair.running${how === "own" ? "-own" : ""}`)} `);
      $.ajax({
        url: `limen/osdp/${node.id}/${address}/pair?under=${how}&lang=${encodeURIComponent(RED.i18n.lang())}`,
        type: "POST",
        timeout: 90_000,
      })
        .done(() => {
          field.val("__PWRD__"); // as the field stands for a key that is kept
          RED.nodes.dirty(true);
          said.text(` ${address}: ${node._("limen-bus.pair.done")} `);
        })
        .fail((response: { responseJSON?: { message?: string } }) => {
          const why = response.responseJSON?.message ?? node._("limen-bus.pair.failed");
          said.text(` ${address}: ${why} `);
        })
        .always(() => box.find("button").prop("disabled", false));
      button.trigger("blur");
    };

    const show = (): void => {
      const osdp = read("kind") === "osdp";
      row.toggle(osdp);
      $("#limen-row-keys").toggle(osdp);
    };
    onChange(show);
    show();
    if (read("kind") === "osdp") load();
  },
});
