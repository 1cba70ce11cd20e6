import { writeSync } from "node:fs";
import { noticeFor } from "../core/retention/site.ts";
import { randomFrom } from "./disk-model.ts";
import { door, start, vectorOf } from "./site-writer.ts";

// One act of the vault's own services, killed where its transaction is about to be durable, or has just become so.

export const acts = ["enrol", "renew", "give", "withdraw"] as const;
export type Act = (typeof acts)[number];
export type Moment = "before" | "after";

/** What stood when the act began; said before it begins. */
export interface Stood {
  person: string;
  consent?: string;
  template?: string;
}

function act(folder: string, which: Act, moment: Moment): void {
  const site = start(folder);
  const { consents, enrol, give, log, persons, removal } = site;
  const random = randomFrom(7);
  consents.publish([noticeFor([door])]);
  const person = persons.create({ name: "Somebody" });
  const consent = which === "give" ? undefined : give(person, [door]).consent.id;
  const template = which === "renew" || which === "withdraw" ? enrol(person, vectorOf(random)) : undefined;
  writeSync(1, JSON.stringify({ person, consent, template } satisfies Record<keyof Stood, unknown>));
  const append = log.appendWith.bind(log);
  const kill = () => process.kill(process.pid, "SIGKILL");
  log.appendWith = (entries, alongside) => {
    const recorded = append(entries, () => {
      alongside?.();
      if (moment === "before") kill();
    });
    kill();
    return recorded;
  };
  if (which === "give") give(person, [door]);
  else if (which === "withdraw") removal.withdraw(consent!);
  else enrol(person, vectorOf(random));
}

if (import.meta.main) act(process.argv[2]!, process.argv[3] as Act, process.argv[4] as Moment);
