import { usualTopics } from "../../core/devices/relays/topics.ts";

/** An empty topic shows what it stands for: the form of the make that is chosen. */
limen.extend("relay-out", {
  prepare(_node, { read, onChange }) {
    const show = (): void => {
      const usual = (usualTopics as Record<string, string>)[String(read("drive"))] ?? "";
      $("#node-input-topic").attr("placeholder", usual);
    };
    onChange(show);
    show();
  },
});
