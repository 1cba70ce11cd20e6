import type { NodeAPI } from "node-red";
import { LimenError } from "../../core/errors.ts";
import { languages } from "../../core/words.ts";
import { say } from "../lib/errors.ts";
import { vaultOf } from "../lib/vault.ts";

/**
 * Says in the editor what a risk costs: how many residents would be refused at it, and whether the models were measured
 * that far. For those who may see flows; counts and rates, nobody's data.
 */
export default function faceThreshold(RED: NodeAPI): void {
  const vault = vaultOf(RED);
  RED.httpAdmin.get(
    "/limen/face-threshold",
    RED.auth.needsPermission("flows.read"),
    ({ query }, response) => {
      const { door, people } = query;
      const request = {
        risk: Number(query.risk),
        mode: query.mode === "1:1" ? ("1:1" as const) : ("1:N" as const),
        ...(typeof door === "string" && door !== "" ? { door } : {}),
        ...(people === undefined ? {} : { people: Number(people) }),
      };
      response.set("Cache-Control", "no-store");
      vault.call("face.threshold", request).then(
        (answer) => response.json(answer),
        (error) => {
          const language = languages.find((one) => one === query.lang) ?? "en-US";
          const status = error instanceof LimenError ? (error.status ?? 400) : 500;
          response.status(status).json({ message: say(error, language).message });
        },
      );
    },
  );
  RED.plugins.registerPlugin("limen-face-threshold", { type: "limen-face-threshold" });
}
